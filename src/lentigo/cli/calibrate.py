"""`lentigo calibrate`."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lentigo.cli.options import as_json, force, print_json, progress
from lentigo.config import Config

if TYPE_CHECKING:
    from lentigo.calibration import Calibration

Change = Callable[[Config], Config]


@click.command()
@click.argument("source", metavar="RUN|PREDS|BUNDLE", type=click.Path(path_type=Path))
@click.option(
    "--sensitivity", "sensitivities", type=float, multiple=True, help="Sensitivity to reach; may be repeated."
)
@click.option("--cost-ratio", type=float, help="One more threshold: a missed malignant costs so many false alarms.")
@click.option("--prevalence", type=float, help="Share of malignant lesions where these costs arise: 0.07.")
@click.option("--method", type=click.Choice(["auto", "temperature", "vector", "isotonic"]), help="[default: auto]")
@click.option(
    "--left-out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A run with train.fold_by=source: one temperature for its left-out sources and validation alike.",
)
@click.option(
    "--data", help="Labelled images of yours, to calibrate a bundle to: a folder or table, as 'train' takes it."
)
@click.option("--manifest", type=click.Path(path_type=Path), help="Patients, lesions and splits of a predictions file.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="What to write: calibration.json of a predictions file, or a folder for the bundle.",
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one setting: calibrate.missed=0.01"
)
@force
@as_json
def calibrate(
    source: Path,
    *,
    sensitivities: tuple[float, ...],
    cost_ratio: float | None,
    prevalence: float | None,
    method: str | None,
    left_out: Path | None,
    overrides: tuple[str, ...],
    as_json: bool,
    **places: Any,
) -> None:
    """Choose temperature and thresholds on a run's validation predictions.

    Or on anyone's predictions file (image, target, one probability column a class) on validation images: name the
    file to write with --out, and give it to 'lentigo evaluate --calibration' with test predictions of the same model.
    Test images are refused.

    Or on labelled images of yours, for a bundle that was trained elsewhere ('lentigo': the one that is shipped): with
    --data and --out. The network stays; how sure it is, base rate, thresholds and the band are fitted to them. How far
    the sensitivity on new images may be from the wanted one, is told. Test images of --data are kept out.

    The first --sensitivity decides in 'lentigo predict'. Evaluate and report a run again afterwards.
    """
    if prevalence is not None and cost_ratio is None:
        raise click.UsageError("--prevalence says where the costs of --cost-ratio arise; give both.")
    wanted: dict[str, Any] = {
        "calibrate.sensitivities": list(sensitivities) or None,
        "calibrate.cost_ratio": cost_ratio,
        "calibrate.prevalence": prevalence,
        "calibrate.method": method,
        "calibrate.left_out": None if left_out is None else str(left_out.resolve()),
    }
    changes = {key: value for key, value in wanted.items() if value is not None}

    def change(config: Config) -> Config:
        return config.changed(changes).overridden(overrides)

    calibration = _kind_of(source)(source, change, **places)
    if as_json:
        print_json(calibration.json())
        return
    _print(calibration, is_local=places["data"] is not None)
    if source.is_dir() and places["data"] is None:
        from lentigo.runs.looking import looks_in_words

        click.echo(f"\n{looks_in_words(source)}")
    if places["data"] is not None:
        out = places["out"]
        click.echo(f"\nWritten: {out}. What it is worth, other images tell: lentigo evaluate {out} --data ...")


def _kind_of(source: Path) -> Callable[..., "Calibration"]:
    from lentigo.bundle import is_bundle

    if is_bundle(source):
        return _bundle
    return _run if source.is_dir() else _predictions


def _bundle(
    source: Path, change: Change, *, data: str | None, manifest: Path | None, out: Path | None, force: bool
) -> "Calibration":
    from lentigo.runs import recalibrate

    if data is None or out is None:
        raise click.UsageError("a bundle is calibrated to images of yours: name them with --data, and --out FOLDER.")
    config = change(Config())
    if manifest is not None or config.calibrate.method != "auto" or config.calibrate.left_out:
        raise click.UsageError("--manifest, --method and --left-out are for runs and predictions files.")
    with progress() as track:
        return recalibrate(source, data, out, config=config, force=force, track=track)


def _run(
    source: Path, change: Change, *, data: str | None, manifest: Path | None, out: Path | None, force: bool
) -> "Calibration":
    from lentigo.runs import Run, calibrate_run

    if data is not None:
        raise click.UsageError(
            "--data is for a bundle. A run has its own validation images; 'lentigo export' it first."
        )
    if manifest is not None or out is not None or force:
        raise click.UsageError("--manifest, --out and --force are for a predictions file; a run has its own.")
    run = Run.open(source)
    return calibrate_run(run, config=change(run.config()))


def _predictions(
    source: Path, change: Change, *, data: str | None, manifest: Path | None, out: Path | None, force: bool
) -> "Calibration":
    from lentigo.runs import calibrate_predictions
    from lentigo.storage import refuse_existing

    if data is not None:
        raise click.UsageError("--data is for a bundle; a predictions file holds what was said of its images.")
    if out is not None:
        refuse_existing(out, force=force)
    calibration = calibrate_predictions(source, groups_from=manifest, config=change(Config()))
    if out is not None:
        calibration.write(out)
    return calibration


def _print(calibration: "Calibration", *, is_local: bool) -> None:
    where = "on these images" if is_local else "on validation"
    how = "logistic recalibration" if is_local else calibration.probability_map.describe()
    click.echo(f"{how} (n = {calibration.n_images} images)")
    for candidate in calibration.candidates:
        if candidate.reason:
            click.echo(f"  {candidate.method}: not tried, {candidate.reason}")
        elif candidate.nll == candidate.nll:
            gain = f"gain {candidate.gain:+.4f}, standard error {candidate.gain_error:.4f}"
            click.echo(f"  {candidate.method}: held-out NLL {candidate.nll:.4f} ({gain})")
    for source in calibration.left_out:
        click.echo(
            f"  left out {source.source} (n = {source.n_images}): alone it would ask for {source.own_temperature:.3f}; "
            f"NLL {source.nll_before:.4f} -> {source.nll_after:.4f}"
        )
    if is_local:
        click.echo(f"{calibration.prevalence:.1%} of them are malignant: with another share, use --prevalence")
    click.echo(f"NLL {calibration.nll_before:.4f} -> {calibration.nll_after:.4f}")
    click.echo(f"ECE {calibration.ece_before:.4f} -> {calibration.ece_after:.4f}")
    for point in calibration.operating_points:
        click.echo(
            f"{point.name}: refer at {point.threshold:.4f} and above; {where} "
            f"sensitivity {point.sensitivity}, specificity {point.specificity}"
        )
    band, sets = calibration.low_confidence, calibration.conformal
    if band is not None:
        share = f"{band.expected_share:.1%} of the images"
        missed = f"{band.missed:.1%} of the malignant ones outside are missed {where}"
        reached = "" if band.is_reached else f" ({band.target_missed:.1%} was not reached)"
        click.echo(f"low confidence between {band.low:.4f} and {band.high:.4f}: {share}; {missed}{reached}")
    if sets is not None:
        thresholds = ", ".join(f"{name} from {found.threshold:.4f}" for name, found in sets.classes.items())
        click.echo(f"conformal sets: {thresholds}")
        click.echo(textwrap.fill(sets.guarantee(), 100, initial_indent="  ", subsequent_indent="  "))
