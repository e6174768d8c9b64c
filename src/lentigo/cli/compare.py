"""`lentigo compare`."""

from pathlib import Path
from typing import Literal

import click

from lentigo.cli.options import as_json, leaks, print_json, progress
from lentigo.config import Config


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--data", help="Other images to ask both about, runs or bundles: a folder or table, as 'train' takes it.")
@leaks
@click.option("--groups", type=click.Path(path_type=Path), help="Manifest whose patients or lesions are resampled.")
@click.option("--threshold", type=float, help="Malignant probability from which predictions files call an image so.")
@click.option("--margin", type=float, help="How much worse A may be and still be called not inferior: 0.02.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one setting: data.ak=malignant")
@as_json
def compare(
    a: Path,
    b: Path,
    *,
    data: str | None,
    leaks: Literal["drop", "refuse", "allow"],
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

    With --data, A and B are runs or bundles ('lentigo': the one that is shipped), asked about other images, each at its
    own threshold; what either has learned from is left out.
    """
    from lentigo.report import comparison_table
    from lentigo.runs import compare_models

    if data is not None and (groups is not None or threshold is not None):
        raise click.UsageError("--groups and --threshold are for predictions files; models and data have their own.")
    config = Config().overridden(overrides)
    with progress() as track:
        comparison = compare_models(
            a,
            b,
            groups_from=groups,
            threshold=threshold,
            margin=margin,
            config=config,
            data=data,
            leaks=leaks,
            track=track,
        )
    if as_json:
        print_json(comparison.json())
    else:
        click.echo(comparison_table(comparison))
