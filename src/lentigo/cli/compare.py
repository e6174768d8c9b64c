"""`lentigo compare`."""

from pathlib import Path

import click

from lentigo.cli.options import as_json, print_json
from lentigo.config import Config


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--groups", type=click.Path(path_type=Path), help="Manifest whose patients or lesions are resampled.")
@click.option("--threshold", type=float, help="Malignant probability from which predictions files call an image so.")
@click.option("--margin", type=float, help="How much worse A may be and still be called not inferior: 0.02.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one setting: data.ak=malignant")
@as_json
def compare(
    a: Path,
    b: Path,
    *,
    groups: Path | None,
    threshold: float | None,
    margin: float | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say which of two models is better on the same images, by how much and how surely.

    A and B are run folders (judged on their calibrated test predictions, each at its own threshold) or predictions
    files; B may also be 'always-benign' or 'prevalence'. Images are matched by id. Both models are judged on the same
    resamples of the patients or lesions of A's run, or of --groups.
    """
    from lentigo.runs import compare_models

    comparison = compare_models(
        a, b, groups_from=groups, threshold=threshold, margin=margin, config=Config().overridden(overrides)
    )
    if as_json:
        print_json(comparison.json())
    else:
        click.echo(comparison.table())
