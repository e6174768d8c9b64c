"""What a figure is worth beside doing nothing: said where it is not shown to be more, with few images and with many."""

import math
from dataclasses import replace

import numpy as np
import pytest

from lentigo.model.decision import Estimate
from lentigo.numbers.calibration import ChosenBand, Conformal
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.evaluation._test_looks import LookAtTest, LooksAtTest
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting._audit.words import occlusion_text
from lentigo.study.reporting._cautions import beware
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._tables import point_rows
from lentigo.study.reporting._terminal.evaluation import format_table
from lentigo.study.reporting._trivial_baselines import (
    accuracy_beside,
    one_answer,
    one_answer_before,
    without_band,
)


def judged(binary, accuracy: Estimate, n_benign: int, n_malignant: int):
    support = {"benign": n_benign, "malignant": n_malignant}
    metrics = {**binary.evaluation.metrics, "accuracy": accuracy}
    return replace(binary.evaluation, metrics=metrics, support=support, n_images=n_benign + n_malignant)


def test_an_accuracy_is_set_beside_one_answer_for_all(binary) -> None:
    few = judged(binary, Estimate(9 / 13, 0.17, 0.96, n=13), 9, 4)
    assert accuracy_beside(few) == (
        "The accuracy of 69.2% (17.0 to 96.0%) is not shown to be better than always answering 'benign', which is "
        "right in 69.2% of these images."
    )
    # the same accuracy of many images is worse than one answer, or better, where the interval says so
    assert "is worse than" in accuracy_beside(judged(binary, Estimate(0.6, 0.58, 0.62, n=5000), 3500, 1500))
    assert accuracy_beside(judged(binary, Estimate(0.8, 0.78, 0.82, n=5000), 3500, 1500)) == ""
    assert "not shown" in accuracy_beside(judged(binary, Estimate(0.9, math.nan, math.nan, 3, "one"), 2, 1))
    told = [note.text for note in beware(RunFacts.of(replace(binary, evaluation=few)))]
    assert accuracy_beside(few) in told


def test_of_classes_as_common_the_answer_that_a_model_always_gives_is_compared(binary) -> None:
    """With 6 images of each it always said 'benign', and was compared with always saying 'malignant'."""
    one = judged(binary, Estimate(0.5, 0.2, 0.8, n=12), 6, 6)
    for name in one.classes:
        called = np.zeros((2, 2), dtype=np.int64)
        called[:, one.classes.index(name)] = 6
        assert f"that of always answering '{name}'" in accuracy_beside(replace(one, confusion=called))


@pytest.mark.parametrize(("n_benign", "n_malignant"), [(9, 4), (900, 400)])
def test_a_model_that_gives_one_answer_is_not_compared_with_giving_one_answer(binary, n_benign, n_malignant) -> None:
    accuracy = Estimate(9 / 13, 0.5, 0.8, n=n_benign + n_malignant)
    one = judged(binary, accuracy, n_benign, n_malignant)
    benign = one.classes.index("benign")
    same, other = np.zeros((2, 2), dtype=np.int64), np.zeros((2, 2), dtype=np.int64)
    same[benign, benign], same[1 - benign, benign] = n_benign, n_malignant
    other[benign, benign], other[1 - benign, 1 - benign] = n_benign, n_malignant
    assert accuracy_beside(replace(one, confusion=same)) == (
        f"The most probable class of all {n_benign + n_malignant:,} test images is 'benign': the accuracy of 69.2% "
        "(50.0 to 80.0%) is that of always answering 'benign'."
    )
    assert "not shown to be better" in accuracy_beside(replace(one, confusion=other))


@pytest.mark.parametrize("n_of_each", [2, 60])
def test_a_threshold_that_flags_all_images_or_none_is_said_to_separate_nothing(binary, n_of_each) -> None:
    point = replace(binary.evaluation.operating_points[0], tp=n_of_each, fp=n_of_each, fn=0, tn=0)
    assert one_answer(point) == (
        f"At this threshold all {2 * n_of_each} test images would be referred, malignant or benign: it separates "
        "nothing here."
    )
    assert one_answer(replace(point, tp=0, fp=0, fn=n_of_each, tn=n_of_each)) == (
        f"At this threshold none of {2 * n_of_each} test images would be referred: it separates nothing here."
    )
    assert one_answer(replace(point, tn=1)) == ""
    evaluation = replace(binary.evaluation, operating_points=(point,))
    assert "One decision for all." in [
        note.title for note in beware(RunFacts.of(replace(binary, evaluation=evaluation)))
    ]
    assert "it separates nothing here" in " ".join(format_table(evaluation).split())


@pytest.mark.parametrize(
    ("reason", "has_row"), [("score interval, malignant images being of 2 patients", False), (None, True)]
)
def test_a_score_interval_is_not_called_one_by_delong(binary, reason, has_row: bool) -> None:
    auroc = Estimate(0.75, 0.4, 0.95, 13 if reason else 9000, reason)
    metrics = {**binary.evaluation.metrics, "auroc": auroc, "auroc_delong": auroc}
    text = format_table(replace(binary.evaluation, metrics=metrics))
    assert ("AUROC, by DeLong" in text, "DeLong: " in text) == (has_row, has_row)


