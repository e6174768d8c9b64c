"""`lentigo report`."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
def report(run: Path) -> None:
    """Write a run's report.html, model_card.md and checklist.md again."""
    from lentigo.runs import Run, report_run

    click.echo(report_run(Run.open(run)))
