"""`lentigo evaluate`."""

from pathlib import Path
from typing import Literal

import click

from lentigo.cli.options import as_json, force, leaks, print_json, progress
from lentigo.config import Config


@click.command()
@click.argument("source", metavar="MODEL|PREDS", type=click.Path(path_type=Path))
@click.option("--data", help="Other data to evaluate a model on: a folder or table as for 'train'.")
@leaks
@click.option(
    "--groups",
    "--manifest",
    "groups",
    type=click.Path(path_type=Path),
    help="Manifest with patients, lesions and the columns that define subgroups.",
)
@click.option("--calibration", type=click.Path(path_type=Path), help="Calibration file written by 'lentigo calibrate'.")
@click.option(
    "--prevalence",
    type=float,
    help="Share of malignant lesions where the model will be used, such as 0.07; used for PPV and NPV.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Output: a .json file; with --data also a folder.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting, such as data.ak=malignant; may be repeated.",
)
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
    """Evaluate a run, a bundle, or a predictions file from any model.

    Evaluates a run on its calibrated test predictions, or a predictions file (image, target, one probability column
    per class) as it is or with --calibration. With --data, evaluates a run or bundle ('lentigo' is the shipped one) on
    another data set at its stored thresholds, and separately after recalibration. For a run, results are shown next to
    its own test results, and copies of its training images are excluded.
    """
    from lentigo.model import kind_of
    from lentigo.report import evaluation_table, external_table
    from lentigo.runs import Run, evaluate_external, evaluate_predictions, evaluate_run
    from lentigo.runs.looking import looks_in_words
    from lentigo.storage import refuse_existing

    if out is not None:
        refuse_existing(out, force=force)
    if data is not None:
        if groups is not None or (overrides and kind_of(source) != "bundle"):
            raise click.UsageError(
                "--groups and --set are for a predictions file; a run has its own groups and settings."
            )
        config = Config().overridden(overrides)
        with progress() as track:
            external = evaluate_external(source, data, out=out, leaks=leaks, config=config, force=force, track=track)
        if as_json:
            print_json(external.json())
        else:
            click.echo(external_table(external))
            if external.n_here:
                click.echo(f"\nOwn test: {looks_in_words(source)}")
        return
    if source.is_dir():
        if groups is not None or overrides or calibration is not None:
            raise click.UsageError(
                "--groups, --calibration and --set are for a predictions file; a run uses its stored ones."
            )
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
        click.echo(f"{evaluation_table(evaluation)}\n\n{looks_in_words(source)}")
