"""AUROC and average precision against scikit-learn and by hand, with ties, missing classes and weights."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from lentigo.errors import MetricError
from lentigo.numbers.metrics._ranking import Ranking, auroc, average_precision


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, scores (often from few values, so that many tie) and whole-number weights of 1 to 40 images."""
    n = draw(st.integers(1, 40))
    levels = draw(st.sampled_from([1, 2, 5, 1000]))
    truth = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    score = np.array(draw(st.lists(st.integers(0, levels), min_size=n, max_size=n))) / levels
    weight = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=np.float64)
    return truth, score, weight


def has_both(truth: np.ndarray, weight: np.ndarray) -> bool:
    return bool(weight[truth].sum() > 0 and weight[~truth].sum() > 0)


@given(rankings())
@settings(max_examples=120, deadline=None)
def test_auroc_is_scikit_learns_and_nan_where_a_class_is_missing(ranking) -> None:
    truth, score, weight = ranking
    for weights in (None, weight):
        found = auroc(truth, score, weight=weights)
        if has_both(truth, np.ones(len(truth)) if weights is None else weight):
            assert found == pytest.approx(roc_auc_score(truth, score, sample_weight=weights), abs=1e-9)
        else:
            assert math.isnan(found)


@given(rankings())
@settings(max_examples=120, deadline=None)
def test_average_precision_is_scikit_learns_and_nan_without_positives(ranking) -> None:
    truth, score, weight = ranking
    for weights in (None, weight):
        found = average_precision(truth, score, weight=weights)
        if (np.ones(len(truth)) if weights is None else weight)[truth].sum() > 0:
            assert found == pytest.approx(average_precision_score(truth, score, sample_weight=weights), abs=1e-9)
        else:
            assert math.isnan(found)


@pytest.mark.parametrize("n", [3000, 20_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_rankings_agree_with_scikit_learn_for_every_weighting(n: int, dtype: type) -> None:
    rng = np.random.default_rng(n)
    truth = rng.random(n) < 0.7
    score = np.round(rng.normal(size=n) + truth, 3)
    weights = rng.poisson(1, (n, 3)).astype(dtype)
    counts = Ranking.of(truth, score).weigh(weights)
    for b in range(3):
        w = weights[:, b].astype(np.float64)
        assert counts.auroc()[b] == pytest.approx(roc_auc_score(truth, score, sample_weight=w), abs=1e-9)
        expected = average_precision_score(truth, score, sample_weight=w)
        assert counts.average_precision()[b] == pytest.approx(expected, abs=1e-9)


def test_values_by_hand() -> None:
    # positives 0.8, 0.4; negatives 0.6, 0.4, 0.1: of six pairs 0.8 wins three, 0.4 wins one and ties one: 4.5 / 6
    truth = np.array([True, True, False, False, False])
    score = np.array([0.8, 0.4, 0.6, 0.4, 0.1])
    assert auroc(truth, score) == pytest.approx(4.5 / 6)
    # precision 1/1 at 0.8 and 2/4 at 0.4
    assert average_precision(truth, score) == pytest.approx((1 + 0.5) / 2)


@given(rankings())
@settings(deadline=None)
def test_auroc_does_not_change_under_a_monotone_map_or_row_order_and_mirrors(ranking) -> None:
    truth, score, _ = ranking
    found = auroc(truth, score)
    assert auroc(truth, np.exp(3 * score) - 7) == pytest.approx(found, nan_ok=True)
    assert auroc(truth[::-1], score[::-1]) == pytest.approx(found, nan_ok=True)
    assert auroc(truth, -score) == pytest.approx(1 - found, nan_ok=True)


@given(rankings())
@settings(max_examples=60, deadline=None)
def test_sensitivity_at_is_the_best_of_all_thresholds_within_the_rate(ranking) -> None:
    truth, score, weight = ranking
    rates = np.array([0.0, 0.1, 0.5, 1.0])
    found = Ranking.of(truth, score).weigh(weight[:, np.newaxis]).sensitivity_at(rates)[:, 0]
    if not has_both(truth, weight):
        assert np.isnan(found).all()
        return
    for rate, sensitivity in zip(rates, found, strict=True):
        reached = [0.0]
        for threshold in np.unique(score):
            called = score >= threshold
            if weight[called & ~truth].sum() <= rate * weight[~truth].sum() + 1e-9:
                reached.append(weight[called & truth].sum() / weight[truth].sum())
        assert sensitivity == pytest.approx(max(reached))


@given(rankings())
@settings(max_examples=60, deadline=None)
def test_precision_at_is_that_of_the_highest_threshold_that_reaches_the_recall(ranking) -> None:
    truth, score, weight = ranking
    recalls = np.array([0.0, 0.3, 0.5, 1.0])
    found = Ranking.of(truth, score).weigh(weight[:, np.newaxis]).precision_at(recalls)[:, 0]
    if weight[truth].sum() == 0:
        assert np.isnan(found).all()
        return
    for recall, precision in zip(recalls, found, strict=True):
        for threshold in np.unique(score)[::-1]:
            called = score >= threshold
            tp = weight[called & truth].sum()
            if tp > 0 and tp >= recall * weight[truth].sum() - 1e-9:
                assert precision == pytest.approx(tp / weight[called].sum())
                break


def test_scores_that_are_not_finite_or_do_not_match_are_refused() -> None:
    with pytest.raises(MetricError, match="1 scores are not finite"):
        auroc(np.array([True, False]), np.array([0.5, np.nan]))
    with pytest.raises(MetricError, match="one value per image"):
        auroc(np.array([True, False]), np.array([0.5]))
