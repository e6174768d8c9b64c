"""Risk-coverage and the low-confidence band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lentigo.numbers.calibration import ChosenBand, RiskCoverage, choose_band, margin


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_the_area_is_the_mean_risk_of_a_plain_loop(pairs) -> None:
    wrong, confidence = np.array([w for w, _ in pairs]), np.array([float(c) for _, c in pairs])
    expected = np.mean([wrong[confidence >= level].mean() for level in confidence])
    found = RiskCoverage.of(wrong, confidence).area(np.ones((len(pairs), 1)))[0]
    assert found == pytest.approx(expected)


def test_weights_count_as_copies() -> None:
    rng = np.random.default_rng(0)
    wrong, confidence, copies = rng.random(30) < 0.3, rng.integers(0, 9, 30).astype(float), rng.integers(0, 4, 30)
    weighed = RiskCoverage.of(wrong, confidence).area(copies[:, np.newaxis].astype(float))[0]
    repeated = RiskCoverage.of(np.repeat(wrong, copies), np.repeat(confidence, copies))
    assert weighed == pytest.approx(repeated.area(np.ones((copies.sum(), 1)))[0])


def test_confidence_that_says_nothing_has_the_error_as_area_and_one_that_knows_has_less() -> None:
    wrong = np.arange(1000) % 5 == 0
    weights = np.ones((1000, 1))
    assert RiskCoverage.of(wrong, np.ones(1000)).area(weights)[0] == pytest.approx(0.2)
    assert RiskCoverage.of(wrong, (~wrong).astype(float)).area(weights)[0] < 0.05


def test_the_margin_is_the_same_number_of_log_odds_on_both_sides() -> None:
    found = margin(np.array([0.1, 0.5, 0.0, 1.0]), threshold=0.2)
    assert found[0] == pytest.approx(np.log(0.25 / (1 / 9)))
    assert np.isfinite(found).all()


@given(st.integers(0, 10_000), st.floats(0, 0.2), st.floats(0, 0.5))
@settings(max_examples=60, deadline=None)
def test_the_band_is_the_narrowest_that_reaches_the_target_or_the_widest_allowed(seed, target, most) -> None:
    rng = np.random.default_rng(seed)
    truth = np.append(rng.random(80) < 0.4, True)
    probability = np.round(1 / (1 + np.exp(-rng.normal(np.where(truth, 1.5, -1.5), 1.5))), 2)
    band = choose_band(truth, probability, threshold=0.3, target_missed=target, most_deferred=most)
    is_low = band.is_low(probability)
    assert is_low.mean() == pytest.approx(band.expected_share)
    assert band.expected_share <= most + 1e-9
    kept = truth & ~is_low
    missed = (probability[kept] < 0.3).mean() if kept.any() else 0.0
    assert missed == pytest.approx(band.missed)
    assert band.is_reached == (missed <= target + 1e-12)
    distances = margin(probability, threshold=0.3)
    for width in np.unique(distances[is_low])[:-1]:  # every narrower band misses too many
        still = truth & (distances > width)
        assert (probability[still] < 0.3).mean() > target


def test_no_band_is_needed_where_nothing_is_missed() -> None:
    truth, probability = np.array([True, True, False]), np.array([0.9, 0.8, 0.1])
    band = choose_band(truth, probability, threshold=0.5, target_missed=0.02, most_deferred=0.2)
    assert (band.low, band.high, band.expected_share, band.is_reached) == (0.5, 0.5, 0.0, True)
    assert not band.is_low(np.array([0.5])).any()
    assert ChosenBand.from_json(band.json()) == band


def test_a_band_that_holds_all_malignant_images_does_not_count_as_missing_none() -> None:
    truth = np.array([True, True] + [False] * 18)
    probability = np.array([0.45, 0.44, *np.linspace(0.01, 0.02, 18)])  # both missed, both next to the threshold
    band = choose_band(truth, probability, threshold=0.5, target_missed=0.0, most_deferred=0.3)
    assert (band.is_reached, band.missed) == (False, 1.0)
