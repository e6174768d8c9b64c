"""`lentigo calibrate BUNDLE --data HERE`: a finished bundle fitted to another clinic's labelled images; never torch."""

import dataclasses
import datetime as dt
import logging
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo import __version__
from lentigo.bundle.files import CARD, KNOWN_FILES, RECORD, read_bundle_folder
from lentigo.bundle.gate import fit_gate
from lentigo.bundle.known_answer import KnownAnswer
from lentigo.bundle.mapping import CalibrationMap
from lentigo.bundle.record import CALIBRATED_ON, BundleRecord
from lentigo.bundle.runtime import Bundle, Seen
from lentigo.bundle.session import Outputs
from lentigo.calibration import Calibration, ProbabilityMap
from lentigo.calibration.local import calibrate_locally
from lentigo.config import Config
from lentigo.errors import DataError, ImageError
from lentigo.evaluation.sides import to_sides, with_truth
from lentigo.images import stream_images
from lentigo.manifest import Manifest
from lentigo.packing.decided import Decided
from lentigo.packing.folder import write_bundle
from lentigo.packing.validation import limit_oddness, score_validation
from lentigo.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.runs.calibrating import groups_of
from lentigo.runs.layout import taxonomy_of
from lentigo.sources import read_data
from lentigo.storage import jsonable, refuse_foreign, sha256_of_names
from lentigo.taxonomy import Taxonomy

__all__ = ["recalibrate"]

FEW: Final = 59  # malignant lesions: with fewer, not even finding all of them shows a sensitivity of 0.95 (0.95 ** 59)

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What a bundle's network said of the images that can be read."""

    image: NDArray[np.str_]
    outputs: Outputs
    looks: list[NDArray[np.float32]]


def recalibrate(
    model: str | Path,
    data: str | Path,
    out: str | Path,
    *,
    config: Config | None = None,
    force: bool = False,
    track: Track = silent,
) -> Calibration:
    """Return how a bundle is calibrated to labelled images from elsewhere; write the bundle that it becomes to `out`.

    The network stays as it is. Probabilities, operating points, low-confidence band, input gate and the limit of the
    out-of-distribution score are fitted to these images as an export fits them to validation; the figures on test are
    dropped, as they were another bundle's. See `calibrate_locally` for the change of probabilities.

    Args:
        model: a bundle's folder, or "lentigo" for the one that is shipped.
        data: as `read_data` takes it, labelled with diagnoses or with benign and malignant. Where it has a test split,
            that is kept out, for `lentigo evaluate --data`.
        out: the folder to make.
        config: operating points, band, intervals, the side of AK and AKIEC; the defaults when left out.
        force: replace a bundle that stands at `out`.
        track: draws progress.

    Raises:
        BundleError: the bundle is damaged, or no bundle.
        DataError: the data cannot be read, or no image of theirs.
        MetricError: they hold no malignant or no benign image.

    Example:
        >>> recalibrate(bundle_folder, phantom, folder / "ours").malignant_classes
        ('malignant',)
    """
    config, place, name = config or Config(), Path(out), Path(data).resolve().name
    refuse_foreign(place, kind="bundle", is_ours={*KNOWN_FILES, RECORD}.__contains__, force=force)
    bundle, taxonomy = Bundle.load(model), taxonomy_of(config)
    manifest = _not_test(read_data(data, taxonomy=taxonomy))
    asked, sides = _with_sides(_ask(bundle, manifest, track), bundle, manifest, taxonomy)
    groups, unit = groups_of(manifest, sides)
    is_malignant = sides.target == 1
    calibration = calibrate_locally(
        _raw(asked, bundle),
        is_malignant,
        malignant=bundle.record.malignant_classes,
        before=ProbabilityMap.from_json(_as_calibration(bundle)),
        settings=config.calibrate,
        groups=None if unit == "image" else groups,
        unit=unit,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )
    _warn_of_few(len(np.unique(groups[is_malignant])), unit, name)
    about = {
        "calibrated on": f"{len(sides)} images of {name} ({int(is_malignant.sum())} malignant)"[:200],
        CALIBRATED_ON: sha256_of_names(manifest.table["image_id"].astype(str)),
    }
    decided = Decided.from_calibration(calibration.json())
    contents = read_bundle_folder(bundle.folder)[1]
    del contents[CARD]
    write_bundle(place, _refitted(bundle, decided, asked, is_malignant, about), contents, force=force)
    return calibration


