"""DeLong's variance against the sums of its definition, and against what repeating every image has to do."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lentigo.errors import MetricError
from lentigo.numbers.metrics import delong_aurocs, ranking_interval


def by_definition(truth: np.ndarray, scores: list[np.ndarray]) -> np.ndarray:
    """The quadratic double sum of DeLong et al. (1988)."""
    of_positives, of_negatives = [], []
    for score in scores:
        wins = (score[truth][:, None] > score[~truth]) + 0.5 * (score[truth][:, None] == score[~truth])
        of_positives.append(wins.mean(axis=1))
        of_negatives.append(wins.mean(axis=0))
    return np.cov(of_positives) / truth.sum() + np.cov(of_negatives) / (~truth).sum()


@given(st.integers(0, 2**32 - 1), st.integers(5, 60), st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_midranks_give_the_covariance_of_the_definition_with_ties(seed: int, n: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 2 == 0
    scores = [np.round(rng.normal(size=n) + truth, digits) for _ in range(2)]
    found = delong_aurocs(truth, scores)
    assert found.auroc == pytest.approx([roc_auc_score(truth, score) for score in scores], abs=1e-9)
    np.testing.assert_allclose(found.covariance, by_definition(truth, scores), atol=1e-12)


def test_every_image_twice_in_one_cluster_changes_nothing_but_the_naive_variance_halves() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(100) < 0.4
    score = rng.normal(size=100) + truth
    once = delong_aurocs(truth, [score], groups=np.arange(100))
    twice = delong_aurocs(np.repeat(truth, 2), [np.repeat(score, 2)], groups=np.repeat(np.arange(100), 2))
    assert twice.covariance[0, 0] == pytest.approx(once.covariance[0, 0])
    naive = delong_aurocs(np.repeat(truth, 2), [np.repeat(score, 2)])
    assert naive.covariance[0, 0] == pytest.approx(once.covariance[0, 0] / 2, rel=0.02)


def test_the_interval_stays_within_0_to_1_and_has_a_width_for_a_perfect_ranking() -> None:
    truth = np.array([False] * 4 + [True] * 4)
    low, high = delong_aurocs(truth, [np.array([0, 1, 2, 4, 3, 5, 6, 7.0])]).interval()
    assert 0 < low < 15 / 16 < high < 1
    low, high = delong_aurocs(truth, [np.arange(8.0)]).interval()
    assert 0.4 < low < 0.6
    assert high == 1
    one_sick = delong_aurocs(truth, [np.arange(8.0)], groups=np.where(truth, 0, np.arange(1, 9)))
    assert all(map(math.isnan, one_sick.interval()))


def test_a_variance_of_few_clusters_makes_no_difference_and_no_p_value() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(60) < 30
    scores = [rng.normal(size=60) + truth for _ in range(2)]
    few = delong_aurocs(truth, scores, groups=np.where(truth, np.arange(60) // 10, np.arange(60)))
    gap, *rest = few.difference()
    assert not math.isnan(gap)
    assert all(map(math.isnan, rest))
    assert few.interval() == pytest.approx(ranking_interval(few.auroc[0], 3, 30))
    assert not any(map(math.isnan, delong_aurocs(truth, scores).difference()))


def test_a_model_does_not_differ_from_itself_and_a_missing_class_is_nan() -> None:
    truth, score = np.array([True, False, True, False]), np.array([0.5, 0.6, 0.7, 0.1])
    gap, low, _, p_value = delong_aurocs(truth, [score, score]).difference()
    assert gap == 0
    assert math.isnan(low)
    assert math.isnan(p_value)
    assert math.isnan(delong_aurocs(np.ones(4, dtype=bool), [score]).auroc[0])
    with pytest.raises(MetricError, match="at least one model"):
        delong_aurocs(truth, [])
