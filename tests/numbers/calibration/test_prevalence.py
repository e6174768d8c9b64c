"""Shifts to another prevalence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lentigo.errors import ConfigError
from lentigo.model.decision import shift_probability
from lentigo.model.decision._prevalence import shift_rows

shares = st.floats(0.01, 0.99)


@given(st.floats(0, 1), st.floats(0, 1), shares, shares)
@settings(max_examples=200, deadline=None)
def test_shifting_probability_and_threshold_never_changes_a_decision(said, threshold, source, target) -> None:
    moved = shift_probability(np.array([said, threshold]), source=source, target=target)
    if abs(said - threshold) > 1e-9:
        assert (moved[0] >= moved[1]) == (said >= threshold)


@given(st.floats(0.001, 0.999), shares, shares, shares)
@settings(max_examples=100, deadline=None)
def test_shifts_multiply_the_odds_and_can_be_undone_and_joined(said, a, b, c) -> None:
    start = np.array([said])
    there = shift_probability(start, source=a, target=b)
    odds = (there / (1 - there)) / (start / (1 - start))
    np.testing.assert_allclose(odds, (b / (1 - b)) / (a / (1 - a)), rtol=1e-9)
    np.testing.assert_allclose(shift_probability(there, source=b, target=a), start, rtol=1e-9)
    joined = shift_probability(there, source=b, target=c)
    np.testing.assert_allclose(joined, shift_probability(start, source=a, target=c), rtol=1e-9)


def test_a_calibrated_model_stays_calibrated_at_the_new_prevalence() -> None:
    # malignant and benign draw their evidence from fixed distributions; only the mix changes
    rng = np.random.default_rng(0)
    n = 400_000
    truth = rng.random(n) < 0.1
    evidence = rng.normal(np.where(truth, 1.0, -1.0), 1.0)
    at_half = 1 / (1 + np.exp(-2 * evidence))  # Bayes' rule at equal shares
    at_tenth = shift_probability(at_half, source=0.5, target=0.1)
    assert at_half.mean() == pytest.approx(0.26, abs=0.05)  # far from 0.1
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 1)):
        chosen = (at_tenth >= low) & (at_tenth < high)
        assert truth[chosen].mean() == pytest.approx(at_tenth[chosen].mean(), abs=0.01)


def test_classes_keep_their_mix_within_each_side() -> None:
    rows = np.array([[0.4, 0.2, 0.3, 0.1]])
    p = shift_rows(rows, np.array([False, False, True, True]), source=0.4, target=0.05)[0]
    assert p[2:].sum() == pytest.approx(shift_probability(np.array([0.4]), source=0.4, target=0.05)[0])
    assert p[0] / p[1] == pytest.approx(2)
    assert p[2] / p[3] == pytest.approx(3)


@pytest.mark.parametrize("share", [0, 1, -0.1, 7, float("nan")])
def test_a_prevalence_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=r"For 7 % write 0\.07"):
        shift_probability(np.array([0.5]), source=0.5, target=share)