def test_names_with_a_comma_are_listed_with_semicolons(binary) -> None:
    few, one = "no interval from fewer than 10", "images of one patient"
    known = binary.evaluation.metrics
    metrics = {key: replace(known[key], reason=few) for key in ("accuracy", "ece", "nll")}
    metrics |= {key: replace(known[key], reason=one) for key in ("brier", "balanced_accuracy")}
    said = " ".join(format_table(replace(binary.evaluation, metrics={**known, **metrics})).split())
    assert f"- accuracy; NLL; ECE, top label: {few}." in said
    assert f"- balanced accuracy, Brier score: {one}." in said


def without(scores, *, missed: Estimate, before: float = 0.016, is_reached: bool = True):
    band = ChosenBand(0.3, 0.3, 0.0, before, 0.02, is_reached, 0.03, 0.09)
    return replace(scores, band=band, outside={"missed": missed})


def test_no_band_was_needed_only_as_far_as_the_images_show(deferral) -> None:
    start = (
        "No low-confidence band: without one 1.6% of the malignant images are missed on validation (target: at most "
        "2.0%)"
    )
    few = without_band(without(deferral, missed=Estimate(0.0, 0.0, 0.66, n=4)))
    assert few == f"{start}, and here 0.0% (0.0 to 66.0%): 4 malignant images do not show that the target is met."
    many = without_band(without(deferral, missed=Estimate(0.01, 0.007, 0.014, n=9000)))
    assert many == f"{start}, and here 1.0% (0.7 to 1.4%): the target is met."
    assert "is not met" in without_band(without(deferral, missed=Estimate(0.06, 0.05, 0.07, n=9000)))
    missing = without_band(without(deferral, missed=Estimate.undefined("0 malignant images answered")))
    assert missing == f"{start}; here no malignant image is tested."


def test_a_band_that_would_not_help_is_not_called_needless(deferral) -> None:
    said = without_band(without(deferral, missed=Estimate(0.0, 0.0, 0.01, n=900), before=0.2, is_reached=False))
    assert "20.0% of the malignant images are missed" in said
    assert "no band of the allowed size comes nearer" in said


def test_a_class_of_too_few_validation_cases_is_said_to_be_always_in_the_set() -> None:
    rows = np.array([[0.9, 0.1], [0.8, 0.2]] * 30)
    sets = Conformal.fit(rows, np.array([0] * 57 + [1] * 3), ("NV", "MEL"))
    assert sets.range_of("MEL") == "all (always in the set)"
    assert sets.range_of("NV") == "83% to 97%"


@pytest.fixture(scope="module")
def deferral():
    """Scores of a threshold with nothing put aside."""
    from lentigo.config import EvaluateConfig
    from lentigo.numbers.evaluation import evaluate_whole

    rng = np.random.default_rng(0)
    target = np.arange(60) % 2
    p = np.clip(0.5 * target + rng.uniform(0, 0.5, 60), 0.01, 0.99)
    said = Predictions(np.array([f"{i:02d}" for i in range(60)]), target, np.column_stack([1 - p, p]), ("NV", "MEL"))
    assert accuracy_beside(evaluate(said, malignant=["MEL"], n_resamples=50)) == ""
    return evaluate_whole(said, malignant=["MEL"], settings=EvaluateConfig(n_resamples=100)).detail.deferral


def test_a_threshold_that_flags_all_of_validation_is_a_caution_of_point_and_page(binary) -> None:
    calibration = binary.calibration
    chosen = replace(
        calibration.operating_points[0],
        sensitivity=Estimate(1.0, 0.2, 1.0, n=6),
        specificity=Estimate(0.0, 0.0, 0.8, n=7),
    )
    said = one_answer_before(replace(chosen, n_malignant=6, n_benign=7))
    assert said == "On validation this threshold flags all 13 images: it separates nothing there."
    assert one_answer_before(replace(chosen, specificity=Estimate(0.1, 0.0, 0.8, n=7))) == ""
    facts = RunFacts.of(
        replace(binary, calibration=replace(calibration, operating_points=(chosen, *calibration.operating_points[1:])))
    )
    assert "it separates nothing there" in point_rows(facts)[0].caution
    assert "One decision for all." in [note.title for note in beware(facts)]


def look(value: float, half: float, n: int) -> dict[str, object]:
    whole = Estimate(value + 0.02, value - half, min(1.0, value + half), n)
    return {"whole": whole.json(), "masked": Estimate(value, value - half, min(1.0, value + half), n).json()}


def test_a_model_is_said_to_look_elsewhere_only_where_the_interval_is_above_chance() -> None:
    assert "lies outside the lesion, and may be absent" in occlusion_text(look(0.75, 0.04, 600))
    wide = Estimate(0.75, 0.4, 1.0, 13).json()
    few = occlusion_text({"whole": Estimate(0.77, 0.6, 0.9, 13).json(), "masked": wide})
    assert "may lie outside the lesion, but 13 images do not decide it" in few
    # 0.611 were "still reached" where the pictures as they are gave 0.519, which no page can tell from chance
    useless = occlusion_text({"whole": Estimate(0.519, 0.003, 0.998, 15).json(), "masked": wide})
    assert useless.endswith("is not shown to be better than chance: nothing follows about what it relies on.")


def test_thresholds_of_a_run_that_replaces_one_were_not_chosen_before_the_test_was_seen() -> None:
    first = LookAtTest("2026-11-30T10:00:00+00:00", "train", "every figure", "ab", "cd")
    again = replace(first, when="2026-11-30T11:00:00+00:00")
    assert LooksAtTest((first,)).chosen == "before the test was seen"
    assert LooksAtTest((replace(first, is_earlier=True), again)).chosen == (
        "after an earlier run in this folder had shown its test"
    )
