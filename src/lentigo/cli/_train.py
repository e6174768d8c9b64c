"""`lentigo train`."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lentigo.cli._options import (
    ALIASES,
    SHARING,
    aliases,
    as_json,
    column_names,
    force,
    make_config,
    print_json,
    progress,
    settings,
    use_anyway,
    without_images,
)
from lentigo.config import Config
from lentigo.launch import launch

if TYPE_CHECKING:
    from lentigo.stages import Callback, Run

logger = logging.getLogger("lentigo")


@click.command()
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Run folder to create.")
@aliases
@click.option(
    "--features",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Embeddings to learn from instead of pixels: a Parquet, CSV, npz or npy file with ids; may be repeated.",
)
@click.option("--features-origin", default="", help="Model that made the embeddings, and its training data.")
@click.option("--features-licence", default="", help="Licence of the model that made the embeddings.")
@click.option(
    "--use",
    default="",
    metavar="COLUMNS",
    help="Columns to use beside the image if they improve the model: age,sex,site; patient_context is the patient's "
    "other photographs.",
)
@use_anyway
@settings
@without_images
@force
@click.option("--resume", is_flag=True, help="Continue an interrupted run at --out with its stored settings.")
@click.option(
    "--leaks",
    type=click.Choice(["drop", "refuse", "allow"]),
    help="What to do with training images whose lesion is also in val or test.  [default: drop]",
)
@click.option(
    "--time-budget",
    metavar="TIME",
    help="With --recipe auto: how long the whole run may take, such as 30m or 2h.  [default: 30m]",
)
@click.option(
    "--sweep",
    "swept",
    multiple=True,
    metavar="KEY=V1,V2",
    help="Train with each of these values of a setting, such as train.lr=1e-4,3e-4; repeat it for all combinations. "
    "Runs are ranked on validation images, and only the best is evaluated on test.",
)
@click.option(
    "--log-to",
    multiple=True,
    type=click.Choice(["tensorboard", "mlflow"]),
    help="Also write the curves for TensorBoard (into the run folder) or MLflow (MLFLOW_TRACKING_URI, else mlflow.db).",
)
@click.option("--tensorboard", is_flag=True, help="Same as --log-to tensorboard.")
@as_json
def train(
    data: tuple[Path, ...],
    out: Path,
    *,
    features: tuple[Path, ...],
    features_origin: str,
    features_licence: str,
    use: str,
    use_anyway: bool,
    as_json: bool,
    force: bool,
    resume: bool,
    time_budget: str | None,
    swept: tuple[str, ...],
    log_to: tuple[str, ...],
    tensorboard: bool,
    without_images: bool,
    **given: Any,
) -> None:
    """Train a classifier, calibrate it, evaluate it and write a report.

    DATA is a folder with one folder per class (with or without train/val/test), a table (CSV, Excel, Parquet or JSON
    Lines), or a HAM10000 or ISIC folder. Several data sets are pooled; each keeps its own split. The data are audited
    first; training images that leak into validation or test are excluded and named. A missing split is made: patients,
    lesions and duplicate images stay together, and classes keep their proportions.

    With --features, a logistic head (or boosted trees: --set features.classifier=boosting) is trained on embeddings
    from any model, such as those of 'lentigo embed'. It needs neither the photographs nor PyTorch.

    With --use, columns and image scores are fitted together on validation images after the network is trained. Columns
    whose gain in AUROC (nested folds, by patient) has an interval that includes 0 are excluded; 'lentigo fuse' tries
    others later.

    With --recipe auto, size, epochs, folds and method are chosen to fit --time-budget, after a few measured steps on
    this machine. Your own settings (--size, --set ...) are kept.
    """
    from lentigo.stages import train as run_training

    is_first = launch().is_first
    if features and given["recipe"] == "finetune":  # the default, which is for pixels
        given["recipe"] = "features"
    if time_budget is not None and not _is_given("recipe"):
        given["recipe"] = "auto"
    # A resumed run keeps its own settings; options given beside --resume have to agree with them.
    is_kept = resume and (out / "config.toml").exists() and not any(map(_is_given, given))
    config = None if is_kept else make_config(**given)
    how: dict[str, Any] = {"force": force, "resume": resume, "with_pictures": not without_images}
    how |= _learned_from(features, features_origin, features_licence) | _used(use, anyway=use_anyway)
    logs = [*log_to, *(["tensorboard"] if tensorboard else [])] if is_first else []
    if swept:
        if use:
            raise click.UsageError(
                "--sweep and --use cannot be used together. Sweep first, then: lentigo fuse RUN --use"
            )
        _sweep(data, out, swept, config, how | {"time_budget": time_budget}, logs, as_json=as_json)
        return
    how |= _budget(config, time_budget, given)
    with progress() as track:
        run = run_training(
            data, out, config=config, **how, track=track, report_epoch=_log_epoch, callbacks=_callbacks(logs)
        )
    if is_first:
        _print(run, as_json=as_json, has_pictures=not without_images)


def _print(run: "Run", *, as_json: bool, has_pictures: bool) -> None:
    from lentigo.numbers.evaluation import Evaluation

    evaluation = Evaluation.read(run.evaluation_path)
    if as_json:
        print_json({"run": run.folder, "report": run.report_path, "evaluation": evaluation.json()})
        return
    from lentigo.study.reporting import evaluation_summary

    click.echo(evaluation_summary(evaluation))
    if words := run.beside_in_words():
        click.echo(f"\n{words}")
    click.echo(f"\n{run.looks().sentence()}")
    click.echo(f"\nReport, with all figures: {run.report_path}")
    if has_pictures:
        click.echo(SHARING)
    asked = "--features NEW.parquet" if run.config().train.method == "features" else "IMAGE"
    click.echo(f"Predict with: lentigo predict {run.folder} {asked}")
    click.echo(f"For a manuscript: lentigo figures {run.folder} --out figures")


def _learned_from(features: tuple[Path, ...], origin: str, licence: str) -> dict[str, Any]:
    if not features and (origin or licence):
        raise click.UsageError(
            "--features-origin and --features-licence describe the files of --features; give --features too."
        )
    return {"features": features, "features_origin": origin, "features_licence": licence} if features else {}


def _used(use: str, *, anyway: bool) -> dict[str, Any]:
    if anyway and not use:
        raise click.UsageError("--use-anyway needs columns: --use age,sex,site.")
    return {"use": column_names(use), "use_anyway": anyway} if use else {}


def _sweep(
    data: tuple[Path, ...],
    out: Path,
    swept: tuple[str, ...],
    config: Config | None,
    how: dict[str, Any],
    logs: list[str],
    *,
    as_json: bool,
) -> None:
    from lentigo.stages import parse_sweep, sweep

    if how.pop("time_budget") is not None:
        raise click.UsageError("--time-budget and --sweep cannot be used together.")
    if not data:
        raise click.UsageError("a sweep needs DATA, also to be resumed.")
    grid = dict(map(parse_sweep, swept))
    if len(grid) < len(swept):
        raise click.UsageError("--sweep names a setting twice. Give all of its values at once: KEY=V1,V2.")
    if "features" in how:
        from lentigo.stages import with_features

        config = with_features(config, how.pop("features"), how.pop("features_origin"), how.pop("features_licence"))
    if "use" in how:
        config = (config or Config()).changed({"fuse.columns": how.pop("use"), "fuse.anyway": how.pop("use_anyway")})
    with progress() as track:
        found = sweep(
            data, out, grid=grid, config=config, **how, track=track, report_epoch=_log_epoch,
            callbacks=lambda: _callbacks(logs),
        )  # fmt: skip
    if as_json:
        print_json(found.json())
        return
    from lentigo.study.reporting import leaderboard_table

    click.echo(leaderboard_table(found.board))
    click.echo(f"\n{found.sentence()}")
    click.echo(f"The best run is finished: {found.best.report_path}. All runs: {found.folder / 'sweep.csv'}")


def _budget(config: Config | None, time_budget: str | None, given: dict[str, Any]) -> dict[str, Any]:
    """Return the budget of the recipe `auto`, with what stays as the user has set it."""
    if config is not None and config.recipe == "auto":
        from lentigo.stages import TimeBudget

        return {"time_budget": TimeBudget.of(time_budget or "30m", kept=_kept(given))}
    if time_budget is not None:
        raise click.UsageError("--time-budget is for --recipe auto, which chooses what to train.")
    return {}


def _callbacks(logs: list[str]) -> "list[Callback]":
    if not logs:
        return []
    from lentigo.stages import callbacks_of

    return callbacks_of(logs)


def _log_epoch(record: dict[str, Any]) -> None:
    keys = ("epoch", "train_loss", "val_loss", "auroc", "val_auroc", "val_accuracy", "images_per_s")
    said = {**record, "auroc": "macro AUROC" if record.get("val_auroc_of") == "macro" else "AUROC"}
    logger.info(
        "epoch %d: train loss %.3f, val loss %.3f, val %s %.4f, val accuracy %.3f, %.0f images/s",
        *(said[key] for key in keys),
    )


def _kept(given: dict[str, Any]) -> set[str]:
    """Return the settings that the user has fixed, which `--recipe auto` leaves alone."""
    named = {key for option, key in ALIASES.items() if given.get(option) is not None}
    return named | {text.partition("=")[0].strip() for text in given["overrides"]}


def _is_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE
