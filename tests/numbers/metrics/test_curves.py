"""The curves to draw, against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from lentigo.numbers.metrics._curves import precision_recall_curve, roc_curve

cases = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40)


@given(cases)
@settings(max_examples=80, deadline=None)
def test_roc_curve_is_scikit_learns(pairs) -> None:
    truth, score = np.array([t for t, _ in pairs]), np.array([s / 6 for _, s in pairs])
    found = roc_curve(truth, score)
    if truth.all() or not truth.any():
        assert np.isnan(found.sensitivity if not truth.any() else found.false_positive_rate).all()
        return
    rate, sensitivity, threshold = metrics.roc_curve(truth, score, drop_intermediate=False)
    np.testing.assert_allclose(found.false_positive_rate, rate, atol=1e-12)
    np.testing.assert_allclose(found.sensitivity, sensitivity, atol=1e-12)
    np.testing.assert_array_equal(found.threshold, threshold)


@given(cases)
@settings(max_examples=80, deadline=None)
def test_precision_recall_curve_is_scikit_learns_without_its_made_up_last_point(pairs) -> None:
    truth, score = np.array([t for t, _ in pairs]), np.array([s / 6 for _, s in pairs])
    found = precision_recall_curve(truth, score)
    if not truth.any():
        assert np.isnan(found.recall).all()
        return
    precision, recall, threshold = metrics.precision_recall_curve(truth, score)
    np.testing.assert_allclose(found.precision, precision[-2::-1], atol=1e-12)
    np.testing.assert_allclose(found.recall, recall[-2::-1], atol=1e-12)
    np.testing.assert_array_equal(found.threshold, threshold[::-1])


def test_the_area_under_the_curve_is_the_auroc() -> None:
    rng = np.random.default_rng(0)
    truth, score = rng.random(500) < 0.3, rng.integers(0, 40, 500) / 40
    found = roc_curve(truth, score)
    area = np.trapezoid(found.sensitivity, found.false_positive_rate)
    assert area == pytest.approx(metrics.roc_auc_score(truth, score), abs=1e-9)
