"""`lentigo train`."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from lentigo.cli._options import (
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
from lentigo.launch import launch

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
@click.option("--features-origin", default="", help="Model that made the embeddings, and from what.")
@click.option("--features-licence", default="", help="Licence of the model that made the embeddings.")
@click.option(
    "--use",
    default="",
    metavar="COLUMNS",
    help="Columns to use beside the image where they are shown to add: age,sex,site; patient_context is the patient's "
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
@click.option("--tensorboard", is_flag=True, help="Also write TensorBoard event files into the run folder.")
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
    tensorboard: bool,
    without_images: bool,
    **given: Any,
) -> None:
    """Train a classifier, calibrate it, evaluate it and write a report.

    DATA is a folder with one folder per class (with or without train/val/test), a CSV or Parquet table, or a HAM10000
    or ISIC folder. Several data sets are pooled; each keeps its own split. The data are audited first; training images
    that leak into validation or test are excluded and named. A missing split is made: patients, lesions and duplicate
    images stay together, and classes keep their proportions.

    With --features, a logistic head (or boosted trees: --set features.classifier=boosting) is trained on embeddings
    that any model has made, for instance 'lentigo embed'; the photographs need not be there, and PyTorch is not used.

    With --use, columns are fitted beside the image scores of validation images once the network is trained. Columns
    whose gain in AUROC (nested folds, by patient) has an interval that includes 0 are left out; 'lentigo fuse' tries
    others later.
    """
    from lentigo.stages import train as run_training

    is_first = launch().is_first
    events = out / "tensorboard" if tensorboard and is_first else None
    # A resumed run keeps its own settings; options given beside --resume have to agree with them.
    is_kept = resume and (out / "config.toml").exists() and not any(map(_is_given, given))
    if features and given["recipe"] == "finetune":  # the default, which is for pixels
        given["recipe"] = "features"
    config = None if is_kept else make_config(**given)
    how: dict[str, Any] = {"force": force, "resume": resume, "with_pictures": not without_images}
    how |= _learned_from(features, features_origin, features_licence) | _used(use, anyway=use_anyway)
    with progress() as track, _event_writer(events) as write_events:

        def report_epoch(record: dict[str, Any]) -> None:
            write_events(record)
            logger.info(
                "epoch %d: train loss %.3f, val loss %.3f, val AUROC %.4f, val accuracy %.3f, %.0f images/s",
                *(
                    record[key]
                    for key in ("epoch", "train_loss", "val_loss", "val_auroc", "val_accuracy", "images_per_s")
                ),
            )

        run = run_training(data, out, config=config, **how, track=track, report_epoch=report_epoch)
    if not is_first:
        return
    from lentigo.numbers.evaluation import Evaluation

    evaluation = Evaluation.read(run.evaluation_path)
    if as_json:
        print_json({"run": run.folder, "report": run.report_path, "evaluation": evaluation.json()})
        return
    from lentigo.study.reporting import evaluation_table

    click.echo(evaluation_table(evaluation))
    if words := run.beside_in_words():
        click.echo(f"\n{words}")
    click.echo(f"\n{run.looks().sentence()}")
    click.echo(f"\nReport: {run.report_path}")
    if not without_images:
        click.echo(SHARING)
    asked = "--features NEW.parquet" if run.config().train.method == "features" else "IMAGE"
    click.echo(f"Predict with: lentigo predict {run.folder} {asked}")


def _learned_from(features: tuple[Path, ...], origin: str, licence: str) -> dict[str, Any]:
    if not features and (origin or licence):
        raise click.UsageError("--features-origin and --features-licence describe the files of --features.")
    return {"features": features, "features_origin": origin, "features_licence": licence} if features else {}


def _used(use: str, *, anyway: bool) -> dict[str, Any]:
    if anyway and not use:
        raise click.UsageError("--use-anyway needs columns: --use age,sex,site.")
    return {"use": column_names(use), "use_anyway": anyway} if use else {}


@contextlib.contextmanager
def _event_writer(events: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yield what writes TensorBoard events, which needs torch; without a folder nothing is written, nor loaded."""
    if events is None:
        yield lambda _: None
        return
    from lentigo.training import event_writer

    with event_writer(events) as write:
        yield write


def _is_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE
