"""`lentigo evaluate`."""

from pathlib import Path
from typing import Literal

import click

from lentigo.cli.options import as_json, force, leaks, print_json, progress
from lentigo.config import Config


@click.command()
@click.argument("source", metavar="MODEL|PREDS", type=click.Path(path_type=Path))
@click.argument("second", metavar="[TRUTH]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--truth",
    type=click.Path(path_type=Path),
    help="Table with the true classes of a predictions file: an ISIC ground truth, or any table of labels.",
)
@click.option("--data", help="Other data to judge a model on: a folder or table, as 'train' takes it.")
@leaks
@click.option(
    "--groups",
    "--manifest",
    "groups",
    type=click.Path(path_type=Path),
    help="Manifest, or published table of lesions (HAM10000_metadata.csv): its patients or lesions are resampled, its "
    "columns make the subgroups, and lesions with photographs outside the test list are reported.",
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
    second: Path | None,
    *,
    truth: Path | None,
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
    class, or one of malignant; TRUTH may be a table of its own) is judged as it stands, or with --calibration as a run
    is. With --data, a run or a bundle ('lentigo': the one
    that is shipped) is judged on other images, at the thresholds it was stored with: what it answers by what is true,
    every figure, and apart from them figures after recalibration to these images. A run's stand beside its own test,
    and copies of images that it has learned from are left out.
    """
    from lentigo.bundle import is_bundle
    from lentigo.runs import Run, evaluate_external, evaluate_predictions, evaluate_run
    from lentigo.storage import refuse_existing

    truth = _only_truth(second, truth, is_own=data is not None or source.is_dir())
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
    if source.is_dir():
        if groups is not None or overrides or calibration is not None:
            raise click.UsageError("--groups, --calibration and --set are for a predictions file; a run has its own.")
        evaluation = evaluate_run(Run.open(source), prevalence=prevalence)
    else:
        evaluation = evaluate_predictions(
            source,
            truth=truth,
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


def _only_truth(second: Path | None, truth: Path | None, *, is_own: bool) -> Path | None:
    if second is not None and truth is not None:
        raise click.UsageError("give the truth once: as the second argument, or with --truth.")
    if (second or truth) and is_own:
        raise click.UsageError("a file with the truth is for a predictions file; a run and its data have their own.")
    return truth or second
