"""`lentigo figures`."""

from pathlib import Path
from typing import Literal

import click

from lentigo.cli._options import as_json, force, of_predictions, print_json, recipe_file, with_recipe
from lentigo.config import Config


@click.command()
@click.argument("source", metavar="RUN|EXTERNAL|PREDS", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to create.")
@click.option(
    "--format",
    "formats",
    default="svg,pdf,png",
    show_default=True,
    help="File formats, separated by commas: svg, pdf, png, eps, tiff (600 dpi, LZW).",
)
@click.option(
    "--columns", type=click.Choice(["1", "2"]), default="1", show_default=True, help="Width: 1 is 85 mm, 2 is 175 mm."
)
@recipe_file
@of_predictions
@force
@as_json
def figures(
    source: Path,
    *,
    out: Path,
    formats: str,
    columns: Literal["1", "2"],
    truth: Path | None,
    groups: Path | None,
    calibration: Path | None,
    prevalence: float | None,
    recipe: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write the figures of a run, an external test or a predictions file for a manuscript.

    EXTERNAL is the folder that 'lentigo evaluate MODEL --data DATA --out EXTERNAL' wrote; its figures have the numbers,
    thresholds and intervals of that test.

    Draws ROC and precision-recall curves with interval bands, reliability, decision curve, confusion matrix, subgroups,
    and for a run also learning curves and the flow of the images. The figures show the numbers of 'lentigo evaluate',
    at 8 points, with fonts embedded, and can be read in grey. captions.md has a caption for each.
    """
    from lentigo.stages import figures as write_figures

    files = write_figures(
        source,
        out,
        formats=formats.split(","),
        columns=1 if columns == "1" else 2,
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
