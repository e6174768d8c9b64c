"""`lentigo info`."""

from pathlib import Path

import click

from lentigo.cli.options import as_json, print_json


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@as_json
def info(run: Path, *, as_json: bool) -> None:
    """Say what a run folder holds."""
    from lentigo.runs import describe_run

    about = describe_run(run)
    if as_json:
        print_json(about)
        return
    width = max(map(len, about))
    for name, value in about.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {value}")
