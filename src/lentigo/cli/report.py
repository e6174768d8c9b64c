"""`lentigo report`."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--no-pictures", is_flag=True, help="Show no image of the data, so that the page can be passed on.")
def report(run: Path, *, no_pictures: bool) -> None:
    """Write a run's report.html, model_card.md and checklist.md again."""
    from lentigo.runs import Run, report_run

    click.echo(report_run(Run.open(run), with_pictures=not no_pictures))