def _not_test(manifest: Manifest) -> Manifest:
    """Return the images that may decide something.

    Raises:
        DataError: all of them are test images.
    """
    is_test = (manifest.table["split"] == "test").to_numpy(dtype=bool) if manifest.has_split else np.array([False])
    if not is_test.any():
        return manifest
    if is_test.all():
        raise DataError(f"all images of {manifest.origin} are test images. Calibrate on others, and evaluate on these.")
    logger.info("%d test images of %s are kept out of the calibration.", int(is_test.sum()), manifest.origin)
    return manifest.select(np.flatnonzero(~is_test))


def _ask(bundle: Bundle, manifest: Manifest, track: Track) -> _Asked:
    """Return what the network says of every image that can be read.

    Raises:
        DataError: no image can be read.
    """
    names = iter(manifest.table["image_id"].astype(str).tolist())
    image: list[str] = []
    looks: list[NDArray[np.float32]] = []
    parts: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    batches = stream_images(manifest.paths, bundle.look, batch_size=bundle.batch_size)
    for batch in track(batches, "Asking the bundle", len(manifest), unit=bundle.batch_size):
        seen: list[Seen] = []
        for one, name in zip(batch, [next(names) for _ in batch], strict=True):
            if isinstance(one, ImageError):
                logger.warning("left out: %s: %s", name, one)
                continue
            seen.append(one)
            image.append(name)
        if seen:
            outputs = bundle.network.run(np.stack([one.pixels for one in seen]))
            parts.append((outputs.logits, outputs.embedding))
            looks.extend(one.look for one in seen)
    if not image:
        raise DataError(
            f"none of the {len(manifest)} images of {manifest.origin} can be read. The log says why, image by image."
        )
    logits, embedding = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Asked(np.array(image), Outputs(logits, None, embedding), looks)


def _raw(asked: _Asked, bundle: Bundle) -> Predictions:
    shares = CalibrationMap("temperature").apply(asked.outputs.logits)
    return Predictions(asked.image, np.full(len(asked.image), -1), shares, bundle.classes)


def _with_sides(asked: _Asked, bundle: Bundle, manifest: Manifest, taxonomy: Taxonomy) -> tuple[_Asked, Predictions]:
    """Return what was said of the images that are benign or malignant, and by side, with the truth.

    Raises:
        PredictionsError: none is.
    """
    truth_of = dict(zip(manifest.table["image_id"].astype(str), manifest.table["target"], strict=True))
    truth = [truth_of[image] for image in asked.image.tolist()]
    malignant = bundle.record.malignant_classes
    judged, _ = with_truth(_raw(asked, bundle), truth, malignant=malignant, taxonomy=taxonomy)
    sides = judged if judged.classes != bundle.classes else to_sides(judged, malignant)
    rows = np.flatnonzero(np.isin(asked.image, sides.image))
    outputs = Outputs(asked.outputs.logits[rows], None, asked.outputs.embedding[rows])
    return _Asked(asked.image[rows], outputs, [asked.looks[row] for row in rows]), sides


def _warn_of_few(n_malignant: int, unit: str, name: str) -> None:
    if n_malignant < FEW:
        logger.warning(
            "%s holds %d malignant %ss. With fewer than %d, even a threshold that finds all of them is not shown to "
            "have a sensitivity of 0.95.", name, n_malignant, unit, FEW,
        )  # fmt: skip


def _as_calibration(bundle: Bundle) -> dict[str, Any]:
    """Return the bundle's change of probabilities as calibration.json holds it."""
    numbers = jsonable(bundle.record.calibration.json())
    method = numbers.pop("method")
    return {"method": method, "parameters": numbers, **numbers}


def _refitted(
    bundle: Bundle, decided: Decided, asked: _Asked, is_malignant: NDArray[np.bool_], data: dict[str, str]
) -> BundleRecord:
    """Return the record of a bundle that decides as the images from there ask for."""
    record, size = bundle.record, bundle.record.image.size
    record = dataclasses.replace(
        record,
        name=f"{record.name} (calibrated locally)"[:200],
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        lentigo=__version__,
        calibration=decided.calibration,
        operating_points=decided.operating_points,
        low_confidence=decided.low_confidence,
        prevalence=decided.prevalence,
        gate=fit_gate(np.stack(asked.looks), size),
        oddness=None if bundle.typical is None else limit_oddness(asked.outputs.embedding, bundle.typical),
        known_answer=KnownAnswer.ask(bundle.network, decided.calibration, size),
        data=record.data | data,
        metrics={},
        scores=None,
    )
    fitted = dataclasses.replace(bundle, record=record)
    scores = score_validation(fitted, asked.outputs, asked.looks, is_malignant)
    return dataclasses.replace(record, scores=scores)
