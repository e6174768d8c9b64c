"""`lentigo calibrate`."""

from pathlib import Path

import click

from lentigo.cli.options import as_json, print_json


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--sensitivity", "sensitivities", type=float, multiple=True, help="Sensitivity to reach; may be repeated."
)
@as_json
def calibrate(run: Path, *, sensitivities: tuple[float, ...], as_json: bool) -> None:
    """Choose temperature and thresholds on a run's validation predictions.

    The first --sensitivity decides in 'lentigo predict'. Evaluate and report again afterwards.
    """
    from lentigo.runs import Run, calibrate_run

    calibration = calibrate_run(Run.open(run), sensitivities=sensitivities or None)
    if as_json:
        print_json(calibration.json())
        return
    click.echo(f"temperature {calibration.temperature:.3f} (n = {calibration.n_images} validation images)")
    click.echo(f"NLL {calibration.nll_before:.4f} -> {calibration.nll_after:.4f}")
    click.echo(f"ECE {calibration.ece_before:.4f} -> {calibration.ece_after:.4f}")
    for point in calibration.operating_points:
        click.echo(
            f"{point.name}: refer at {point.threshold:.4f} and above; on validation "
            f"sensitivity {point.sensitivity}, specificity {point.specificity}"
        )
