"""The accuracy of few patients: by hand, in simulated sets of a fixed seed, and as it was where there are many."""

import math

import numpy as np
import pytest

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.evaluation._accuracy import accuracy_of_few, malignant_rows, mean_recall, right_by_side
from lentigo.numbers.evaluation._headline import measure_headline
from lentigo.numbers.metrics import Support, bootstrap_estimate
from lentigo.numbers.predictions import Predictions

SHARED, APART = 0.6, 1.8


def test_the_interval_joins_those_of_both_sides_by_hand() -> None:
    few, many = Support(4, 2, 2.0, "malignant images"), Support(12, 12, 12.0, "benign images")
    sides = [Estimate(0.5, 0.1, 0.9, n=4), Estimate(1.0, 0.8, 1.0, n=12)]
    found = accuracy_of_few(Estimate(0.875, 0.8, 0.95, n=16), sides, [few, many], "patient")
    # down: a quarter of 0.4 and three quarters of 0.2; up: a quarter of 0.4
    assert found.low == pytest.approx(0.875 - math.hypot(0.1, 0.15))
    assert found.high == pytest.approx(0.875 + 0.1)
    assert found.reason == "from the images of either side, malignant images being of 2 patients"


def test_one_patient_tells_nothing_about_the_next() -> None:
    one, many = Support(4, 1, 1.0, "malignant images"), Support(12, 12, 12.0, "benign images")
    sides = [Estimate(1.0, math.nan, math.nan, n=4, reason="one patient"), Estimate(1.0, 0.8, 1.0, n=12)]
    found = accuracy_of_few(Estimate(1.0, 0.9, 1.0, n=16), sides, [one, many], "patient")
    assert found.low == pytest.approx(1 - math.hypot(0.25, 0.75 * 0.2))
    assert found.high == 1


def test_with_many_patients_on_both_sides_nothing_changes() -> None:
    whole = Estimate(0.9, 0.87, 0.93, n=660)
    supports = [Support(300, 300, 300.0, "malignant images"), Support(360, 360, 360.0, "benign images")]
    assert accuracy_of_few(whole, [whole, whole], supports, "image") is whole
    assert accuracy_of_few(whole, [whole], supports[:1], "image") is whole


def test_sides_gather_their_classes() -> None:
    confusion = np.array([[5.0, 1.0, 0.0], [1.0, 2.0, 1.0], [0.0, 0.0, 2.0]])
    rows = malignant_rows(np.array([0, 1, 2]), np.array([False, True, True]), 3)
    found = right_by_side(confusion, rows)
    assert found["right_malignant"].tolist() == [4 / 6]
    assert found["right_benign"].tolist() == [5 / 6]


