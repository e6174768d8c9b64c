"""Slope and intercepts against scikit-learn's unpenalised logistic regression."""

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from lentigo.numbers.metrics import Recalibration, Resampler, apply_recalibration, fit_recalibration
from lentigo.numbers.metrics._acceleration import jackknife
from lentigo.numbers.metrics._recalibration import recalibration_figures


def sample(n: int = 500, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.4
    logit = rng.normal(size=n) * 2 + 1.5 * truth
    return truth, 1 / (1 + np.exp(-logit)), logit


def test_slope_and_intercept_are_those_of_scikit_learn() -> None:
    truth, said, logit = sample()
    fit = fit_recalibration(truth, said)
    oracle = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(logit[:, None], truth)
    assert (fit.slope, fit.intercept) == pytest.approx((oracle.coef_[0, 0], oracle.intercept_[0]), abs=1e-6)
    # with the slope held at 1, the mean said after the shift is the share that came true
    shifted = apply_recalibration(said, Recalibration(1.0, fit.in_the_large, 0.0))
    assert shifted.mean() == pytest.approx(truth.mean(), abs=1e-12)


def test_a_calibrated_model_has_slope_1_and_intercept_0() -> None:
    rng = np.random.default_rng(1)
    said = rng.random(200_000)
    fit = fit_recalibration(rng.random(said.size) < said, said)
    assert (fit.slope, fit.intercept, fit.in_the_large) == pytest.approx((1, 0, 0), abs=0.03)


def test_one_class_or_two_that_do_not_overlap_have_no_fit() -> None:
    said = np.array([0.1, 0.2, 0.8, 0.9])
    assert math.isnan(fit_recalibration(np.ones(4, dtype=bool), said).in_the_large)
    apart = fit_recalibration(said > 0.5, said)
    assert math.isnan(apart.slope)
    assert apart.in_the_large == pytest.approx(0, abs=1e-9)


def test_probabilities_of_exactly_0_and_1_do_not_break_the_fit() -> None:
    fit = fit_recalibration(np.array([True, False, True, False, True]), np.array([0.0, 0.0, 1.0, 1.0, 0.5]))
    assert abs(fit.slope) < 0.1


def test_resamples_are_full_refits_to_a_hundredth() -> None:
    truth, said, logit = sample()
    weights = np.random.default_rng(2).multinomial(500, np.full(500, 1 / 500), size=40).T.astype(float)
    found = recalibration_figures(truth, said)(weights)
    for b in range(40):
        oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
        oracle.fit(logit[:, None], truth, sample_weight=weights[:, b])
        assert found["slope"][b] == pytest.approx(oracle.coef_[0, 0], abs=0.01)
        assert found["intercept"][b] == pytest.approx(oracle.intercept_[0], abs=0.01)


def test_the_jackknife_over_patients_is_that_of_full_refits() -> None:
    truth, said, logit = sample(n=120)
    patient = np.arange(120) // 4
    resampler = Resampler.of(np.zeros(120, dtype=int), patient)
    blocks = jackknife(recalibration_figures(truth, said), resampler)
    refitted = []
    for each in range(30):
        kept = patient != each
        oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit[kept][:, None], truth[kept])
        refitted.append((oracle.coef_[0, 0], oracle.intercept_[0]))
    for name, values in zip(("slope", "intercept"), np.array(refitted).T, strict=True):
        # CR3: (G - 1) / G times the sum of squares around the mean of the fits
        expected = 29 / 30 * ((values - values.mean()) ** 2).sum()
        assert (blocks.influence_of(blocks.left_out[name]) ** 2).sum() == pytest.approx(expected, rel=0.02)
