"""`lentigo push`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, print_json


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("repository", metavar="OWNER/NAME")
@click.option("--public", is_flag=True, help="Make a new repository public; by default it is private.")
@click.option("--message", default="", help="Message of the commit.")
@as_json
def push(bundle: Path, repository: str, *, public: bool, message: str, as_json: bool) -> None:
    """Put a bundle on the Hugging Face Hub, with its model card.

    The bundle is verified first. README.md is its model card, with the licence, tags and test figures in the form that
    the Hub reads. Log in with 'hf auth login', or set HF_TOKEN. Needs the extra 'hub'.

    If the bundle stores pictures of reference cases, they are published too.
    """
    from lentigo.model import push as put

    found = put(bundle, repository, public=public, message=message)
    if as_json:
        print_json({"repository": found.repository, "address": found.address, "commit": found.commit,
                    "is_private": found.is_private})  # fmt: skip
        return
    click.echo(f"{found.address} ({'private' if found.is_private else 'public'}), commit {found.commit[:12]}")
    click.echo(f"Get it with: lentigo pull {found.repository} --out {found.repository.rpartition('/')[2]}")
