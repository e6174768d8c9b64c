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
from lentigo.numbers.metrics._few_clusters import FEWEST_CLUSTERS, Support


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
        0.9, 0.9 + spread * np.array([-1.0, 1.0] * 50), n=400, n_clusters=399, is_proportion=True
    )
    assert (found.low, found.high) == pytest.approx(wilson_interval(90, 100), abs=3e-3)


def test_of_few_clusters_one_missed_case_makes_a_share_no_surer_than_none_does() -> None:
    drawn = 0.96 + 0.03 * np.array([-1.0, 1.0] * 50)
    missed = bootstrap_estimate(0.96, drawn, n=25, n_clusters=8, effective_clusters=5.8, is_proportion=True)
    whole = bootstrap_estimate(1.0, np.ones(100), n=25, n_clusters=8, effective_clusters=5.8, is_proportion=True)
    assert missed.low <= whole.low
    assert "that count as 5.8 equal ones" in whole.reason
    two = bootstrap_estimate(1.0, np.ones(100), n=5, n_clusters=2, effective_clusters=1.47, is_proportion=True)
    assert two.low == pytest.approx(0.025 ** (1 / 1.47))  # one image of one patient, four of the other: not two alike


def test_a_coefficient_gets_the_jackknifes_error_and_a_t_quantile_of_its_freedom() -> None:
    # squares 1, 1, 1, 9: the variance is 12, with 2 x 144 / (84 - 144 / 4) = 6 degrees of freedom, t = 2.4469
    influence = np.array([1.0, -1.0, 1.0, -3.0])
    drawn = np.linspace(4, 6, 101)
    found = bootstrap_estimate(5.0, drawn, n=400, n_clusters=400, influence=influence, is_coefficient=True)
    half = 2.4469 * math.sqrt(12)
    assert (found.low, found.high) == pytest.approx((5 - half, 5 + half), abs=1e-3)
    # the clusters give fewer degrees of freedom where they are fewer: 9 of ten, t = 2.2622
    even = np.tile([0.1, -0.1], 50)
    few = bootstrap_estimate(5.0, drawn, n=400, n_clusters=10, influence=even, is_coefficient=True)
    assert few.high - 5.0 == pytest.approx(2.2622, abs=1e-3)


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


def sides(n_malignant: int, n_benign: int) -> list[Support]:
    return [
        Support(2 * n, n, float(n), name)
        for n, name in ((n_malignant, "malignant images"), (n_benign, "benign images"))
    ]


def test_an_auroc_of_few_patients_is_less_sure_than_their_resamples() -> None:
    # as three patients gave it: resamples between 0.718 and 1
    drawn = np.random.default_rng(0).uniform(0.718, 1, size=500)
    few = bootstrap_estimate(0.75, drawn, n=13, n_clusters=3, unit="patient", is_ranking=True, sides=sides(3, 9))
    assert few.low < 0.5 < 0.9 < few.high
    assert few.reason == "score interval, malignant images being of 3 patients"
    many = bootstrap_estimate(0.75, drawn, n=130, n_clusters=30, unit="patient", is_ranking=True, sides=sides(30, 90))
    assert many.low > 0.7
    assert many.reason is None


def test_another_figure_of_few_patients_on_either_side_has_no_interval() -> None:
    drawn = np.linspace(0.1, 0.3, 500)
    for few in (sides(5, 400), sides(400, FEWEST_CLUSTERS - 1)):
        found = bootstrap_estimate(0.2, drawn, n=800, n_clusters=405, unit="patient", sides=few)
        assert not found.has_interval
        assert "no interval from fewer than 10" in str(found.reason)
    assert bootstrap_estimate(0.2, drawn, n=800, n_clusters=405, sides=sides(FEWEST_CLUSTERS, 400)).has_interval


def test_patients_of_unequal_size_are_as_few_as_they_count_for() -> None:
    uneven = Support(100, 12, 3.1, "malignant images")
    found = bootstrap_estimate(0.2, np.linspace(0.1, 0.3, 500), n=100, n_clusters=12, unit="patient", sides=[uneven])
    assert found.reason == (
        "malignant images of 12 patients, which count as 3 of equal size: no interval from fewer than 10"
    )


def test_all_of_a_few_clusters_get_the_exact_interval() -> None:
    found = bootstrap_estimate(1.0, np.ones(100), n=30, n_clusters=3, unit="patient", is_proportion=True)
    assert found.low == pytest.approx(0.025 ** (1 / 3))  # where that is the truth, 3 of 3 come in one sample of forty
    assert "exact interval over 3 patients" in str(found.reason)


def test_a_share_that_is_the_same_in_each_of_a_few_lesions_has_the_interval_of_its_images_at_least() -> None:
    # two lesions with one image of two found: no resample differs
    two = bootstrap_estimate(0.5, np.full(100, 0.5), n=4, n_clusters=2, is_proportion=True)
    assert two.low < 0.05 < 0.95 < two.high
    forty = bootstrap_estimate(0.5, np.full(100, 0.5), n=80, n_clusters=40, is_proportion=True)
    assert (forty.low, forty.high) == pytest.approx(wilson_interval(40, 80), abs=0.01)
