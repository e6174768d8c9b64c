"""Figures of probabilities against scikit-learn and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from lentigo.errors import MetricError
from lentigo.model.decision import wilson_interval
from lentigo.numbers.metrics._calibration import (
    assign_bins,
    brier_score,
    expected_calibration_error,
    negative_log_likelihood,
    reliability_bins,
    top_label,
)


@given(st.integers(1, 30), st.integers(2, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_brier_and_nll_are_scikit_learns(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, target = rng.dirichlet(np.full(k, 0.3), n), rng.integers(0, k, n)
    if k == 2:
        expected = brier_score_loss(target, rows[:, 1], labels=[0, 1])
    else:
        expected = brier_score_loss(target, rows, labels=list(range(k)))
    assert brier_score(rows, target) == pytest.approx(expected, abs=1e-9)
    assert negative_log_likelihood(rows, target) == pytest.approx(log_loss(target, rows, labels=range(k)), abs=1e-9)


def test_a_sure_and_wrong_answer_costs_a_finite_nll() -> None:
    assert negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(36.04, abs=0.01)
    assert negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([0])) == 0


def test_figures_without_images_are_nan() -> None:
    rows, target = np.empty((0, 2)), np.empty(0, dtype=int)
    assert math.isnan(brier_score(rows, target))
    assert math.isnan(negative_log_likelihood(rows, target))
    assert math.isnan(expected_calibration_error(target == 1, rows[:, 1]))
    assert reliability_bins(target == 1, rows[:, 1]).count.size == 0


def test_ece_by_hand() -> None:
    # equal mass, two bins: {0.1, 0.3} came true 0 of 2, {0.6, 0.8} 1 of 2: 2/4 * |0.2 - 0| + 2/4 * |0.7 - 0.5|
    outcome, probability = np.array([False, False, True, False]), np.array([0.1, 0.3, 0.6, 0.8])
    assert expected_calibration_error(outcome, probability, n_bins=2) == pytest.approx(0.2)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_ece_of_equal_width_is_that_of_a_plain_loop(pairs, n_bins: int) -> None:
    outcome, probability = np.array([o for o, _ in pairs]), np.array([p for _, p in pairs])
    cuts = np.arange(1, n_bins) / n_bins
    bins = np.array([sum(p >= cut for cut in cuts) for p in probability])
    expected = sum(
        (bins == i).mean() * abs(probability[bins == i].mean() - outcome[bins == i].mean()) for i in set(bins.tolist())
    )
    found = expected_calibration_error(outcome, probability, n_bins=n_bins, binning="equal_width")
    assert found == pytest.approx(expected, abs=1e-9)


def test_reliability_bins_are_scikit_learns_and_wilsons() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(600)
    outcome = rng.random(600) < probability**2
    for binning, strategy in (("equal_width", "uniform"), ("equal_mass", "quantile")):
        found = reliability_bins(outcome, probability, n_bins=10, binning=binning)
        observed, said = calibration_curve(outcome, probability, n_bins=10, strategy=strategy)
        np.testing.assert_allclose(found.observed, observed, atol=1e-9)
        np.testing.assert_allclose(found.probability, said, atol=1e-9)
    k, n = round(found.observed[3] * found.count[3]), int(found.count[3])
    assert (found.low[3], found.high[3]) == pytest.approx(wilson_interval(k, n))


@given(st.lists(st.integers(0, 8), min_size=1, max_size=80), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_equal_mass_bins_are_ordered_keep_ties_together_and_are_even_without_ties(levels, n_bins: int) -> None:
    probability = np.array(levels) / 8
    bins = assign_bins(probability, n_bins=n_bins)
    order = np.argsort(probability, kind="stable")
    assert (np.diff(bins[order]) >= 0).all()
    assert all(np.unique(bins[probability == p]).size == 1 for p in probability)
    spread = np.bincount(assign_bins(np.linspace(0, 1, len(levels) + n_bins), n_bins=n_bins))
    assert spread.max() - spread.min() <= 1
    assert spread.size == n_bins


def test_ece_is_zero_for_probabilities_that_come_true_and_one_for_the_opposite() -> None:
    outcome = np.array([True, False] * 20)
    assert expected_calibration_error(outcome, outcome.astype(float)) == 0
    assert expected_calibration_error(outcome, 1.0 - outcome) == 1


def test_top_label_is_the_most_probable_class() -> None:
    is_right, confidence = top_label(np.array([[0.2, 0.5, 0.3], [0.6, 0.2, 0.2]]), np.array([1, 2]))
    assert is_right.tolist() == [True, False]
    assert confidence.tolist() == [0.5, 0.6]


def test_an_unknown_binning_is_refused() -> None:
    with pytest.raises(MetricError, match="Use 'equal_mass' or 'equal_width'"):
        assign_bins(np.array([0.5]), binning="adaptive")  # type: ignore[arg-type]
    with pytest.raises(MetricError, match="at least one"):
        assign_bins(np.array([0.5]), n_bins=0)
