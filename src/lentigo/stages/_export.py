"""`lentigo export`: one run, or several as an ensemble, into a bundle."""

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lentigo.data.manifest import Manifest
from lentigo.errors import CheckpointError, ConfigError, LentigoError
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import Evaluation, how_held_out, measured_by
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._by_lesion import lesion_rule
from lentigo.stages._calibrate import fit_calibration
from lentigo.stages._export_cases import decoded, held_out_cases, phantom_pixels, reference_cases
from lentigo.stages._export_features import export_features
from lentigo.stages._failures import where_it_fails
from lentigo.stages._gate_cases import gate_cases
from lentigo.stages._manifest_columns import refuse_fused_members, with_columns
from lentigo.stages._run_folder import LABELS_SEEN, Run
from lentigo.stages._source_parts import sources_of
from lentigo.storage import read_json, refuse_foreign
from lentigo.wording import counted

if TYPE_CHECKING:  # torch is loaded when a run is exported, not before
    from lentigo.bundling import Cases, ExportFacts
    from lentigo.model import Model
    from lentigo.model.decision import Estimate
    from lentigo.training import Classifier

logger = logging.getLogger(__name__)

VIEWS: Final = (1, 8)
METRICS: Final = (
    "auroc", "accuracy", "balanced_accuracy", "balanced_accuracy_by_rule", "average_precision", "brier", "ece",
)  # fmt: skip
DECIDED: Final = ("sensitivity", "specificity")
MOST_SOURCES: Final = 20


def export(
    runs: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    storage: str = "float32",
    views: int | None = None,
    n_references: int = 1000,
    pictures_licence: str = "",
    data_licence: str = "",
    weights_licence: str = "",
    force: bool = False,
    track: Track = silent,
) -> "Model":
    """Return the bundle made of a run; it is written only if its predictions match those of torch.

    Args:
        runs: a finished run, or several of the same classes, image settings and validation images: an ensemble, whose
            mean logits are calibrated again.
        out: the folder to make.
        storage: of the weights: float32, float16 or int8; the smaller ones publish what they lose.
        views: 1, or 8 flips and quarter turns that are averaged. By default as many as the run predicts with; of
            runs with `train.view_epochs`, 1 where validation shows that it is as good as 8.
        n_references: reference cases to keep (embedding, diagnosis, id); 0 for none, and no out-of-distribution score.
        pictures_licence: under which small pictures of the reference cases may be shown; without it there are none.
        data_licence: of the training images, where no source.json beside them states it.
        weights_licence: of the initial weights, where they came from a file without a LICENSE beside it.
        force: overwrite a bundle at `out`.
        track: draws progress.

    Raises:
        LentigoError: a run is unfinished, its images are gone, or `out` is taken.
        ConfigError: another storage or other views.

    Example:
        >>> export(run, folder / "bundle").record.classes
        ('benign', 'malignant')
    """
    from lentigo.bundling import ExportOptions, build_bundle
    from lentigo.model import KNOWN_FILES, RECORD
    from lentigo.training import Classifier

    place, options = Path(out), ExportOptions(storage, n_references, pictures_licence)
    refuse_foreign(place, kind="bundle", is_ours={*KNOWN_FILES, RECORD}.__contains__, force=force, mark=RECORD)
    given = [runs] if isinstance(runs, str | Path) else list(runs)
    members = [Run.open(run) for run in given]
    if not members:
        raise LentigoError("no run to export. Name one, or several for an ensemble.")
    first = members[0]
    if views not in {None, *VIEWS}:
        raise ConfigError(f"views is {views}. Use 1, or 8 for the mean over eight flips and quarter turns.")
    of_features = [run for run in members if run.config().train.method == "features"]
    if of_features:
        return export_features(
            members, place, storage=storage, n_references=n_references, data_licence=data_licence,
            data=_data(members, first.manifest()), metrics=_metrics(first), force=force,
        )  # fmt: skip
    paths = [path for run in members for path in run.checkpoints()]
    classifiers: Sequence[Classifier] = [
        Classifier.load(path, device="cpu", views=first.config().predict.views) for path in paths
    ]
    refuse_fused_members(members)
    val = with_columns(first, held_out_cases(members, track))
    facts = _facts(members, classifiers, val, data_licence=data_licence, weights_licence=weights_licence)
    is_taught = all(run.config().train.view_epochs > 0 for run in members)
    if views is not None or is_taught:
        classifiers, facts = _with_views(views, classifiers, facts, val)
    cases = reference_cases(first, classifiers[0], options, track)
    # of the whole manifest: whether two sources show the same lesions cannot be seen in a sample
    named = dict(
        zip(first.manifest().table["image_id"].astype(str), sources_of(first.manifest()).tolist(), strict=True)
    )
    return build_bundle(
        place,
        classifiers,
        facts,
        val=_with_sources(val, named),
        references=cases and _with_sources(cases, named),
        further=phantom_pixels(classifiers[0].preprocess),
        options=options,
        gate_cases=gate_cases(
            first.manifest(),
            classifiers[0].preprocess,
            lambda manifest: decoded(manifest, classifiers[0].preprocess, track),
        ),
        force=force,
        track=track,
    )


