"""The inverted calibration error: what it must say of noise alone, of no noise, and of gaps that noise cannot make."""

import numpy as np
import pytest

from lentigo.numbers.metrics import invert_calibration_error


def test_noise_alone_is_no_calibration_error() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        gaps = rng.normal(0, 0.004, 15)
        value, low, high = invert_calibration_error(gaps, gaps[:, None] + rng.normal(0, 0.004, (15, 400)))
        held += low == 0
        assert 0 <= low <= value <= high
    assert held >= 0.93 * 200  # the truth is 0; the plain figure is 0.048 on average


def test_gaps_far_beyond_their_noise_are_taken_as_they_are() -> None:
    gaps = np.array([0.05, -0.03, 0.02])
    noise = np.random.default_rng(1).normal(0, 0.001, (3, 2000))
    value, low, high = invert_calibration_error(gaps, gaps[:, None] + noise)
    # the sum of the three signed gaps varies by sqrt(3) x 0.001
    assert (value, low, high) == pytest.approx((0.1, 0.1 - 0.0034, 0.1 + 0.0034), abs=5e-4)
    wider = invert_calibration_error(gaps, gaps[:, None] + noise, widening=2.0)
    assert wider[2] - wider[1] == pytest.approx(2 * (high - low), rel=0.05)


def test_resamples_like_the_sample_say_nothing() -> None:
    assert np.isnan(invert_calibration_error(np.full(3, 0.1), np.full((3, 9), 0.1))).all()


def test_the_interval_holds_errors_of_few_bins_and_of_all_bins() -> None:
    rng = np.random.default_rng(2)
    for shape in (np.eye(15)[3] * 0.03, np.full(15, 0.002), np.repeat([0.01, 0.0], [4, 11])):
        held = 0
        for _ in range(150):
            gaps = shape + rng.normal(0, 0.003, 15)
            _, low, high = invert_calibration_error(gaps, gaps[:, None] + rng.normal(0, 0.003, (15, 300)))
            held += low <= shape.sum() <= high
        # 95 % and its own error of 1.8 points; where the truth is spread evenly the interval is wider than need be
        assert held >= 0.91 * 150
