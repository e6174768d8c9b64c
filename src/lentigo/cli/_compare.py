"""`lentigo compare`."""

from pathlib import Path
from typing import Literal

import click

from lentigo.cli._options import as_json, force, leaks, print_json, progress
from lentigo.config import Config


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--data", help="Other data to compare two runs or bundles on: a folder or table as for 'train'.")
@click.option(
    "--changes",
    type=click.Path(path_type=Path),
    help="With --data: CSV of the images whose answer changes from A to B, lost melanomas first.",
)
@leaks
@click.option(
    "--groups", type=click.Path(path_type=Path), help="Manifest with patients or lesions; these are resampled."
)
@click.option(
    "--threshold", type=float, help="Threshold for prediction files: at or above it an image counts as malignant."
)
@click.option("--margin", type=float, help="Non-inferiority margin: how much worse A may be, such as 0.02.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting, such as data.ak=malignant; may be repeated.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to create, with figures, table and comparison.json."
)
@click.option("--html", type=click.Path(path_type=Path), help="Page to write.")
@force
@as_json
def compare(
    a: Path,
    b: Path,
    *,
    data: str | None,
    changes: Path | None,
    leaks: Literal["drop", "refuse", "allow"],
    groups: Path | None,
    threshold: float | None,
    margin: float | None,
    overrides: tuple[str, ...],
    out: Path | None,
    html: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Compare two models on the same images, with intervals and tests.

    A and B are run folders (compared on their calibrated test predictions, each at its own threshold) or predictions
    files; B may also be 'always-benign' or 'prevalence'. Images are matched by id. Intervals resample the patients or
    lesions of A's run, or of --groups, in the same way for both models.

    With --data, A and B are runs or bundles ('lentigo' is the newest shipped one, 'lentigo@1' the first) and predict
    other images, each at its own threshold; images that either was trained on are excluded. The images whose answer
    changes from A to B are listed: first the melanomas that A refers and B calls benign-looking.

    --out writes both ROC curves, the differences with their intervals and the table for a manuscript; --html writes a
    page for the browser.
    """
    from lentigo.stages import compare, looks_in_words, write_changes
    from lentigo.storage import refuse_existing
    from lentigo.study.reporting import changes_table, comparison_table

    if data is not None and (groups is not None or threshold is not None):
        raise click.UsageError(
            "--groups and --threshold are for predictions files; --data and the models have their own."
        )
    if changes is not None and data is None:
        raise click.UsageError("--changes lists answers to photographs, so it needs --data and two models.")
    config = Config().overridden(overrides)
    if html is not None:
        refuse_existing(html, force=force)
    with progress() as track:
        comparison = compare(
            a,
            b,
            groups_from=groups,
            threshold=threshold,
            margin=margin,
            config=config,
            data=data,
            leaks=leaks,
            out=out,
            html=html,
            force=force,
            track=track,
        )
    if changes is not None and comparison.changes is not None:
        write_changes(changes, comparison.changes)
    if as_json:
        print_json(comparison.json())
    else:
        click.echo(comparison_table(comparison))
        if comparison.changes is not None:
            click.echo(f"\n{changes_table(comparison.changes)}")
        if data is None:
            click.echo()
            for name, model in (("A", a), ("B", b)):
                if model.exists():
                    click.echo(f"{name}: {looks_in_words(model)}")
