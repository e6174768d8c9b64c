"""`lentigo.calibrate`: a run, a predictions file or a bundle, each by its own stage."""

from pathlib import Path

from lentigo.config import Config
from lentigo.errors import ConfigError
from lentigo.model import kind_of
from lentigo.numbers.calibration import Calibration
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import calibrate_predictions, calibrate_run
from lentigo.stages._recalibrate import recalibrate
from lentigo.stages._run_folder import Run
from lentigo.storage import refuse_existing


def calibrate(
    source: str | Path,
    *,
    data: str | Path | None = None,
    out: str | Path | None = None,
    groups_from: str | Path | None = None,
    config: Config | None = None,
    force: bool = False,
    track: Track = silent,
) -> Calibration:
    """Return what calibration decides for a run, for a predictions file, or for a bundle on other images.

    Args:
        source: a run folder (its `calibration.json` is written), a predictions file on validation images, or a bundle.
        data: labelled images, to recalibrate a bundle to.
        out: what to write: a `calibration.json` for a predictions file, a folder for a bundle.
        groups_from: manifest or lesion table of a predictions file.
        config: what to choose; a run's own settings, or the defaults, when omitted.
        force: overwrite `out`.
        track: draws progress.

    Raises:
        ConfigError: a bundle comes without `data` and `out`, or something else comes with them.

    Example:
        >>> calibrate(predictions_csv).n_images
        4
    """
    kind = kind_of(source)
    if kind == "bundle":
        if data is None or out is None:
            raise ConfigError(
                f"{source} is a bundle: recalibrating it needs data (labelled images) and out (a folder)."
            )
        return recalibrate(source, data, out, config=config, force=force, track=track)
    if data is not None or (kind == "run" and out is not None):
        raise ConfigError("data is for a bundle, and out for a bundle or a predictions file.")
    if kind == "run":
        return calibrate_run(Run.open(source), config=config)
    if out is not None:
        refuse_existing(Path(out), force=force)
    calibration = calibrate_predictions(source, groups_from=groups_from, config=config)
    if out is not None:
        calibration.write(Path(out))
    return calibration
