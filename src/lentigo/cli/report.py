"""`lentigo report`."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--no-pictures", is_flag=True, help="Leave images of the data out, so that the page can be shared.")
def report(run: Path, *, no_pictures: bool) -> None:
    """Write report.html, model_card.md and checklist.md of a run again."""
    from lentigo.runs import Run, report_run

    click.echo(report_run(Run.open(run), with_pictures=not no_pictures))
