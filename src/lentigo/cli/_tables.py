"""`lentigo tables`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, force, of_predictions, print_json, recipe_file, with_recipe
from lentigo.config import Config


@click.command()
@click.argument("source", metavar="RUN|EXTERNAL|PREDS", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to create.")
@click.option(
    "--format", "formats", default="csv,md,latex,html", show_default=True, help="File formats, separated by commas."
)
@recipe_file
@of_predictions
@force
@as_json
def tables(
    source: Path,
    *,
    out: Path,
    formats: str,
    truth: Path | None,
    groups: Path | None,
    calibration: Path | None,
    prevalence: float | None,
    recipe: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write the tables of a run, an external test or a predictions file for a manuscript.

    EXTERNAL is the folder that 'lentigo evaluate MODEL --data DATA --out EXTERNAL' wrote; the data are not needed.

    Writes the cohort (for a run, by split), the performance with intervals and, where they were evaluated, the
    subgroups. HTML tables can be pasted into a word processor. With csv, numbers.csv holds every figure unrounded.
    """
    from lentigo.stages import tables as write_tables

    files = write_tables(
        source,
        out,
        formats=formats.split(","),
        truth=truth,
        groups_from=groups,
        calibrated_by=calibration,
        prevalence=prevalence,
        config=None if recipe is None else Config().overridden(with_recipe(recipe, ())),
        force=force,
    )
    if as_json:
        print_json({"folder": out, "files": [path.name for path in files]})
    else:
        click.echo("\n".join(str(path) for path in files))
