"""`lentigo split`."""

from pathlib import Path

import click

from lentigo.cli.options import as_json, force, print_json
from lentigo.config import Config


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="CSV to write; DATA for 'lentigo train'.")
@click.option("--val", "val_fraction", type=float, help="Share of all images for validation.  [default: 0.17]")
@click.option("--test", "test_fraction", type=float, help="Share of all images for test.  [default: 0.20]")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, another split.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one setting: data.task=binary")
@force
@as_json
def split(
    data: Path,
    out: Path,
    *,
    val_fraction: float | None,
    test_fraction: float | None,
    seed: int,
    overrides: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Divide a data set, keeping patients and lesions together.

    DATA is as for 'lentigo train'. A split that the data give is replaced.
    """
    from lentigo.runs import split as run_split

    changes = {"seed": seed, "data.val_fraction": val_fraction, "data.test_fraction": test_fraction}
    config = Config().changed({key: value for key, value in changes.items() if value is not None})
    manifest = run_split(data, out, config=config.overridden(overrides), force=force)
    counts = manifest.counts()
    if as_json:
        print_json({"manifest": out, "counts": counts.to_dict()})
        return
    click.echo(counts.to_string())
    click.echo(f"\nManifest: {out}")
