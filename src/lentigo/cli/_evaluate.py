"""`lentigo evaluate`."""

from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from lentigo.cli._options import OF_DATA, as_json, force, leaks, print_json, progress, recipe_of_data, with_recipe
from lentigo.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lentigo.numbers.evaluation import Evaluation

_OF_RUN = methodcaller("startswith", "evaluate.")


@click.command()
@click.argument("source", metavar="MODEL|PREDS", type=click.Path(path_type=Path))
@click.argument("second", metavar="[TRUTH]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--truth",
    type=click.Path(path_type=Path),
    help="Table with the true classes of a predictions file: an ISIC ground truth, or any table of labels.",
)
@click.option("--data", help="Other data to evaluate a model on: a folder or table as for 'train'.")
@leaks
@click.option(
    "--groups",
    "--manifest",
    "groups",
    type=click.Path(path_type=Path),
    help="Manifest or published lesion table (such as HAM10000_metadata.csv) with patients, lesions and subgroup "
    "columns; lesions with photographs outside the test list are reported.",
)
@click.option("--calibration", type=click.Path(path_type=Path), help="Calibration file written by 'lentigo calibrate'.")
@click.option(
    "--prevalence",
    type=float,
    help="Share of malignant lesions where the model will be used, such as 0.07; used for PPV and NPV.",
)
@click.option(
    "--by-lesion",
    metavar="RULE|VALPREDS",
    help="For a predictions file with --groups: also evaluate lesions. Combines the images of a lesion by mean_logit, "
    "mean_probability or max_malignant, or by the best of these on the predictions file of validation images.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Output: a .json file; with --data also a folder.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Page to write, for a predictions file or with --data.")
