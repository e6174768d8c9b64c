"""The widening for few clusters against tables of t, and the degrees of freedom of a variance by hand."""

import math

import numpy as np
import pytest

from lentigo.numbers.metrics._few_clusters import expanded_confidence, t_quantile, variance_freedom, widening


def test_percentiles_of_few_clusters_are_expanded_by_t_and_the_small_sample_factor() -> None:
    # t with 9 degrees of freedom is 2.2622 at 97.5 %; times sqrt(10 / 9) it is 2.3845, the normal quantile of 99.145 %
    assert expanded_confidence(0.95, 10) == pytest.approx(1 - 2 * 0.00855, abs=1e-4)
    assert widening(0.95, 10) == pytest.approx(2.2622 * math.sqrt(10 / 9) / 1.95996, abs=1e-4)


def test_fewer_degrees_of_freedom_than_clusters_decide() -> None:
    assert expanded_confidence(0.95, 1e9, freedom=9) == pytest.approx(2 * 0.98816 - 1, abs=1e-4)  # of 2.2622
    assert expanded_confidence(0.95, 10, freedom=50) == expanded_confidence(0.95, 10)


def test_t_quantiles_are_those_of_the_tables() -> None:
    assert [t_quantile(0.95, freedom) for freedom in (1, 10, math.inf)] == pytest.approx(
        [12.7062, 2.2281, 1.96], abs=1e-4
    )


def test_degrees_of_freedom_are_those_with_which_the_variance_of_samples_varies() -> None:
    # a chi-square of f degrees of freedom has twice its squared mean over its variance for f; here by simulation, for
    # the sum of squares of 200 numbers with heavy tails (kurtosis 6: f is 2 x 200 / (6 - 1) = 80)
    numbers = np.random.default_rng(0).laplace(size=(4000, 200))
    variance = (numbers**2).sum(axis=1)
    expected = 2 * variance.mean() ** 2 / variance.var()
    assert expected == pytest.approx(80, rel=0.1)
    found = np.array([variance_freedom(row) for row in numbers])
    assert np.median(found) == pytest.approx(expected, rel=0.25)


def test_influences_of_one_size_leave_no_doubt_about_the_variance() -> None:
    assert math.isinf(variance_freedom(np.array([0.5, -0.5, 0.5, 0.0])))
    # one cluster decides: the fewest there can be, twice J / (J - 1)
    assert variance_freedom(np.array([1.0, 1e-9, 1e-9, -1e-9])) == pytest.approx(2 * 4 / 3)
