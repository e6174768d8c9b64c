"""`lentigo calibrate`."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lentigo.cli._options import as_json, force, print_json, progress, recipe_of_data, with_recipe
from lentigo.config import Config
from lentigo.wording import counted, figure_text, percent_text

if TYPE_CHECKING:
    from lentigo.numbers.calibration import Calibration

Change = Callable[[Config], Config]


@click.command()
@click.argument("source", metavar="RUN|PREDS|BUNDLE", type=click.Path(path_type=Path))
@click.option(
    "--sensitivity",
    "sensitivities",
    type=float,
    multiple=True,
    help="Target sensitivity of an operating point; may be repeated.",
)
@click.option(
    "--cost-ratio",
    type=float,
    help="Add a threshold by cost: one missed malignant lesion costs this many false alarms.",
)
@click.option("--prevalence", type=float, help="With --cost-ratio: share of malignant lesions, such as 0.07.")
@click.option(
    "--method",
    type=click.Choice(["auto", "temperature", "vector", "isotonic"]),
    help="Calibration method.  [default: auto]",
)
@click.option(
    "--left-out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Run trained with train.fold_by=source; one temperature is then fitted to its held-out sources as well.",
)
@click.option("--data", help="Your own labelled images to recalibrate a bundle on: a folder or table as for 'train'.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="Manifest with patients, lesions and splits of a predictions file.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Output: a calibration.json for a predictions file, or a folder for a bundle.",
)
@recipe_of_data
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting, such as calibrate.missed=0.01; may be repeated.",
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
    recipe: Path | None,
    overrides: tuple[str, ...],
    as_json: bool,
    **places: Any,
) -> None:
    """Fit the calibration and choose operating points on validation images.

    RUN: uses the validation predictions of the run. Run 'lentigo evaluate' and 'lentigo report' again afterwards.

    PREDS: a predictions file of any model (image, target, one probability column per class) on validation images. Write
    the calibration with --out and pass it to 'lentigo evaluate --calibration' with test predictions of the same model.
    Test images are refused.

    BUNDLE: with --data and --out, recalibrates a bundle ('lentigo' is the shipped one) to your own labelled images. The
    network is unchanged; confidence, prevalence, thresholds and the low-confidence band are refitted to your images.
    Also reports how far sensitivity on new images may fall from the target. Test images of --data are excluded.

    'lentigo predict' decides at the threshold of the first --sensitivity.
    """
    if prevalence is not None and cost_ratio is None:
        raise click.UsageError("--prevalence needs --cost-ratio; give both.")
    if recipe is not None and places["data"] is None:
        raise click.UsageError("--recipe says how your own images are read, so it needs --data.")
    overrides = with_recipe(recipe, overrides, only_data_for="a bundle")
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
        from lentigo.stages import describe_test_looks

        click.echo(f"\n{describe_test_looks(source)}")
    if places["data"] is not None:
        out = places["out"]
        click.echo(f"\nWritten: {out}. Evaluate it on other images: lentigo evaluate {out} --data ...")


def _kind_of(source: Path) -> Callable[..., "Calibration"]:
    from lentigo.model import kind_of

    if kind_of(source) == "bundle":
        return _bundle
    return _run if source.is_dir() else _predictions


def _bundle(
    source: Path, change: Change, *, data: str | None, manifest: Path | None, out: Path | None, force: bool
) -> "Calibration":
    from lentigo.stages import recalibrate

    if data is None or out is None:
        raise click.UsageError(
            "recalibrating a bundle needs your own labelled images: give --data DATA and --out FOLDER."
        )
    config = change(Config())
    if manifest is not None or config.calibrate.method != "auto" or config.calibrate.left_out:
        raise click.UsageError("--manifest, --method and --left-out are for runs and predictions files.")
    with progress() as track:
        return recalibrate(source, data, out, config=config, force=force, track=track)


def _run(
    source: Path, change: Change, *, data: str | None, manifest: Path | None, out: Path | None, force: bool
) -> "Calibration":
    from lentigo.stages import Run, calibrate_run

    if data is not None:
        raise click.UsageError(
            "--data is for a bundle; a run is calibrated on its own validation images. Export it first."
        )
    if manifest is not None or out is not None or force:
        raise click.UsageError(
            "--manifest, --out and --force are for a predictions file; a run is calibrated in its own folder."
        )
    run = Run.open(source)
    return calibrate_run(run, config=change(run.config()))


def _predictions(
    source: Path, change: Change, *, data: str | None, manifest: Path | None, out: Path | None, force: bool
) -> "Calibration":
    from lentigo.stages import calibrate_predictions
    from lentigo.storage import refuse_existing

    if data is not None:
        raise click.UsageError("--data is for a bundle; a predictions file already holds its predictions.")
    if out is not None:
        refuse_existing(out, force=force)
    calibration = calibrate_predictions(source, groups_from=manifest, config=change(Config()))
    if out is not None:
        calibration.write(out)
    return calibration


def _print(calibration: "Calibration", *, is_local: bool) -> None:
    where = "on these images" if is_local else "on validation"
    how = "logistic recalibration" if is_local else calibration.probability_map.describe()
    first = next(iter(calibration.operating_points), None)
    sides = "" if first is None or first.n is None else f": {first.n_malignant:,} malignant, {first.n_benign:,} benign"
    click.echo(f"{how} (n = {counted(calibration.n_images, 'image')}{sides})")
    for candidate in calibration.candidates:
        if candidate.reason:
            click.echo(f"  {candidate.method}: not tried, {candidate.reason}")
        elif candidate.nll == candidate.nll:
            gain = f" (gain {candidate.gain:+.4f}, standard error {candidate.gain_error:.4f})"
            is_first = candidate.gain == 0 == candidate.gain_error  # what the others are compared with
            click.echo(f"  {candidate.method}: held-out NLL {candidate.nll:.4f}{'' if is_first else gain}")
    for source in calibration.left_out:
        click.echo(
            f"  held out {source.source} (n = {source.n_images}): alone it would need {source.own_temperature:.3f}; "
            f"NLL {source.nll_before:.4f} -> {source.nll_after:.4f}"
        )
    if is_local:
        click.echo(
            f"{percent_text(calibration.prevalence, 1)} of them are malignant; for another prevalence, use --prevalence"
        )
    click.echo(f"NLL {where} {calibration.nll_before:.4f} -> {calibration.nll_after:.4f}")
    click.echo(f"ECE {where} {calibration.ece_before:.4f} -> {calibration.ece_after:.4f}")
    for point in calibration.operating_points:
        click.echo(
            f"{point.name}: refer at {figure_text(point.threshold, 4)} and above; {where} "
            f"sensitivity {point.sensitivity}, specificity {point.specificity}"
        )
        if point.sensitivity.value == 1 and point.specificity.value == 0:
            click.echo("  it refers every image: it separates nothing")
    band, sets = calibration.low_confidence, calibration.conformal
    if band is not None:
        share = f"{percent_text(band.expected_share, 1)} of the images"
        missed = f"{band.missed_in_words} of the malignant ones outside are missed {where}"
        reached = "" if band.is_reached else f" ({percent_text(band.target_missed, 1)} was not reached)"
        between = (
            f"low confidence between {figure_text(band.low, 4)} and {figure_text(band.high, 4)}: {share}; {missed}"
        )
        without = f"no low-confidence band: without one {missed.replace(' outside', '')}"
        click.echo(f"{between if band.low < band.high else without}{reached}")
    if sets is not None:
        told = {name: f"{name} from {figure_text(found.threshold, 4)}" for name, found in sets.classes.items()}
        thresholds = ", ".join(f"{words} (of many new cases: {sets.range_of(name)})" for name, words in told.items())
        click.echo(f"conformal sets: {thresholds}")
        click.echo(textwrap.fill(sets.guarantee(), 100, initial_indent="  ", subsequent_indent="  "))
