"""`lentigo split`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, force, print_json, progress, recipe_file, with_recipe
from lentigo.config import Config
from lentigo.errors import name_offenders
from lentigo.wording import counted


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV file to write; use it as DATA of 'lentigo train'.",
)
@click.option("--val", "val_fraction", type=float, help="Fraction of all images for validation.  [default: 0.17]")
@click.option("--test", "test_fraction", type=float, help="Fraction of all images for test.  [default: 0.20]")
@click.option(
    "--folds", "n_folds", type=click.IntRange(2), help="Number of folds; writes a column 'fold' instead of a split."
)
@click.option("--clean", is_flag=True, help="Keep one image of each set of duplicates; none if their labels differ.")
@click.option(
    "--croissant",
    type=click.Path(path_type=Path),
    help="JSON-LD file to write as well: the manifest described in Croissant 1.0, for other tools and for citing.",
)
@click.option("--licence", default="", help="For --croissant: licence of the images, if no source.json states it.")
@click.option("--seed", type=int, help="Seed of the split.  [default: 0]")
@recipe_file
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting, such as data.task=binary; may be repeated.",
)
@force
@as_json
def split(
    data: Path,
    out: Path,
    *,
    val_fraction: float | None,
    test_fraction: float | None,
    n_folds: int | None,
    clean: bool,
    croissant: Path | None,
    licence: str,
    seed: int | None,
    recipe: Path | None,
    overrides: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Split a data set; patients, lesions and duplicate images stay together.

    DATA is as for 'lentigo train'. An existing split is replaced. To train on one fold of a manifest with folds, use
    'lentigo train ... --set data.test_fold=0'.
    """
    from lentigo.stages import split as run_split

    changes = {"seed": seed, "data.val_fraction": val_fraction, "data.test_fraction": test_fraction}
    config = Config().overridden(with_recipe(recipe, ()))
    config = config.changed({key: value for key, value in changes.items() if value is not None})
    with progress() as track:
        result = run_split(
            data,
            out,
            config=config.overridden(overrides),
            n_folds=n_folds or 0,
            clean=clean,
            croissant=croissant,
            licence=licence,
            force=force,
            track=track,
        )
    counts = result.fold_counts() if n_folds else result.manifest.counts()
    if as_json:
        dropped = result.dropped.to_dict("records")
        unused = [suspect.column for suspect in result.suspects]
        more = {"independent_by": result.independence, "unused_ids": unused, "left_out": dict(result.manifest.left_out)}
        print_json({"manifest": out, "counts": counts.to_dict(), "unit": result.unit, **more, "dropped": dropped})
        return
    click.echo(counts.to_string())
    click.echo(
        f"\nKept together: {counted(len(result.manifest), 'image')} in "
        f"{counted(result.n_groups, 'group')} (by {result.independence}); "
        f"{counted(result.n_joined, 'more image')} joined because they show the same picture."
    )
    if len(result.dropped):
        click.echo(f"Excluded {len(result.dropped):,}: {name_offenders(result.dropped['image_id'], limit=20)}")
    for what, n in result.manifest.left_out:
        click.echo(f"Excluded {counted(n, 'image')} {what}.")
    click.echo(f"Manifest: {out}")
    if croissant is not None:
        click.echo(f"Croissant: {croissant}")
