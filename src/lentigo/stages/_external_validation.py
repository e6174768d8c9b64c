"""`lentigo evaluate MODEL --data OTHER`: a model on images it has never had to do with."""

import dataclasses
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.sources import read_data
from lentigo.model import Model, open_model, refuse_inside_bundle
from lentigo.numbers.evaluation import DecisionBasis, ExternalTest, LabelledPredictions, count_answers, external_test
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import existing_predictions, groups_of
from lentigo.stages._evaluate import at_prevalence
from lentigo.stages._external_cohort import cohort_of, judged_rows, subgroups_there
from lentigo.stages._external_model import Leaks, predict_labelled, unknown_to
from lentigo.stages._known_predictions import EXTERNAL, EXTERNAL_FILES, write_external
from lentigo.stages._model_settings import run_of, settings_of, taxonomy_of_model
from lentigo.stages._run_folder import Run, choices_of
from lentigo.stages._test_looks import record_test_look
from lentigo.storage import new_folder, refuse_existing, refuse_foreign, write_text
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

logger = logging.getLogger(__name__)


def evaluate_external(
    model: str | Path,
    data: str | Path,
    *,
    out: str | Path | None = None,
    leaks: Leaks = "drop",
    config: Config | None = None,
    prevalence: float | None = None,
    html: str | Path | None = None,
    force: bool = False,
    track: Track = silent,
) -> ExternalTest:
    """Return the results of a run or bundle on other data at its own thresholds; for a run also those on its own test.

    Photographs that the run was trained or validated on are not a test of it: public sets share many. They are found by
    their pixels, where the files of the run's manifest are still there. A bundle has no manifest: for it nothing is
    excluded.

    Args:
        model: a finished run folder, a bundle's, or "lentigo" for the one that is shipped.
        data: as `read_data` takes it; all its images are evaluated, whatever their split.
        out: a .json file for the figures, or a folder for external.json, the predictions (calibrated, in the classes
            they were judged in) and a number for the patient or lesion of each; `figures` and `tables` take the folder.
        leaks: images that the run has trained or validated on, or that the bundle was calibrated to: excluded ("drop"),
            an error ("refuse"), kept ("allow").
        config: which columns of these data are which, aliases and undiagnosed rows; for a bundle also resamples,
            confidence and seed; a run has its own.
        prevalence: share of malignant lesions for PPV, NPV and net benefit; that of the settings when left out, which
            is that of the images unless it was set.
        html: a page to write, which holds no photograph.
        force: overwrite existing output.
        track: draws progress.

    Raises:
        DataError: the data cannot be read, or no image of theirs.
        LeakageError: the run was trained on all of them, or on some and `leaks` is "refuse".
        PredictionsError: the classes of the data cannot be mapped to benign and malignant.

    Example:
        >>> evaluate_external(run, phantom, leaks="allow").n_here > 0
        True
    """
    place = None if out is None else Path(out)
    if place is not None:
        _refuse_taken(place, force=force)
    opened = open_model(model)
    opened.refuse_photographs()
    run, config = run_of(opened), at_prevalence(settings_of(opened, config), prevalence)
    taxonomy = taxonomy_of_model(opened, config)
    whole = read_data(data, taxonomy=taxonomy, choices=choices_of(config))
    there = unknown_to(opened, whole, leaks, track)
    judged = predict_labelled(opened, there.manifest, taxonomy, track)
    groups, unit = groups_of(there.manifest, judged.said)
    rows = judged_rows(there.manifest, judged.said, config, track)
    found = external_test(
        LabelledPredictions(judged.said, judged.malignant, groups, unit),
        None if run is None else _own_test(run),
        mapping=judged.mapping,
        answers=count_answers(judged.truth, judged.answers, malignant=lambda name: _is_malignant(taxonomy, name)),
        answer_of=dict(zip(judged.read, judged.answers, strict=True)),
        basis=_basis_of(opened, run),
        manifest=rows,
        settings=subgroups_there(rows, config.evaluate),
        seed=config.seed,
        provenance={
            "data": Path(data).resolve().name,
            "n_found": len(whole),
            "n_learned_from": there.n_learned,
            "n_not_looked_for": there.n_missing,
            "n_calibrated_on": there.n_calibrated,
            "leaks": leaks,
            "n_unreadable": len(there.manifest) - len(judged.truth),
        },
    )
    found = dataclasses.replace(found, cohort=cohort_of(rows))
    if place is not None:
        _write(found, judged.said, groups, place, force=force)
    if html is not None:
        from lentigo.study.reporting import PaperInputs, render_external

        inputs = PaperInputs.of_predictions(found.evaluation, judged.said, found.cohort)
        write_text(html, render_external(found, inputs, model=opened.name))
    return found


def _basis_of(opened: Model, run: Run | None) -> DecisionBasis:
    """Return what validation decided for a model; a run answers without its band, which its bundle uses."""
    rule = opened.decision
    band = rule.low_confidence if run is None else run.calibration().low_confidence
    return DecisionBasis(rule.operating_points, band, rule.prevalence)


def _own_test(run: Run) -> LabelledPredictions:
    record_test_look(run, "evaluate", "figures beside those on other images")
    calibration = run.calibration()
    own = calibration.apply(Predictions.read(existing_predictions(run, "test")).labelled())
    return LabelledPredictions(own, calibration.malignant_classes, *groups_of(run.manifest(), own))


def _is_malignant(taxonomy: Taxonomy, name: str) -> bool | None:
    return {MALIGNANT: True, BENIGN: False}.get(taxonomy.side(name) or "")


def _refuse_taken(out: Path, *, force: bool) -> None:
    if out.suffix == ".json":
        refuse_existing(out, force=force)
    else:
        refuse_inside_bundle(out)
        refuse_foreign(out, kind="external test", is_ours=EXTERNAL_FILES.__contains__, force=force, mark=EXTERNAL)


def _write(found: ExternalTest, judged: Predictions, groups: NDArray[np.str_], out: Path, *, force: bool) -> None:
    if out.suffix == ".json":
        found.write(out)
        return
    with new_folder(out, force=force) as folder:
        write_external(found, judged, groups, folder)