@recipe_of_data
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
    second: Path | None,
    *,
    truth: Path | None,
    data: str | None,
    leaks: Literal["drop", "refuse", "allow"],
    groups: Path | None,
    calibration: Path | None,
    prevalence: float | None,
    by_lesion: str | None,
    out: Path | None,
    html: Path | None,
    recipe: Path | None,
    overrides: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Evaluate a run, a bundle, or a predictions file from any model.

    Evaluates a run on its calibrated test predictions, or a predictions file (image, target, one probability column
    per class or one malignant probability) as it is or with --calibration; the true classes may be in a second file,
    TRUTH. With --data, evaluates a run or bundle ('lentigo' is the shipped one) on another data set at its stored
    thresholds, with subgroups and a decision curve, and separately after recalibration. For a run, results are shown
    next to its own test results, and copies of its training images are excluded.
    """
    from lentigo.storage import refuse_existing

    truth = _only_truth(second, truth, is_own=data is not None or source.is_dir())
    for place in (out, html):
        if place is not None:
            refuse_existing(place, force=force)
    kind = _kind(source)
    overrides = with_recipe(recipe, overrides, only_data_for="" if kind == "predictions" else f"a {kind}")
    if data is not None:
        if groups is not None or not (kind == "bundle" or all(text.startswith(OF_DATA) for text in overrides)):
            raise click.UsageError(
                "--groups is for a predictions file. A run has its own settings; with --data, --set takes "
                f"{', '.join(OF_DATA)}."
            )
        places = {"out": out, "html": html, "force": force, "prevalence": prevalence}
        _on_other_data(source, data, places, leaks=leaks, overrides=overrides, as_json=as_json)
        return
    if kind == "bundle":
        raise click.UsageError(
            f"{source} is a bundle, which keeps no predictions on test images. Name images that it was not trained on: "
            f"lentigo evaluate {source} --data FOLDER"
        )
    is_foreign = groups is not None or calibration is not None or not all(map(_OF_RUN, overrides))
    if kind == "run" and is_foreign:
        raise click.UsageError(
            "a run is evaluated with its stored settings: --groups and --calibration are for a predictions file, "
            "--recipe for --data, and --set takes only evaluate.*, such as evaluate.subgroups."
        )
    if kind == "run" and html is not None:
        raise click.UsageError(
            f"--html is for a predictions file or --data. A run has a report: lentigo report {source}"
        )
    if by_lesion and (kind != "predictions" or groups is None):
        raise click.UsageError("--by-lesion is for a predictions file, and needs --groups with a table of lesions.")
    evaluation = _figures(source, kind, truth, groups, calibration, prevalence, overrides, html)
    found, rule = {"": evaluation}, ""
    if by_lesion and groups is not None:
        rule = _rule(by_lesion, groups, overrides)
        found["by_lesion"] = _figures(source, kind, truth, groups, calibration, prevalence, overrides, by_lesion=rule)
    _show(found, source, rule, out, as_json=as_json)


def _show(found: "Mapping[str, Evaluation]", source: Path, rule: str, out: Path | None, *, as_json: bool) -> None:
    """Write and print the evaluation of images and, where it was asked for, of lesions."""
    from lentigo.stages import describe_test_looks
    from lentigo.study.reporting import evaluation_table

    evaluation, lesions = found[""], found.get("by_lesion")
    if out is not None:
        evaluation.write(out)
        if lesions is not None:
            lesions.write(out.with_suffix(f".lesions{out.suffix}"))
    if as_json:
        print_json(evaluation.json() | ({} if lesions is None else {"by_lesion": lesions.json()}))
        return
    click.echo(f"{evaluation_table(evaluation)}\n\n{describe_test_looks(source)}")
    if lesions is not None:
        click.echo(f"\nBy lesion ({rule}):\n\n{evaluation_table(lesions)}")


def _kind(source: Path) -> str:
    from lentigo.model import kind_of

    return kind_of(source) or ("run" if source.is_dir() else "predictions")


def _on_other_data(
    source: Path,
    data: str,
    places: dict[str, Any],
    *,
    leaks: Literal["drop", "refuse", "allow"],
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    from lentigo.stages import describe_test_looks, evaluate_external
    from lentigo.study.reporting import external_table

    config = Config().overridden(overrides)
    with progress() as track:
        external = evaluate_external(source, data, leaks=leaks, config=config, track=track, **places)
    if as_json:
        print_json(external.json())
        return
    click.echo(external_table(external))
    if external.n_here:
        click.echo(f"\nOwn test: {describe_test_looks(source)}")


def _figures(
    source: Path,
    kind: str,
    truth: Path | None,
    groups: Path | None,
    calibration: Path | None,
    prevalence: float | None,
    overrides: tuple[str, ...],
    html: Path | None = None,
    by_lesion: str = "",
) -> "Evaluation":
    from lentigo.stages import Run, evaluate_predictions, evaluate_run

    if kind == "run":
        return evaluate_run(Run.open(source), prevalence=prevalence, overrides=overrides)
    return evaluate_predictions(
        source,
        truth=truth,
        groups_from=groups,
        calibrated_by=calibration,
        prevalence=prevalence,
        config=Config().overridden(overrides),
        html=html,
        by_lesion=by_lesion,
    )


def _rule(given: str, groups: Path, overrides: tuple[str, ...]) -> str:
    """Return the rule that was named, or the one that validation predictions choose."""
    from lentigo.numbers.predictions import RULES
    from lentigo.stages import chosen_rule

    if given in RULES:
        return given
    if not Path(given).is_file():
        raise click.UsageError(f"'{given}' is neither a rule ({', '.join(RULES)}) nor a predictions file.")
    return chosen_rule(given, groups, Config().overridden(overrides))


def _only_truth(second: Path | None, truth: Path | None, *, is_own: bool) -> Path | None:
    if second is not None and truth is not None:
        raise click.UsageError("Give the truth once: as the second argument, or with --truth.")
    if (second or truth) and is_own:
        raise click.UsageError("A truth file is for a predictions file; a run and its data have their own labels.")
    return truth or second
