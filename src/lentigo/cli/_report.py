"""`lentigo report`."""

from pathlib import Path

import click

from lentigo.cli._options import SHARING, without_images


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@without_images
def report(run: Path, *, without_images: bool) -> None:
    """Write report.html, model_card.md and checklist.md of a run again."""
    from lentigo.stages import Run, report_run

    click.echo(report_run(Run.open(run), with_pictures=not without_images))
    if not without_images:
        click.echo(SHARING, err=True)
