"""`lentigo ablate`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, column_names, print_json


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--use", required=True, metavar="COLUMNS", help="Columns to try, separated by commas: age,sex,site.")
@click.option("--groups", type=click.Path(path_type=Path), help="Manifest with the columns, for a predictions file.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting of a predictions file, such as data.ak=malignant; may be repeated.",
)
@as_json
def ablate(model: Path, *, use: str, groups: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """Measure whether age, sex, site or other columns add anything to a model.

    MODEL is a run folder (its validation predictions are used, never the test) or a predictions file. Fits a logistic
    model to image scores alone, to columns alone and to both, in nested folds of patients or lesions. The gain is a
    paired difference with its interval. MODEL itself is not changed: 'lentigo fuse RUN --use ...' makes a run use them.
    """
    from lentigo.config import Config
    from lentigo.stages import ablate as run_ablation

    found = run_ablation(model, column_names(use), groups_from=groups, config=Config().overridden(overrides))
    if as_json:
        print_json(found.json())
        return
    from lentigo.study.reporting import ablation_table

    click.echo(ablation_table(found))
