"""Resampling: clusters stay whole, classes keep their size, and weights mean what repeating the images means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lentigo.errors import MetricError
from lentigo.numbers.metrics._bootstrap import Resampler, bootstrap
from lentigo.numbers.metrics._estimate import percentile_interval
from lentigo.numbers.metrics._ranking import Ranking

clustered = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=1, max_size=40)


@given(clustered, st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_images_of_a_cluster_weigh_the_same_and_clusters_of_a_class_keep_their_number(pairs, seed: int) -> None:
    target, group = np.array(pairs).T
    resampler = Resampler.of(target, group, n_resamples=5, seed=seed)
    weights = resampler.weights(0, 5)
    assert (weights == np.round(weights)).all()
    clusters = np.unique(group)
    assert resampler.n_clusters == clusters.size
    by_rarity = np.argsort(np.bincount(target), kind="stable").tolist()
    stratum = {g: min(target[group == g].tolist(), key=by_rarity.index) for g in clusters.tolist()}
    for b in range(5):
        for g in clusters:
            assert np.unique(weights[group == g, b]).size == 1
        for k in set(stratum.values()):
            members = [g for g, s in stratum.items() if s == k]
            assert sum(weights[group == g, b][0] for g in members) == len(members)


def test_every_cluster_is_drawn_equally_often_with_the_variance_of_drawing_with_replacement() -> None:
    target = np.repeat([0, 1], [30, 10])
    weights = Resampler.of(target, n_resamples=4000).weights(0, 4000)
    # multinomial: mean 1, variance 1 - 1/G; standard errors about 0.016 and 0.03
    np.testing.assert_allclose(weights.mean(axis=1), 1, atol=0.08)
    np.testing.assert_allclose(weights[:30].var(axis=1).mean(), 1 - 1 / 30, atol=0.02)
    np.testing.assert_allclose(weights[30:].var(axis=1).mean(), 1 - 1 / 10, atol=0.04)


@pytest.mark.parametrize("max_bytes", [1, 2000, 10**9])
def test_replicates_do_not_depend_on_how_the_resamples_are_cut_into_pieces(max_bytes: int) -> None:
    resampler = Resampler.of(np.repeat([0, 1], 20), n_resamples=130, seed=3)
    found = bootstrap(lambda weights: {"first": weights[0]}, resampler, max_bytes=max_bytes)
    np.testing.assert_array_equal(found["first"], resampler.weights(0, 130)[0])


def test_a_resample_does_not_depend_on_how_many_follow_but_on_the_seed() -> None:
    target = np.repeat([0, 1], 20)
    few, many = (Resampler.of(target, n_resamples=n, seed=1).weights(0, 3) for n in (3, 50))
    np.testing.assert_array_equal(few, many)
    assert (few != Resampler.of(target, n_resamples=3, seed=2).weights(0, 3)).any()


def test_the_vectorised_bootstrap_is_a_loop_that_repeats_images_and_asks_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    target = (rng.random(120) < 0.3).astype(int)
    group = rng.integers(0, 60, 120)
    score = np.round(rng.random(120) + 0.4 * target, 1)
    resampler = Resampler.of(target, group, n_resamples=80, seed=5)
    ranking = Ranking.of(target == 1, score)
    found = bootstrap(lambda weights: {"auroc": ranking.weigh(weights).auroc()}, resampler)["auroc"]
    expected = []
    for b in range(80):
        rows = np.repeat(np.arange(120), resampler.weights(b, b + 1)[:, 0].astype(int))
        expected.append(roc_auc_score(target[rows], score[rows]))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_clusters_widen_the_interval_when_images_of_a_cluster_agree() -> None:
    rng = np.random.default_rng(0)
    is_right = np.repeat(rng.random(60) < 0.7, 8).astype(float)
    widths = []
    for groups in (None, np.repeat(np.arange(60), 8)):
        resampler = Resampler.of(np.zeros(480, dtype=int), groups, n_resamples=500)
        means = bootstrap(lambda weights: {"mean": is_right @ weights / weights.sum(axis=0)}, resampler)["mean"]
        low, high = percentile_interval(means)
        widths.append(high - low)
    # fully correlated images: sqrt(8) times as wide
    assert widths[1] / widths[0] == pytest.approx(8**0.5, rel=0.15)


def test_a_percentile_interval_of_a_mean_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    n_covered = 0
    for trial in range(150):
        values = rng.normal(size=60)
        resampler = Resampler.of(np.zeros(60, dtype=int), n_resamples=200, seed=trial)
        means = bootstrap(lambda weights, v=values: {"mean": v @ weights / 60}, resampler)["mean"]
        low, high = percentile_interval(means, confidence=0.9)
        n_covered += low <= 0 <= high
    # 135 expected, standard deviation 3.7
    assert 122 <= n_covered <= 146


def test_weights_are_float32_only_while_their_sums_are_exact_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    resampler = Resampler.of(np.zeros(100, dtype=int))
    single = resampler.weights(0, 4)
    monkeypatch.setattr("lentigo.numbers.metrics._bootstrap._EXACT_IN_FLOAT32", 100)
    double = resampler.weights(0, 4)
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single, double)


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(MetricError, match="0 resamples"):
        Resampler.of(np.array([0, 1]), n_resamples=0)
    with pytest.raises(MetricError, match="no images"):
        Resampler.of(np.array([], dtype=int))
    with pytest.raises(MetricError, match="2 images need as many groups; got 3"):
        Resampler.of(np.array([0, 1]), np.array(["a", "b", "c"]))
