"""A model on images from elsewhere: how classes are brought together, the drop, and recalibration kept apart."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.errors import PredictionsError
from lentigo.model.decision import Estimate, LowConfidenceBand, OperatingPoint, ProbabilityMap
from lentigo.numbers.calibration import Calibration, ChosenBand
from lentigo.numbers.evaluation import (
    DecisionBasis,
    Evaluation,
    ExternalTest,
    LabelledPredictions,
    evaluate,
    evaluate_whole,
    external_test,
    with_truth,
)
from lentigo.numbers.predictions import Predictions
from lentigo.storage import jsonable
from lentigo.study.reporting import external_table
from lentigo.taxonomy import Taxonomy

SIDES = ("benign", "malignant")
REACHED = Estimate(0.9, 0.8, 1.0, n=10)
QUICK = EvaluateConfig(n_resamples=100)
POINT = OperatingPoint("sensitivity_95", 0.4, 0.95, REACHED, REACHED, 10, 10)
BASIS = DecisionBasis((POINT,), LowConfidenceBand(0.3, 0.5, 0.12), 0.3)
CHOSEN = ChosenBand(0.3, 0.5, 0.12, 0.05, 0.02, False, 0.03, 0.09)


def make(n: int, *, signal: float, shift: float = 0.0, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    target = (rng.random(n) < 0.4).astype(int)
    logit = rng.normal(size=n) + signal * (target - 0.5) + shift
    said = 1 / (1 + np.exp(-signal * logit))
    return Predictions(np.array([f"i{k}" for k in range(n)]), target, np.column_stack([1 - said, said]), SIDES)


def test_the_drop_is_there_less_here_with_both_sets_uncertain(tmp_path: Path) -> None:
    here, there = make(400, signal=3), make(250, signal=1.5, shift=1.0, seed=1)
    found = external_test(
        LabelledPredictions(there, SIDES[1:], np.arange(250) // 2, "lesion"),
        LabelledPredictions(here, SIDES[1:]),
        mapping="same",
        basis=DecisionBasis((POINT,)),
        settings=EvaluateConfig(n_resamples=300),
    )
    drop = found.drops["auroc"]
    assert drop.difference.value == pytest.approx(drop.there.value - drop.here.value)
    assert drop.difference.high < 0
    # variances of independent sets add up
    widths = [e.high - e.low for e in (drop.there, drop.here, drop.difference)]
    assert widths[2] == pytest.approx(np.hypot(widths[0], widths[1]), rel=0.2)
    assert found.evaluation.metrics["auroc"].value == pytest.approx(drop.there.value)
    assert found.evaluation.operating_points[0].threshold == 0.4
    text = external_table(found)
    assert text.isascii(), {letter for letter in text if not letter.isascii()}
    assert text.index("there - own") < text.index("RECALIBRATED") < text.index("All results of the unchanged model")
    found.write(tmp_path / "external.json")
    assert json.loads((tmp_path / "external.json").read_text())["drops"]["auroc"]["there"]["value"] == drop.there.value


def test_recalibration_mends_a_shift_on_images_it_was_not_fitted_to() -> None:
    here, there = make(400, signal=3), make(600, signal=2, shift=1.5, seed=1)
    mended = external_test(
        LabelledPredictions(there, SIDES[1:]),
        LabelledPredictions(here, SIDES[1:]),
        mapping="same",
        basis=DecisionBasis((POINT,)),
        settings=QUICK,
    ).recalibrated
    assert mended is not None
    for name in ("brier", "nll", "malignant_ece"):
        assert mended.after[name].value < 0.8 * mended.before[name].value
    assert "auroc" not in mended.after


def test_separated_sides_have_no_finite_recalibration() -> None:
    rows = np.repeat([[0.9, 0.1], [0.2, 0.8]], 10, axis=0)
    said = Predictions(np.arange(20).astype(str), np.repeat([0, 1], 10), rows, SIDES)
    found = external_test(
        LabelledPredictions(said, SIDES[1:]), LabelledPredictions(said, SIDES[1:]), mapping="same", settings=QUICK
    )
    assert found.recalibrated is None
    assert "n/a (no finite fit)" in external_table(found)


def test_classes_are_kept_where_they_are_the_models_and_reduced_to_sides_where_not() -> None:
    said = Predictions(np.array(["a", "b", "c"]), np.full(3, -1), np.array([[0.7, 0.2, 0.1]] * 3), ("NV", "MEL", "BCC"))
    call = {"malignant": ("MEL", "BCC"), "taxonomy": Taxonomy()}
    kept, words = with_truth(said, ["MEL", "NV", "NV"], **call)
    assert (kept.classes, kept.target.tolist(), words) == (said.classes, [1, 0, 0], "the classes are the model's own")
    sides, words = with_truth(said, ["malignant", "benign", "benign"], **call)
    assert (sides.classes, sides.target.tolist()) == (SIDES, [1, 0, 0])
    assert sides.probabilities[0] == pytest.approx([0.7, 0.3])
    assert "compared as benign or malignant" in words
    more, words = with_truth(said, ["SCC", "UNK", "DF"], **call)
    assert (more.image.tolist(), more.target.tolist()) == (["a", "c"], [1, 0])
    assert "excluded, neither benign nor malignant: 1 image" in words
    binary = Predictions(said.image, np.full(3, -1), np.array([[0.7, 0.3]] * 3), SIDES)
    found, _ = with_truth(binary, ["MEL", "NV", "BKL"], malignant=("malignant",), taxonomy=Taxonomy())
    assert found.target.tolist() == [1, 0, 0]
    with pytest.raises(PredictionsError, match="None of the classes UNK is benign or malignant"):
        with_truth(said, ["UNK"] * 3, **call)


def judged(listed, **how: object) -> tuple[ExternalTest, Predictions, Manifest]:
    """Return an external test of 250 images with a sex each, the predictions, and the manifest."""
    there = make(250, signal=2, seed=1)
    manifest = listed(there, sex=np.array(["female", "male"])[np.arange(250) % 2])
    groups = (np.arange(250) // 2).astype(str)
    labelled = LabelledPredictions(there, SIDES[1:], groups, "lesion")
    found = external_test(labelled, None, mapping="same", basis=BASIS, manifest=manifest, settings=QUICK, **how)
    return found, there, manifest


def test_an_external_test_says_of_subgroups_and_prevalence_what_a_test_of_the_run_itself_would(listed) -> None:
    found, there, manifest = judged(listed)
    plain = ProbabilityMap("temperature", temperature=1.0)
    same = Calibration(plain, (POINT,), SIDES, SIDES[1:], 0.5, 0.5, 0.0, 0.0, 10, 0.3, low_confidence=CHOSEN)
    how = {"malignant": SIDES[1:], "groups": (np.arange(250) // 2).astype(str), "unit": "lesion"}
    own = evaluate_whole(there, **how, calibration=same, manifest=manifest, settings=QUICK)
    detail = found.evaluation.detail
    assert detail.subgroups.worst is not None
    assert detail.subgroups.json() == own.detail.subgroups.json()
    assert detail.at_prevalence.json() == own.detail.at_prevalence.json()
    assert detail.at_prevalence.source == 0.3
    assert detail.deferral.outside["share"] == own.detail.deferral.outside["share"]
    assert detail.answers.json() == own.detail.answers.json()
    assert detail.reliability.nll == own.detail.reliability.nll
    assert detail.coverage is None


def test_the_detail_changes_none_of_the_other_figures(listed) -> None:
    found, there, _ = judged(listed)
    groups = (np.arange(250) // 2).astype(str)
    alone = evaluate(
        there, malignant=SIDES[1:], groups=groups, unit="lesion", operating_points=[POINT], n_resamples=100
    )
    both = [jsonable(one.json()) for one in (found.evaluation, alone)]
    assert json.dumps([{**one, "detail": None, "headline": ""} for one in both[:1]]) == json.dumps(both[1:])


def test_the_answers_that_were_given_are_counted_with_what_the_gate_refused(listed) -> None:
    there = make(250, signal=2, seed=1)
    words = np.where(there.malignant(SIDES[1:]) >= 0.4, "refer", "benign-looking").astype(object)
    words[:30], words[30:50] = "cannot assess", "too close to call"
    found, _, _ = judged(listed, answer_of=dict(zip(there.image.tolist(), words.tolist(), strict=True)))
    shares = found.evaluation.detail.answers.overall
    for side, is_of in (("malignant", there.target == 1), ("benign", there.target == 0)):
        without = np.isin(words[is_of], ["cannot assess", "too close to call"])
        assert shares[side]["cannot assess"].value == pytest.approx(without.mean())
        assert sum(share.value for share in shares[side].values()) == pytest.approx(1)
    all_answered = dict.fromkeys(there.image.tolist(), "refer")
    none = judged(listed, answer_of=all_answered)[0].evaluation.detail.answers.overall["malignant"]["cannot assess"]
    assert (none.value, none.has_interval, none.reason) == (0, False, "each image got an answer")


@pytest.mark.parametrize("band", ["bundle", "run"])
def test_the_band_of_a_bundle_is_kept_in_the_file_without_what_it_reached_on_validation(listed, band, tmp_path) -> None:
    found = judged(listed)[0]
    if band == "run":
        deferral = dataclasses.replace(found.evaluation.detail.deferral, band=CHOSEN)
        detail = dataclasses.replace(found.evaluation.detail, deferral=deferral)
        found = dataclasses.replace(found, evaluation=dataclasses.replace(found.evaluation, detail=detail))
    found.write(tmp_path / "external.json")
    read = json.loads((tmp_path / "external.json").read_text())["evaluation"]
    again = Evaluation.from_json(read, "external.json")
    assert again.detail.deferral.band == found.evaluation.detail.deferral.band
    text = external_table(dataclasses.replace(found, evaluation=again))
    assert "low confidence between 0.3 and 0.5, chosen on validation" in text
    assert ("5.0% on validation" in text) is (band == "run")
    assert "by sex" in text
    assert "at a prevalence of" in text
