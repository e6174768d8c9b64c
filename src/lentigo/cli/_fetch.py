"""`lentigo fetch`."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lentigo.cli._options import as_json, force, print_json

if TYPE_CHECKING:
    from lentigo.data.fetching import FetchedSet, Meter

ARCHIVE = "isic-archive"


@click.command()
@click.argument("name", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to create.  [default: ./NAME]")
@click.option(
    "--query", help="For isic-archive: query that selects images, such as 'diagnosis_3:\"Nevus\" AND sex:female'."
)
@click.option("--collection", default="", help="For isic-archive: number of a collection of the archive, such as 249.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=0, help="For isic-archive: largest number of images; 0: all."
)
@click.option("--mirror", default="", help="Address of a mirror to download from instead of the publisher's.")
@click.option("--list", "is_list", is_flag=True, help="List the data sets; also the default without NAME.")
@force
@as_json
def fetch(
    name: str | None,
    out: Path | None,
    *,
    query: str | None,
    collection: str,
    limit: int,
    mirror: str,
    is_list: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Download a public data set and verify it; licence and citation included.

    An interrupted download continues when the command is run again. For images of the ISIC archive use
    lentigo fetch isic-archive --query '...' (needs the extra 'isic').
    """
    if name is None or is_list:
        _list(as_json=as_json)
        return
    if name != ARCHIVE and (query is not None or collection or limit):
        raise click.UsageError(f"--query, --collection and --limit are for {ARCHIVE}.")
    if name == ARCHIVE and query is None and not collection:
        raise click.UsageError(
            "isic-archive needs --query or --collection; --query '' is the whole archive (more than 500,000 images)."
        )
    from lentigo.data.fetching import fetch as fetch_set
    from lentigo.data.fetching import fetch_archive, find_set

    is_bytes = name != ARCHIVE and not find_set(name).collection
    with _meter(is_bytes=is_bytes) as meter:
        if name == ARCHIVE:
            done = fetch_archive(
                query or "",
                out or Path(ARCHIVE),
                collection=collection,
                limit=limit,
                force=force,
                mirror=mirror,
                meter=meter,
            )
        else:
            done = fetch_set(name, out, mirror=mirror, force=force, meter=meter)
    _say(done, as_json=as_json)


def _list(*, as_json: bool) -> None:
    from lentigo.data.fetching import public_sets

    sets = public_sets().values()
    if as_json:
        print_json({"sets": [{**asdict(each), "bytes": each.bytes} for each in sets]})
        return
    click.echo(f"{'name':<15} {'images':>8} {'download':>9}  {'licence':<13} what")
    for each in sets:
        known = each.bytes and all(file.bytes for file in each.files)
        size = f"{each.bytes / 1e9:.1f} GB" if each.bytes >= 1e9 else f"{each.bytes / 1e6:.0f} MB"
        size = size if known else "?"
        click.echo(f"{each.name:<15} {each.images:>8,} {size:>9}  {each.licence:<13} {each.title}")
    click.echo(f"{ARCHIVE:<15} {'by query':>8} {'':>9}  {'by image':<13} ISIC archive: --query 'diagnosis_3:\"Nevus\"'")


def _say(done: "FetchedSet", *, as_json: bool) -> None:
    if as_json:
        print_json({**asdict(done), "folder": done.folder})
        return
    click.echo(f"{done.name}: {done.folder}{'' if done.is_new else ' (complete already)'}")
    click.echo(f"Licence and citation: {done.folder / 'SOURCE.md'}")
    click.echo(f"Train on it with: lentigo train {done.folder} --out RUN")


@contextlib.contextmanager
def _meter(*, is_bytes: bool) -> Iterator["Meter"]:
    """Yield what draws one bar on stderr: file, size, speed, time left; nothing where there is no terminal."""
    from rich import progress
    from rich.console import Console

    quiet = click.get_current_context().find_root().obj["quiet"]
    console = Console(stderr=True)
    amount = (
        (progress.DownloadColumn(), progress.TransferSpeedColumn()) if is_bytes else (progress.MofNCompleteColumn(),)
    )
    columns = (
        progress.TextColumn("{task.description:<28}"),
        progress.BarColumn(),
        *amount,
        progress.TimeRemainingColumn(),
    )
    is_drawn = console.is_terminal and not quiet
    with progress.Progress(*columns, console=console, transient=True, disable=not is_drawn) as bars:
        bar = bars.add_task("")

        def meter(what: str, done: int, total: int | None, /) -> None:
            if bars.tasks[0].description != what:
                bars.reset(bar, description=what, total=total, completed=0)
            bars.update(bar, completed=done, total=total)

        yield meter
