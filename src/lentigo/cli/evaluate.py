"""`lentigo evaluate`."""

from pathlib import Path
from typing import Literal

import click

from lentigo.cli.options import as_json, force, leaks, print_json, progress
from lentigo.config import Config


@click.command()
@click.argument("source", metavar="MODEL|PREDS", type=click.Path(path_type=Path))
@click.option("--data", help="Other data to judge a model on: a folder or table, as 'train' takes it.")
@leaks
@click.option(
    "--groups",
    "--manifest",
    "groups",
    type=click.Path(path_type=Path),
    help="Manifest whose patients or lesions are resampled, and whose columns make the subgroups.",
)
@click.option(
    "--calibration", type=click.Path(path_type=Path), help="What 'lentigo calibrate' made of validation predictions."
)
@click.option(
    "--prevalence", type=float, help="Share of malignant lesions where the model will be used, for PPV and NPV: 0.07."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to write the figures: a .json file; with --data also a folder.",
)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one setting: data.ak=malignant")
@force
@as_json
def evaluate(
    source: Path,
    *,
    data: str | None,
    leaks: Literal["drop", "refuse", "allow"],
    groups: Path | None,
    calibration: Path | None,
    prevalence: float | None,
    out: Path | None,
    overrides: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Print and keep the figures of a run, or of anyone's predictions file.

    A run is judged on its calibrated test predictions. A predictions file (image, target, one probability column a
    class) is judged as it stands, or with --calibration as a run is. With --data, a run or a bundle ('lentigo': the one
    that is shipped) is judged on other images, at the thresholds it was stored with: what it answers by what is true,
    every figure, and apart from them figures after recalibration to these images. A run's stand beside its own test,
    and copies of images that it has learned from are left out.
    """
    from lentigo.bundle import is_bundle
    from lentigo.runs import Run, evaluate_external, evaluate_predictions, evaluate_run
    from lentigo.storage import refuse_existing

    if out is not None:
        refuse_existing(out, force=force)
    if data is not None:
        if groups is not None or (overrides and not is_bundle(source)):
            raise click.UsageError("--groups and --set are for a predictions file; a run and its data have their own.")
        config = Config().overridden(overrides)
        with progress() as track:
            external = evaluate_external(source, data, out=out, leaks=leaks, config=config, force=force, track=track)
        if as_json:
            print_json(external.json())
        else:
            click.echo(external.table())
        return
    if is_bundle(source):
        raise click.UsageError(
            f"{source} is a bundle, which keeps no predictions on test images. Name images that it has not learned "
            f"from: lentigo evaluate {source} --data FOLDER"
        )
    if source.is_dir():
        if groups is not None or overrides or calibration is not None:
            raise click.UsageError("--groups, --calibration and --set are for a predictions file; a run has its own.")
        evaluation = evaluate_run(Run.open(source), prevalence=prevalence)
    else:
        evaluation = evaluate_predictions(
            source,
            groups_from=groups,
            calibrated_by=calibration,
            prevalence=prevalence,
            config=Config().overridden(overrides),
        )
    if out is not None:
        evaluation.write(out)
    if as_json:
        print_json(evaluation.json())
    else:
        click.echo(evaluation.table())