def draw(rng: np.random.Generator, n_malignant: int, n_benign: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return patient, truth and whether the most probable class is right of images; see benchmarks/few_clusters.py."""
    n = n_malignant + n_benign
    patient = np.repeat(np.arange(n), rng.integers(1, 5, n))
    truth = patient < n_malignant
    score = np.where(truth, 0.5, -0.5) * APART + math.sqrt(SHARED) * rng.normal(size=n)[patient]
    score += math.sqrt(1 - SHARED) * rng.normal(size=truth.size)
    return patient, truth, (0.8 * APART * score + math.log(n_malignant / n_benign) >= 0) == truth


def estimate(patient: np.ndarray, right: np.ndarray) -> tuple[Estimate, Support]:
    """Return the share that is right, of independent patients, and how many these count for."""
    groups = np.unique(patient, return_inverse=True)[1]
    sizes, hits = np.bincount(groups), np.bincount(groups, weights=right)
    n, effective = sizes.size, float(sizes.sum() ** 2 / (sizes**2).sum())
    without = (hits.sum() - hits) / (sizes.sum() - sizes)
    value = float(right.mean())
    found = bootstrap_estimate(
        value,
        [value, value],
        n=right.size,
        n_clusters=n,
        effective_clusters=effective,
        influence=math.sqrt((n - 1) / n) * (without.mean() - without),
        is_proportion=True,
        unit="patient",
    )
    return found, Support(right.size, n, effective, "images")


@pytest.mark.parametrize(("n_malignant", "n_benign"), [(2, 20), (5, 25), (9, 40)])
def test_simulated_sets_of_few_patients_hold_the_accuracy(n_malignant: int, n_benign: int) -> None:
    """From resamples 90.5 % of sets of 2 and 20 patients held it, and 93.3 % of those of 5 and 25."""
    _, truth, right = draw(np.random.default_rng(1), 4_000, 4_000 * n_benign // n_malignant)
    share = n_malignant / (n_malignant + n_benign)
    known = share * right[truth].mean() + (1 - share) * right[~truth].mean()
    n_held, n_sets = 0, 400
    for number in range(n_sets):
        patient, truth, right = draw(np.random.default_rng([11, number]), n_malignant, n_benign)
        sides, supports = zip(*(estimate(patient[side], right[side]) for side in (truth, ~truth)), strict=True)
        whole = Estimate(float(right.mean()), math.nan, math.nan, n=right.size)
        found = accuracy_of_few(whole, sides, supports, "patient")
        n_held += found.low <= known <= found.high
    assert n_held / n_sets >= 0.95


@pytest.mark.parametrize("n_malignant", [2, 60])
def test_evaluation_and_comparison_give_one_interval(n_malignant: int) -> None:
    rng = np.random.default_rng(5)
    patient, truth, _ = draw(rng, n_malignant, 80)
    malignant = 1 / (1 + np.exp(-(1.5 * truth - 0.7 + rng.normal(size=truth.size))))
    said = Predictions(
        np.array([f"{i:04d}" for i in range(truth.size)]),
        truth.astype(int),
        np.column_stack([1 - malignant, malignant]),
        ("NV", "MEL"),
    )
    about = {"groups": patient, "unit": "patient", "n_resamples": 100}
    first = evaluate(said, malignant=["MEL"], **about).metrics["accuracy"]
    second = measure_headline(said, ["MEL"], threshold=0.5, **about).estimate("accuracy")
    assert (first.value, first.low, first.high) == pytest.approx((second.value, second.low, second.high))
    assert ("either side" in (first.reason or "")) == (n_malignant == 2)


@pytest.mark.parametrize("n", [6, 80])
def test_ppv_of_a_threshold_that_finds_all_follows_from_both_rates(n: int) -> None:
    """All of 14 malignant images found: resamples left the sensitivity at 1, and PPV was 0.241 [0.218, 0.266]."""
    from lentigo.model.decision import OperatingPoint

    truth = np.arange(4 * n) < n
    probability = np.where(truth, 0.9, np.where(np.arange(4 * n) % 10, 0.8, 0.1))
    rows = np.column_stack([1 - probability, probability])
    said = Predictions(np.array([f"{i:04d}" for i in range(4 * n)]), truth.astype(int), rows, ("NV", "MEL"))
    nobody = Estimate(0.95, 0.9, 1.0, n=10)
    point = OperatingPoint("point", 0.5, 0.9, nobody, nobody, 10, 10)
    found = evaluate(said, malignant=["MEL"], operating_points=[point], n_resamples=100).operating_points[0]
    assert found.sensitivity.value == 1
    # fewer malignant ones of as many flagged, should some be missed elsewhere
    least = found.sensitivity.low * 0.25 / (found.sensitivity.low * 0.25 + (1 - found.specificity.low) * 0.75)
    assert found.ppv.low <= least
    assert found.npv.value == 1
    assert found.npv.low < 1


@pytest.mark.parametrize("n", [4, 60])
def test_means_over_classes_are_as_sure_as_what_they_rest_on(n: int) -> None:
    """With all malignant images found mean precision was 0.62 [0.62, 0.64] and balanced accuracy 0.54 [0.51, 0.60]."""
    truth = np.arange(120) < 40
    malignant = np.where(truth, 0.9, 0.8)
    malignant[-n:] = 0.1  # called benign, rightly
    rows = np.column_stack([1 - malignant, malignant])
    said = Predictions(np.array([f"{i:04d}" for i in range(120)]), truth.astype(int), rows, ("NV", "MEL"))
    found = evaluate(said, malignant=["MEL"], n_resamples=200)
    precision, balanced = found.averages["macro"]["precision"], found.metrics["balanced_accuracy"]
    assert precision.has_interval is (n == 60)
    assert n == 60 or "images called NV of only 4 images" in (precision.reason or "")
    recall = found.per_class["MEL"]["recall"]
    assert recall.value == 1
    assert balanced.low <= balanced.value - (1 - recall.low) / 2
    assert found.averages["macro"]["recall"] == balanced
    assert found.averages["weighted"]["recall"] == found.metrics["accuracy"]
    # F1 of the malignant ones falls with a recall that resamples leave at 1; a mean of such has no interval
    f1, least = found.per_class["MEL"]["f1"], 2 * recall.low * 40 / (recall.low * 40 + 40 + (80 - n))
    assert f1.low <= least
    assert f1.value == pytest.approx(2 * 40 / (40 + 40 + 80 - n))
    assert not found.averages["macro"]["f1"].has_interval
    beside = measure_headline(said, ["MEL"], threshold=0.5, n_resamples=200).estimate("balanced_accuracy")
    assert (beside.low, beside.high) == pytest.approx((balanced.low, balanced.high))


def test_a_mean_recall_stays_where_no_class_is_all_right() -> None:
    whole = Estimate(0.75, 0.7, 0.8, n=104)
    assert mean_recall(whole, [Estimate(0.9, 0.8, 0.95, n=40), Estimate(0.6, 0.5, 0.7, n=64)]) is whole
