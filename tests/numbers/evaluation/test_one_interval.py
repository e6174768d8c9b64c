"""One figure has one interval, wherever it is shown."""

import numpy as np
import pytest

from lentigo.config import CalibrateConfig, EvaluateConfig
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import evaluate_whole
from lentigo.numbers.predictions import Predictions


@pytest.fixture(scope="module", params=[2, 60])
def found(request):
    """An evaluation of uneven patients, few or many of them with a melanoma; validation needed no band."""
    rng = np.random.default_rng(5)
    n = 300
    patient = np.sort(rng.integers(0, 120, n))
    target = (patient < request.param).astype(np.int64)
    shared = rng.normal(size=120)[patient]
    malignant = 1 / (1 + np.exp(-(1.2 * target - 0.6 + shared + rng.normal(size=n))))
    said = Predictions(
        np.array([f"{i:03d}" for i in range(n)]), target, np.column_stack([1 - malignant, malignant]), ("NV", "MEL")
    )
    # a quarter may be missed: without a band that is kept
    settings = CalibrateConfig(missed=0.25, sensitivities=(0.9,))
    calibration = Calibration.fit(said, malignant=["MEL"], settings=settings, groups=patient, unit="patient")
    assert calibration.low_confidence.low == calibration.low_confidence.high
    return evaluate_whole(
        said,
        malignant=["MEL"],
        groups=patient,
        unit="patient",
        calibration=calibration,
        settings=EvaluateConfig(n_resamples=200),
    )


def ends(estimate):
    return pytest.approx((estimate.value, estimate.low, estimate.high), abs=1e-9)


def test_without_a_band_what_is_referred_is_the_sensitivity(found) -> None:
    point, answers, outside = found.operating_points[0], found.detail.answers.overall, found.detail.deferral.outside
    for other in (answers["malignant"]["refer"], outside["sensitivity"]):
        assert (other.value, other.low, other.high) == ends(point.sensitivity)
    for other in (answers["benign"]["benign-looking"], outside["specificity"]):
        assert (other.value, other.low, other.high) == ends(point.specificity)
    missed = answers["malignant"]["benign-looking"]
    assert (1 - missed.value, 1 - missed.high, 1 - missed.low) == ends(point.sensitivity)


def test_the_share_that_is_malignant_among_those_referred_is_one_figure_in_two_tables(found) -> None:
    point, there = found.operating_points[0], found.detail.at_prevalence.points[0]
    assert (there.ppv.value, there.ppv.low, there.ppv.high) == ends(point.ppv)
    assert (there.npv.value, there.npv.low, there.npv.high) == ends(point.npv)
    assert 1 / there.number_needed_to_biopsy.low == pytest.approx(point.ppv.high)


def test_of_two_patients_with_a_melanoma_ppv_and_npv_have_the_ends_of_both_rates(found) -> None:
    point, share = found.operating_points[0], found.support["MEL"] / found.n_images
    is_few = found.metrics["brier"].reason is not None
    assert ("from the intervals of both rates" in (point.ppv.reason or "")) == is_few
    if is_few:
        # nearer than those of the rates at 95 % they cannot be: both rates hold at once
        found_of, cleared = point.sensitivity.low * share, (1 - point.specificity.low) * (1 - share)
        assert point.ppv.low <= found_of / (found_of + cleared)
        missed, left = (1 - point.sensitivity.low) * share, point.specificity.low * (1 - share)
        assert point.npv.low <= left / (left + missed)


def test_the_likelihood_is_one_figure_in_two_tables(found) -> None:
    one, other = found.metrics["nll"], found.detail.reliability.nll
    assert np.allclose([one.low, one.high], [other.low, other.high], equal_nan=True)
