"""The jackknife over blocks, and the interval it corrects, against SciPy's."""

import numpy as np
import pytest
from scipy.stats import bootstrap as oracle

from lentigo.numbers.metrics import Resampler
from lentigo.numbers.metrics._acceleration import bca_interval, jackknife
from lentigo.numbers.metrics._bootstrap import bootstrap


def mean_of(values: np.ndarray):
    return lambda weights: {"mean": (weights * values[:, None]).sum(axis=0) / weights.sum(axis=0)}


def test_bca_ends_are_scipys_for_a_skewed_mean() -> None:
    values = np.random.default_rng(0).exponential(size=60)
    resampler = Resampler.of(np.zeros(60, dtype=int), n_resamples=20_000)
    blocks = jackknife(mean_of(values), resampler)
    drawn = bootstrap(mean_of(values), resampler)["mean"]
    influence = blocks.influence_of(blocks.left_out["mean"])
    found = bca_interval(values.mean(), drawn, influence, confidence=0.95)
    expected = oracle((values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1))
    assert found == pytest.approx((expected.confidence_interval.low, expected.confidence_interval.high), abs=0.02)
    assert (influence**2).sum() == pytest.approx(values.var(ddof=1) / 60)


def test_the_variance_is_that_within_strata() -> None:
    rng = np.random.default_rng(2)
    stratum = np.repeat([0, 1], [30, 70])
    values = rng.normal(size=100) + 10 * stratum
    blocks = jackknife(mean_of(values), Resampler.of(stratum))
    variance = (blocks.influence_of(blocks.left_out["mean"]) ** 2).sum()
    expected = sum((stratum == k).mean() ** 2 * values[stratum == k].var(ddof=1) / (stratum == k).sum() for k in (0, 1))
    assert variance == pytest.approx(expected)


def test_many_clusters_are_left_out_in_blocks_and_give_much_the_same_variance() -> None:
    values = np.random.default_rng(3).normal(size=4000)
    blocks = jackknife(mean_of(values), Resampler.of(np.zeros(4000, dtype=int)))
    assert blocks.stratum.size == 200
    assert (blocks.influence_of(blocks.left_out["mean"]) ** 2).sum() == pytest.approx(values.var() / 4000, rel=0.3)
