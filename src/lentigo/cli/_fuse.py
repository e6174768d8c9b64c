"""`lentigo fuse`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, column_names, print_json, progress, use_anyway, without_images


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--use",
    default="",
    metavar="COLUMNS",
    help="Columns of the run's manifest, separated by commas: age,sex,site; patient_context is the patient's other "
    "photographs.",
)
@click.option("--image-alone", is_flag=True, help="Use the image alone again.")
@use_anyway
@without_images
@as_json
def fuse(run: Path, *, use: str, image_alone: bool, use_anyway: bool, without_images: bool, as_json: bool) -> None:
    """Add age, sex, site or other columns to a run, if they improve it.

    RUN is a finished run. A logistic model is fitted to its image scores and the columns on validation images, which
    the network was not trained on. Image alone, columns alone and both are compared in nested folds by patient. Columns
    whose gain in AUROC has an interval that includes 0 are excluded (undecided if there are too few images), unless
    --use-anyway is given. A missing value counts as the average. Thresholds, figures and report are computed again,
    which counts as a look at the test images; the network does not change. 'lentigo export' stores the columns in the
    bundle.
    """
    from lentigo.stages import fuse as run_fusion

    columns = column_names(use)
    if bool(columns) == image_alone:
        raise click.UsageError("Name columns (--use age,sex,site), or give --image-alone.")
    with progress() as track:
        found = run_fusion(run, columns, anyway=use_anyway, with_pictures=not without_images, track=track)
    if as_json:
        print_json(found.json())
        return
    from lentigo.study.reporting import ablation_table

    for one in found.ablations:
        click.echo(ablation_table(one) + "\n")
    click.echo("\n".join(found.sentences))