def _with_sources(cases: "Cases", named: dict[str, str]) -> "Cases":
    return dataclasses.replace(cases, source=tuple(named.get(image, "") for image in cases.image_id))


def _with_views(
    wanted: int | None, classifiers: "Sequence[Classifier]", facts: "ExportFacts", val: "Cases"
) -> "tuple[Sequence[Classifier], ExportFacts]":
    """Return the classifiers with as many views as is wanted, and the facts with what one view instead of eight loses.

    When nothing is wanted: one view where it is as good as the eight that the run predicts with.
    """
    from lentigo.bundling import measure_one_view

    own = classifiers[0].views
    if own == (wanted or 1):  # the thresholds were chosen on these views: nothing to measure
        return classifiers, facts
    found = measure_one_view(classifiers, val, facts.decision)
    views = wanted or (1 if found.is_as_good else own)
    told = f"{views}; one instead of eight: {found.sentence}"
    logger.info("Views of each image: %s.", told)
    return (
        [dataclasses.replace(member, views=views) for member in classifiers],
        dataclasses.replace(facts, data={**facts.data, "views": told}),
    )


def _facts(
    members: Sequence[Run],
    classifiers: "Sequence[Classifier]",
    val: "Cases",
    *,
    data_licence: str,
    weights_licence: str,
) -> "ExportFacts":
    from lentigo.bundling import ExportFacts, combine_licences, data_sources, weights_source

    run, config = members[0], members[0].config()
    is_one = len(members) == 1
    calibration = run.calibration() if is_one else _calibrated_anew(run, classifiers, val)
    manifest = run.manifest()
    sources = data_sources(manifest.paths, stated=data_licence)
    weights = {weights_source(one.model.backbone, one.model.weights, stated=weights_licence)
               for one in (member.config() for member in members)}  # fmt: skip
    return ExportFacts(
        name=run.folder.resolve().name[:100],
        backbone=config.model.backbone,
        decision=run.rule() if is_one else calibration.rule,
        data=_data(members, manifest),
        metrics=_metrics(run) if is_one else {},
        measured=measured_by(Evaluation.read(run.evaluation_path)) if is_one and run.evaluation_path.is_file() else (),
        licence=combine_licences([*sources, *(source for source in weights if source is not None)]),
        lesion=lesion_rule(run, config) if is_one else None,
    )


def _calibrated_anew(run: Run, classifiers: "Sequence[Classifier]", val: "Cases") -> Calibration:
    """Return the calibration of an ensemble's mean logits on images that all of its members held out."""
    from lentigo.bundling import mean_logits
    from lentigo.model.decision import softmax

    logits = mean_logits(classifiers, val.pixels, batch_size=64)
    said = Predictions(np.array(val.image_id), val.target, softmax(logits), classifiers[0].classes)
    return fit_calibration(said, run.manifest(), run.config())


def _data(members: Sequence[Run], manifest: Manifest) -> dict[str, str]:
    environments = [read_json(run.environment_path, error=CheckpointError) for run in members]
    sizes = {split: len(manifest.subset(split)) for split in ("train", "val", "test")}
    told = {
        "fingerprint": f"sha256 {_fingerprint(environments[0])}",
        "images": ", ".join(f"{split} {n}" for split, n in sizes.items()),
        "sides": members[0].taxonomy().describe(names_diagnoses=manifest.names_diagnoses)[:200],
    }
    if len(members) == 1 and members[0].evaluation_path.exists():
        told["test images"] = members[0].looks().sentence()[:200]
        if by := how_held_out(Evaluation.read(members[0].evaluation_path).held_out_sources):
            told["held-out sources"] = by
    if n_seen := max(environment.get(LABELS_SEEN, 0) for environment in environments):
        told["teacher"] = (
            f"had seen the labels of {counted(n_seen, 'validation image')}, so results on validation are too optimistic"
        )
    return told


def _fingerprint(environment: dict[str, Any]) -> str:
    return str(environment.get("pixels_sha256") or environment.get("features_sha256") or "unknown")


def _metrics(run: Run) -> "dict[str, Estimate]":
    """Return figures on test: of all images, at the threshold that decides, and of each of several sources."""
    if not run.evaluation_path.is_file():
        return {}
    evaluation = Evaluation.read(run.evaluation_path)
    found = {name: evaluation.metrics[name] for name in METRICS if name in evaluation.metrics}
    if evaluation.operating_points:
        point = evaluation.operating_points[0]
        found |= {f"{name} at {point.name}": getattr(point, name) for name in DECIDED}
    subgroups = evaluation.detail and evaluation.detail.subgroups
    for table in subgroups.tables if subgroups else ():
        if table.key == "source" and len(table.groups) > 1:
            for group in table.groups[:MOST_SOURCES]:
                figures = {name: getattr(group, name) for name in ("auroc", *DECIDED)}
                where = f"{group.value[:80]} ({counted(group.n_images, 'image')})"
                found |= {f"{name}, {where}": figure for name, figure in figures.items() if figure.is_defined}
    return found | where_it_fails(evaluation)
