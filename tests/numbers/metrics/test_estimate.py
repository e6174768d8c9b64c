"""Estimates: percentiles by numpy, which interval a figure gets, and what happens where there is none."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lentigo.model.decision import wilson_interval
from lentigo.numbers.metrics._estimate import (
    Estimate,
    bootstrap_estimate,
    percentile_interval,
    wilson_estimate,
)


def test_wilson_without_cases_is_undefined_with_the_reason() -> None:
    found = wilson_estimate(0, 0, cases="malignant images")
    assert math.isnan(found.value)
    assert found.reason == "0 malignant images"
    assert str(found) == "n/a (0 malignant images)"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0.1, 0.99))
def test_percentile_interval_is_the_central_quantiles(values: list[float], confidence: float) -> None:
    low, high = percentile_interval(values, confidence=confidence)
    assert low == pytest.approx(np.percentile(values, 50 * (1 - confidence)), abs=1e-12)
    assert high == pytest.approx(np.percentile(values, 50 * (1 + confidence)), abs=1e-12)


def test_percentile_interval_leaves_out_undefined_resamples_while_half_are_defined() -> None:
    assert percentile_interval([0.2, 0.4, math.nan], confidence=0.999)[0] == pytest.approx(0.2, abs=1e-3)
    assert all(map(math.isnan, percentile_interval([0.2, math.nan, math.nan])))


def test_a_proportion_of_independent_cases_gets_wilsons_interval() -> None:
    # resamples of independent cases vary by p (1 - p) / n, so that the effective size is n
    spread = math.sqrt(0.9 * 0.1 / 400)
    drawn = 0.9 + spread * np.sqrt(399 / 400) * np.array([-1.0, 1.0] * 50)
    found = bootstrap_estimate(0.9, drawn, n=400, n_clusters=400, is_proportion=True)
    assert (found.low, found.high) == pytest.approx(wilson_interval(360, 400), abs=3e-4)


def test_a_proportion_whose_images_repeat_each_other_is_less_sure() -> None:
    spread = 2 * math.sqrt(0.9 * 0.1 / 400)
    found = bootstrap_estimate(
        0.9, 0.9 + spread * np.array([-1.0, 1.0] * 50), n=400, n_clusters=400, is_proportion=True
    )
    assert (found.low, found.high) == pytest.approx(wilson_interval(90, 100), abs=3e-3)


def test_a_coefficient_gets_the_jackknifes_error_and_a_t_quantile_of_its_freedom() -> None:
    # squares 1, 1, 1, 9: the variance is 12, with 2 x 144 / (84 - 144 / 4) = 6 degrees of freedom, t = 2.4469
    influence = np.array([1.0, -1.0, 1.0, -3.0])
    drawn = np.linspace(4, 6, 101)
    found = bootstrap_estimate(5.0, drawn, n=400, n_clusters=400, influence=influence, is_coefficient=True)
    half = 2.4469 * math.sqrt(12)
    assert (found.low, found.high) == pytest.approx((5 - half, 5 + half), abs=1e-3)
    # the clusters give fewer degrees of freedom where they are fewer: 3, t = 3.1824
    few = bootstrap_estimate(5.0, drawn, n=400, n_clusters=4, influence=influence, is_coefficient=True)
    assert few.high - 5.0 == pytest.approx(3.1824 * math.sqrt(12), abs=1e-3)


def test_a_coefficient_without_a_known_influence_gets_percentiles() -> None:
    drawn = np.linspace(4, 6, 1001)
    for influence in (None, np.array([1.0, math.nan])):
        found = bootstrap_estimate(5.0, drawn, n=9, n_clusters=10**6, influence=influence, is_coefficient=True)
        assert (found.low, found.high) == pytest.approx((4.05, 5.95), abs=1e-3)


def test_a_figure_that_a_handful_of_clusters_decides_gets_a_wider_interval() -> None:
    drawn = np.random.default_rng(0).normal(size=20_000)
    even, uneven = np.tile([0.1, -0.1], 50), np.tile([0.01, -0.01], 50)
    uneven[:2] = [0.7, -0.7]
    wide, narrow = (
        bootstrap_estimate(0.0, drawn, n=100, n_clusters=10**6, influence=influence) for influence in (uneven, even)
    )
    assert narrow.high - narrow.low == pytest.approx(2 * 1.96, abs=0.05)
    # two clusters of a hundred: 4.2 degrees of freedom, t = 2.735
    assert wide.high - wide.low == pytest.approx(2 * 2.735, abs=0.15)


def test_an_undefined_estimate_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Estimate(math.nan, math.nan, math.nan, 0)


def test_json_is_strict_and_reads_back() -> None:
    for estimate in (Estimate(0.1 + 0.2, 0.25, 0.4, 7), Estimate(0.5, math.nan, math.nan, 1, "1 lesion")):
        text = json.dumps(estimate.json(), allow_nan=False)
        assert Estimate.from_json(json.loads(text)).json() == estimate.json()
        assert Estimate.from_json(json.loads(text)).value == estimate.value
    assert Estimate.undefined("0 images").json()["value"] is None


def test_a_figure_resting_on_one_cluster_has_no_interval_but_a_reason() -> None:
    found = bootstrap_estimate(0.5, [0.5, 0.5], n=4, n_clusters=1, cases="images of MEL", unit="patient")
    assert found.value == 0.5
    assert not found.has_interval
    assert found.reason == "all 4 images of MEL are of one patient: no interval"
    single = bootstrap_estimate(1.0, [1.0], n=1, n_clusters=1, cases="images of MEL", unit="image")
    assert single.reason == "1 image of MEL only: no interval"


def test_a_perfect_proportion_gets_wilson_over_clusters_not_a_width_of_zero() -> None:
    found = bootstrap_estimate(1.0, np.ones(100), n=50, n_clusters=20, unit="lesion", is_proportion=True)
    assert (found.low, found.high) == pytest.approx(wilson_interval(20, 20))
    assert found.low < 0.9
    assert "Wilson interval over 20 lesions" in str(found.reason)


def test_any_other_figure_that_never_changes_has_no_interval() -> None:
    found = bootstrap_estimate(1.0, np.ones(100), n=50, n_clusters=20)
    assert not found.has_interval
    assert "same in every resample" in str(found.reason)
