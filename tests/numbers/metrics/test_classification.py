"""Figures of decided cases against scikit-learn; what it makes 0 or warns about is NaN here."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from lentigo.numbers.metrics import _classification as classification
from lentigo.numbers.metrics._classification import (
    accuracy,
    balanced_accuracy,
    confusion_counter,
    confusion_matrix,
    f1,
    macro_mean,
    precision,
    recall,
    support,
    threshold_counter,
    threshold_counts,
    weighted_mean,
)

K = 4
decided = st.lists(st.tuples(st.integers(0, K - 1), st.integers(0, K - 1)), min_size=1, max_size=30)


def split(pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    target, predicted = np.array(pairs).T
    return target, predicted, confusion_matrix(target, predicted, n_classes=K)


@given(decided)
@settings(max_examples=100, deadline=None)
def test_class_scores_and_means_are_scikit_learns_with_nan_where_undefined(pairs) -> None:
    target, predicted, confusion = split(pairs)
    labels = list(range(K))
    expected = oracle.precision_recall_fscore_support(target, predicted, labels=labels, zero_division=np.nan)
    for found, value in zip((precision, recall, f1, support), expected, strict=True):
        np.testing.assert_allclose(found(confusion), value, atol=1e-9)
    for average, mean in (("macro", macro_mean), ("weighted", lambda s: weighted_mean(s, support(confusion)))):
        means = oracle.precision_recall_fscore_support(
            target, predicted, labels=labels, zero_division=np.nan, average=average
        )
        for score, value in zip((precision, recall, f1), means[:3], strict=True):
            found = float(mean(score(confusion)))
            if np.isnan(found):
                # every class that has images is undefined; scikit-learn then averages those that have none
                assert average == "weighted"
                assert np.isnan(score(confusion)[support(confusion) > 0]).all()
            else:
                assert found == pytest.approx(value, abs=1e-9)


@given(decided)
@settings(max_examples=100, deadline=None)
def test_accuracies_and_confusion_are_scikit_learns(pairs) -> None:
    target, predicted, confusion = split(pairs)
    assert confusion.tolist() == oracle.confusion_matrix(target, predicted, labels=range(K)).tolist()
    assert accuracy(confusion) == pytest.approx(oracle.accuracy_score(target, predicted), abs=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a class that is only predicted
        expected = oracle.balanced_accuracy_score(target, predicted)
    assert balanced_accuracy(confusion) == pytest.approx(expected, abs=1e-9)


@given(decided, st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_weighted_counts_are_those_of_repeated_images(pairs, seed: int) -> None:
    target, predicted, _ = split(pairs)
    weights = np.random.default_rng(seed).integers(0, 4, (len(target), 3))
    found = confusion_counter(target, predicted, n_classes=K)(weights.astype(np.float32)).reshape(K, K, 3)
    for b in range(3):
        rows = np.repeat(np.arange(len(target)), weights[:, b])
        expected = confusion_matrix(target[rows], predicted[rows], n_classes=K)
        assert found[:, :, b].tolist() == expected.tolist()
        np.testing.assert_array_equal(recall(found)[:, b], recall(expected))
        np.testing.assert_array_equal(precision(found)[:, b], precision(expected))


def test_undefined_scores_are_nan_and_left_out_of_means() -> None:
    confusion = np.array([[2, 0, 0], [1, 1, 0], [0, 0, 0]])
    assert np.isnan([recall(confusion)[2], precision(confusion)[2], f1(confusion)[2]]).all()
    assert balanced_accuracy(confusion) == pytest.approx((1 + 0.5) / 2)
    assert np.isnan(macro_mean(np.full(3, np.nan)))
    assert np.isnan(accuracy(np.zeros((3, 3))))


def test_a_class_predicted_but_absent_has_precision_and_f1_zero_not_nan() -> None:
    confusion = np.array([[1, 1], [0, 0]])
    assert precision(confusion).tolist() == [1.0, 0.0]
    assert f1(confusion)[1] == 0.0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=30), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_threshold_counts_call_positive_from_the_threshold_on(pairs, level: int) -> None:
    truth, score = np.array([t for t, _ in pairs]), np.array([s / 4 for _, s in pairs])
    found = threshold_counts(truth, score, threshold=level / 4)
    (tn, fp), (fn, tp) = oracle.confusion_matrix(truth, score >= level / 4, labels=[False, True])
    assert (found.tp, found.fp, found.fn, found.tn) == (tp, fp, fn, tn)
    assert threshold_counter(truth, score, threshold=level / 4)(np.ones((len(truth), 1)))[:, 0].tolist() == [
        tp,
        fp,
        fn,
        tn,
    ]


def test_rates_by_hand_and_nan_without_cases() -> None:
    counts = classification.ThresholdCounts(tp=9, fp=5, fn=1, tn=15)
    rates = [float(rate) for rate in (counts.sensitivity, counts.specificity, counts.ppv, counts.npv)]
    assert rates == pytest.approx([0.9, 0.75, 9 / 14, 15 / 16])
    nothing = classification.ThresholdCounts(tp=0, fp=0, fn=0, tn=0)
    assert np.isnan([nothing.sensitivity, nothing.specificity, nothing.ppv, nothing.npv]).all()
