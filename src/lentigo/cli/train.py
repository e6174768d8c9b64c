"""`lentigo train`."""

import logging
from pathlib import Path
from typing import Any

import click

from lentigo.cli.options import SHARING, as_json, force, make_config, print_json, progress, settings, without_images
from lentigo.launch import launch

logger = logging.getLogger("lentigo")


@click.command()
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Run folder to make.")
@settings
@without_images
@force
@click.option("--resume", is_flag=True, help="Finish the run at --out with its own settings.")
@click.option(
    "--leaks",
    type=click.Choice(["drop", "refuse", "allow"]),
    help="Images of training whose lesion is in val or test too.  [default: drop]",
)
@click.option("--tensorboard", is_flag=True, help="Also write events for TensorBoard into the run folder.")
@as_json
def train(
    data: tuple[Path, ...],
    out: Path,
    *,
    as_json: bool,
    force: bool,
    resume: bool,
    tensorboard: bool,
    without_images: bool,
    **given: Any,
) -> None:
    """Train, calibrate, evaluate and report, from a folder of images in one go.

    DATA is a folder of classes (with train/val/test or without), a CSV or Parquet table, or a HAM10000 or ISIC folder;
    several are pooled, each with the split it has or is given.
    It is audited first; training images that leak into validation or test are left out and named. Where a split is
    missing it is cut: patients, lesions and copies of a picture stay together, classes in proportion.
    """
    from lentigo.modeling.tensorboard import event_writer
    from lentigo.runs import train as run_training

    is_first = launch().is_first
    events = out / "tensorboard" if tensorboard and is_first else None
    # A resumed run keeps its own settings; options given beside --resume have to agree with them.
    is_kept = resume and (out / "config.toml").exists() and not any(map(_is_given, given))
    config = None if is_kept else make_config(**given)
    with progress() as track, event_writer(events) as write_events:

        def report_epoch(record: dict[str, Any]) -> None:
            write_events(record)
            logger.info(
                "epoch %d: train loss %.3f, val loss %.3f, val AUROC %.4f, val accuracy %.3f, %.0f images/s",
                *(
                    record[key]
                    for key in ("epoch", "train_loss", "val_loss", "val_auroc", "val_accuracy", "images_per_s")
                ),
            )

        how = {"force": force, "resume": resume, "with_pictures": not without_images}
        run = run_training(data, out, config=config, **how, track=track, report_epoch=report_epoch)
    if not is_first:
        return
    from lentigo.evaluation import Evaluation

    evaluation = Evaluation.read(run.evaluation_path)
    if as_json:
        print_json({"run": run.folder, "report": run.report_path, "evaluation": evaluation.json()})
        return
    click.echo(evaluation.table())
    click.echo(f"\n{run.looks().sentence()}")
    click.echo(f"\nReport: {run.report_path}")
    if not without_images:
        click.echo(SHARING)
    click.echo(f"Predict with: lentigo predict {run.folder} IMAGE")


def _is_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE
