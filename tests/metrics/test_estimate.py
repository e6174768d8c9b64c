"""Intervals: Wilson's by published values, percentiles by numpy, and what happens where there is none."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lentigo.metrics.estimate import (
    Estimate,
    bootstrap_estimate,
    percentile_interval,
    wilson_estimate,
    wilson_interval,
)
from lentigo.metrics.few_clusters import expanded_confidence, widening


def test_wilson_agrees_with_published_values() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    for successes, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)]:
        assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@given(n=st.integers(1, 10_000), share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_wilson_holds_the_share_within_zero_and_one_and_mirrors(n: int, share: float, confidence: float) -> None:
    successes = round(share * n)
    low, high = wilson_interval(successes, n, confidence=confidence)
    assert 0 <= low <= successes / n <= high <= 1
    assert low < high
    mirrored = wilson_interval(n - successes, n, confidence=confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


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


def test_percentiles_of_few_clusters_are_expanded_by_t_and_the_small_sample_factor() -> None:
    # t with 9 degrees of freedom is 2.2622 at 97.5 %; times sqrt(10 / 9) it is 2.3845, the normal quantile of 99.145 %
    assert expanded_confidence(0.95, 10) == pytest.approx(1 - 2 * 0.00855, abs=1e-4)
    assert widening(0.95, 10) == pytest.approx(2.2622 * math.sqrt(10 / 9) / 1.95996, abs=1e-4)


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
