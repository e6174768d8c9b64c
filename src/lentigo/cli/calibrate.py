"""`lentigo calibrate`."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lentigo.cli.options import as_json, force, print_json
from lentigo.config import Config

if TYPE_CHECKING:
    from lentigo.calibration import Calibration


@click.command()
@click.argument("source", metavar="RUN|PREDS", type=click.Path(path_type=Path))
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
@click.option("--manifest", type=click.Path(path_type=Path), help="Patients, lesions and splits of a predictions file.")
@click.option("--out", type=click.Path(path_type=Path), help="calibration.json to write for a predictions file.")
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
    manifest: Path | None,
    out: Path | None,
    overrides: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Choose temperature and thresholds on a run's validation predictions.

    Or on anyone's predictions file (image, target, one probability column a class) on validation images: name the
    file to write with --out, and give it to 'lentigo evaluate --calibration' with test predictions of the same model.
    Test images are refused.

    The first --sensitivity decides in 'lentigo predict'. Evaluate and report a run again afterwards.
    """
    from lentigo.runs import Run, calibrate_predictions, calibrate_run
    from lentigo.storage import refuse_existing

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
    if source.is_dir():
        if manifest is not None or out is not None:
            raise click.UsageError("--manifest and --out are for a predictions file; a run has its own.")
        run = Run.open(source)
        calibration = calibrate_run(run, config=run.config().changed(changes).overridden(overrides))
    else:
        if out is not None:
            refuse_existing(out, force=force)
        config = Config().changed(changes).overridden(overrides)
        calibration = calibrate_predictions(source, groups_from=manifest, config=config)
        if out is not None:
            calibration.write(out)
    if as_json:
        print_json(calibration.json())
    else:
        _print(calibration)


def _print(calibration: "Calibration") -> None:
    click.echo(f"{calibration.probability_map.describe()} (n = {calibration.n_images} validation images)")
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
    click.echo(f"NLL {calibration.nll_before:.4f} -> {calibration.nll_after:.4f}")
    click.echo(f"ECE {calibration.ece_before:.4f} -> {calibration.ece_after:.4f}")
    for point in calibration.operating_points:
        click.echo(
            f"{point.name}: refer at {point.threshold:.4f} and above; on validation "
            f"sensitivity {point.sensitivity}, specificity {point.specificity}"
        )
    band, sets = calibration.low_confidence, calibration.conformal
    if band is not None:
        share = f"{band.expected_share:.1%} of the images"
        missed = f"{band.missed:.1%} of the malignant ones outside are missed on validation"
        reached = "" if band.is_reached else f" ({band.target_missed:.1%} was not reached)"
        click.echo(f"low confidence between {band.low:.4f} and {band.high:.4f}: {share}; {missed}{reached}")
    if sets is not None:
        thresholds = ", ".join(f"{name} from {found.threshold:.4f}" for name, found in sets.classes.items())
        click.echo(f"conformal sets: {thresholds}")
        click.echo(textwrap.fill(sets.guarantee(), 100, initial_indent="  ", subsequent_indent="  "))
