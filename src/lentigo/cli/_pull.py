"""`lentigo pull`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, force, print_json


@click.command()
@click.argument("repository", metavar="OWNER/NAME")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to create.  [default: NAME]")
@click.option("--revision", default="main", show_default=True, help="Branch, tag or commit.")
@force
@as_json
def pull(repository: str, *, out: Path | None, revision: str, force: bool, as_json: bool) -> None:
    """Get a bundle from the Hugging Face Hub, and verify it.

    The folder is written only if every file has the hash that the bundle states and the network reproduces its stored
    answer. A hash shows that files are whole, not who made them: pull from owners that you trust. Needs the extra
    'hub'.
    """
    from lentigo.model import pull as bring

    place = out or Path(repository.rpartition("/")[2])
    model = bring(repository, place, revision=revision, force=force)
    if as_json:
        print_json({"bundle": place, "name": model.record.name, "classes": list(model.classes)})
        return
    click.echo(f"{place}: {model.record.name}, {', '.join(model.classes)}. Every file is verified.")
    click.echo(f"Predict with: lentigo predict {place} photo.jpg")
