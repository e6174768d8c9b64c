"""Tests of subgroups: against scikit-learn's and scipy's, and their error rate under no difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lentigo.numbers.evaluation import _disparity as disparity
from lentigo.numbers.evaluation._disparity import holm, shuffle_test


def test_with_one_image_a_cluster_large_samples_give_pearsons_chi_squared(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 3000)
    hit = rng.random(3000) < np.array([0.9, 0.92, 0.88])[group]
    counts = np.array([[(hit & (group == k)).sum(), (~hit & (group == k)).sum()] for k in range(3)])
    pearson = stats.chi2_contingency(counts, correction=False)
    found = shuffle_test(hit, group, np.arange(3000), n_shuffles=10, seed=0)
    assert found == pytest.approx(pearson.pvalue)
    monkeypatch.setattr(disparity, "MOST_DRAWN", 3000)
    assert shuffle_test(hit, group, np.arange(3000), n_shuffles=2000, seed=0) == pytest.approx(found, abs=0.03)


def test_two_small_groups_give_fishers_exact_test() -> None:
    hit, group = np.repeat([True, False, True, False], [9, 1, 4, 6]), np.repeat([0, 1], 10)
    exact = stats.fisher_exact([[9, 1], [4, 6]]).pvalue
    assert shuffle_test(hit, group, np.arange(20), n_shuffles=20_000, seed=0) == pytest.approx(exact, abs=0.01)


def test_equal_groups_are_called_different_as_often_as_the_level_says_also_in_clusters() -> None:
    rng = np.random.default_rng(1)
    clustered, naive = [], []
    for seed in range(200):
        cluster = np.repeat(np.arange(80), 5)
        hit = np.repeat(rng.random(80) < 0.8, 5)  # the images of a lesion hit or miss together
        group = np.repeat(rng.integers(0, 3, 80), 5)
        clustered.append(shuffle_test(hit, group, cluster, n_shuffles=199, seed=seed) < 0.05)
        naive.append(shuffle_test(hit, group, np.arange(400), n_shuffles=199, seed=seed) < 0.05)
    assert np.mean(clustered) == pytest.approx(0.05, abs=0.035)
    assert np.mean(naive) > 0.3


@pytest.mark.parametrize(("n_few", "size"), [(40, 5), (20, 10)])
def test_more_images_a_patient_in_one_group_are_no_difference(n_few, size) -> None:
    """Shuffled without regard to that, 16 and 23 % are called different where 5 % should be."""
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1], [n_few * size, 200])
    cluster = np.concatenate([np.repeat(np.arange(n_few), size), n_few + np.arange(200)])
    found = [
        shuffle_test(rng.random(cluster.size) < 0.9, group, cluster, n_shuffles=99, seed=seed) <= 0.05
        for seed in range(300)
    ]
    assert np.mean(found) == pytest.approx(0.05, abs=0.04)


def test_what_cannot_differ_has_no_p_value() -> None:
    group, own = np.repeat([0, 1], 5), np.arange(10)
    for hit in (np.ones(10, dtype=bool), np.zeros(10, dtype=bool)):
        assert np.isnan(shuffle_test(hit, group, own, n_shuffles=9, seed=0))
    mixed = np.arange(10) % 2 == 0
    assert np.isnan(shuffle_test(mixed, np.zeros(10, dtype=int), own, n_shuffles=9, seed=0))
    assert np.isnan(shuffle_test(mixed[:0], group[:0], own[:0], n_shuffles=9, seed=0))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_the_step_down_rule(p_values: list[float]) -> None:
    corrected = holm([*p_values, float("nan")])
    assert np.isnan(corrected[-1])
    for level in (0.01, 0.05, 0.2):
        rejected = set()
        for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
            if p_values[i] * (len(p_values) - rank) > level:
                break
            rejected.add(i)
        assert {i for i, p in enumerate(corrected[:-1]) if p <= level} == rejected
