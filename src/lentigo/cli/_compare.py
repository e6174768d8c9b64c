"""`lentigo compare`."""

from pathlib import Path
from typing import Literal

import click

from lentigo.cli._options import as_json, force, leaks, print_json, progress, recipe_of_data, with_recipe
from lentigo.config import Config


@click.command()
@click.argument("models", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--data", help="Other data to compare runs or bundles on: a folder or table as for 'train'.")
@click.option(
    "--changes",
    type=click.Path(path_type=Path),
    help="With --data and two models: CSV of the images whose answer changes from A to B, lost melanomas first.",
)
@leaks
@click.option(
    "--groups", type=click.Path(path_type=Path), help="Manifest with patients or lesions; these are resampled."
)
@click.option(
    "--threshold", type=float, help="Threshold for prediction files: at or above it an image counts as malignant."
)
@click.option("--margin", type=float, help="Non-inferiority margin: how much worse A may be, such as 0.02.")
@recipe_of_data
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting, such as data.ak=malignant; may be repeated.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to create, with figures, table and comparison.json."
)
@click.option("--html", type=click.Path(path_type=Path), help="Page to write.")
@force
@as_json
def compare(
    models: tuple[Path, ...],
    *,
    data: str | None,
    changes: Path | None,
    leaks: Literal["drop", "refuse", "allow"],
    groups: Path | None,
    threshold: float | None,
    margin: float | None,
    recipe: Path | None,
    overrides: tuple[str, ...],
    out: Path | None,
    html: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Compare two or more models on the same images, with intervals and tests.

    MODELS are run folders (compared on their calibrated test predictions, each at its own threshold) or predictions
    files; all but the first may also be 'always-benign' or 'prevalence'. Images are matched by id. Intervals resample
    the patients or lesions of the first run, or of --groups, in the same way for all models.

    Two models, A and B, are compared figure by figure. Three or more make a leaderboard by AUROC: each is compared
    with the best, and the tests are corrected for their number (Holm).

    With --data, models are runs or bundles ('lentigo' is the newest shipped one, 'lentigo@1' the first) and predict
    other images, each at its own threshold; images that any of them was trained on are excluded. For two models the
    images whose answer changes from A to B are listed: first the melanomas that A refers and B calls benign-looking.
    With more than two models, predictions files of these images may be added.

    --out writes both ROC curves of two models, the differences with their intervals and the table for a manuscript;
    --html writes a page for the browser.
    """
    from lentigo.stages import compare, write_changes
    from lentigo.storage import refuse_existing

    if recipe is not None and data is None:
        raise click.UsageError("--recipe says how DATA is read, so it needs --data.")
    overrides = with_recipe(recipe, overrides, only_data_for="a run or a bundle")
    beside = {"--changes": changes, "--out": out, "--html": html, "--margin": margin}
    _refuse_options(len(models), data, groups, threshold, [name for name, value in beside.items() if value is not None])
    if len(models) > 2:
        config = Config().overridden(overrides)
        _leaderboard(models, config, data=data, leaks=leaks, groups=groups, threshold=threshold, as_json=as_json)
        return
    a, b = models
    config = Config().overridden(overrides)
    if html is not None:
        refuse_existing(html, force=force)
    with progress() as track:
        comparison = compare(
            a,
            b,
            groups_from=groups,
            threshold=threshold,
            margin=margin,
            config=config,
            data=data,
            leaks=leaks,
            out=out,
            html=html,
            force=force,
            track=track,
        )
    if changes is not None and comparison.changes is not None:
        write_changes(changes, comparison.changes)
    if as_json:
        print_json(comparison.json())
    else:
        from lentigo.study.reporting import changes_table, comparison_table

        click.echo(comparison_table(comparison))
        if comparison.changes is not None:
            click.echo(f"\n{changes_table(comparison.changes)}")
        if data is None:
            _echo_looks({"A": a, "B": b})


def _refuse_options(
    n_models: int, data: str | None, groups: Path | None, threshold: float | None, given: list[str]
) -> None:
    """Raise where options do not go together.

    Raises:
        click.UsageError: they do not.
    """
    if n_models < 2:
        raise click.UsageError("Name two or more models to compare.")
    if n_models > 2 and given:
        raise click.UsageError(f"{', '.join(given)}: only for two models. Omit this, or name two models.")
    if data is None and "--changes" in given:
        raise click.UsageError("--changes lists answers to photographs, so it needs --data and two models.")
    if data is not None and groups is not None:
        raise click.UsageError(
            "--groups is for predictions files; with --data, lesions come from the data. Omit one of them."
        )
    if data is not None and threshold is not None and n_models == 2:
        raise click.UsageError(
            "--threshold is for predictions files; with --data, each model uses its own. Omit --threshold."
        )


def _leaderboard(
    models: tuple[Path, ...],
    config: Config,
    *,
    data: str | None,
    leaks: Literal["drop", "refuse", "allow"],
    groups: Path | None,
    threshold: float | None,
    as_json: bool,
) -> None:
    from lentigo.stages import leaderboard

    with progress() as track:
        board = leaderboard(
            models, groups_from=groups, threshold=threshold, config=config, data=data, leaks=leaks, track=track
        )
    if as_json:
        print_json(board.json())
        return
    from lentigo.study.reporting import leaderboard_table

    click.echo(leaderboard_table(board))
    if data is None:
        _echo_looks({str(model): model for model in models})


def _echo_looks(models: dict[str, Path]) -> None:
    """Print how often the images of each model that has some were looked at."""
    from lentigo.stages import describe_test_looks

    click.echo()
    for name, model in models.items():
        if model.exists():
            click.echo(f"{name}: {describe_test_looks(model)}")
