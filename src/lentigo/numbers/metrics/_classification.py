"""Figures of decided cases: the confusion matrix and what follows from it, and the four counts at a threshold.

Every function takes counts of one sample or of B resamples alike: a confusion matrix is (K, K) or (K, K, B), rows are
the truth. Definitions are scikit-learn's, except that what is undefined (a zero denominator) is NaN, never 0 or 1, and
is left out of a mean over classes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import is_referred
from lentigo.numbers.metrics._grouping import GroupSum, group_sum

Floats = npt.NDArray[np.floating]


def confusion_matrix(
    target: npt.NDArray[np.integer], predicted: npt.NDArray[np.integer], *, n_classes: int
) -> npt.NDArray[np.int64]:
    """Return the (K, K) counts of images, rows the true class and columns the predicted one.

    Args:
        target: (N,) true class, 0 to K - 1.
        predicted: (N,) predicted class, 0 to K - 1.
        n_classes: K.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), n_classes=2).tolist()
        [[1, 1], [0, 1]]
    """
    cells = np.bincount(target * n_classes + predicted, minlength=n_classes * n_classes)
    return cells.reshape(n_classes, n_classes)


def confusion_counter(
    target: npt.NDArray[np.integer], predicted: npt.NDArray[np.integer], *, n_classes: int
) -> GroupSum:
    """Return the function that maps (N, B) weights to (K * K, B) cells, to be reshaped to (K, K, B).

    Example:
        >>> count = confusion_counter(np.array([0, 1]), np.array([0, 0]), n_classes=2)
        >>> count(np.array([[2.0], [3.0]])).reshape(2, 2).tolist()
        [[2.0, 0.0], [3.0, 0.0]]
    """
    return group_sum(target * n_classes + predicted, n_classes * n_classes)


def support(confusion: npt.NDArray[np.number]) -> Floats:
    """Return the images of each true class, (K,) or (K, B).

    Example:
        >>> support(np.array([[3, 1], [0, 4]])).tolist()
        [4.0, 4.0]
    """
    total: Floats = confusion.sum(axis=1).astype(np.float64)
    return total


def recall(confusion: npt.NDArray[np.number]) -> Floats:
    """Return the share of each true class that is found, (K,) or (K, B); NaN for a class without images.

    Example:
        >>> recall(np.array([[3, 1], [0, 0]])).tolist()
        [0.75, nan]
    """
    return _ratio(_diagonal(confusion), confusion.sum(axis=1))


def precision(confusion: npt.NDArray[np.number]) -> Floats:
    """Return the share of each predicted class that is right, (K,) or (K, B); NaN for a class never predicted.

    Example:
        >>> precision(np.array([[3, 0], [1, 0]])).tolist()
        [0.75, nan]
    """
    return _ratio(_diagonal(confusion), confusion.sum(axis=0))


def specificity(confusion: npt.NDArray[np.number]) -> Floats:
    """Return the share of the images of other classes not called each class, (K,) or (K, B); NaN without such images.

    Example:
        >>> specificity(np.array([[3, 1], [0, 0]])).tolist()
        [nan, 0.75]
    """
    return _ratio(_rejected(confusion), confusion.sum(axis=(0, 1)) - confusion.sum(axis=1))


def negative_predictive_value(confusion: npt.NDArray[np.number]) -> Floats:
    """Return the share of those not called each class that are not of it, (K,) or (K, B); NaN where all are called it.

    Example:
        >>> negative_predictive_value(np.array([[3, 1], [0, 4]])).tolist()
        [0.8, 1.0]
    """
    return _ratio(_rejected(confusion), confusion.sum(axis=(0, 1)) - confusion.sum(axis=0))


def f1(confusion: npt.NDArray[np.number]) -> Floats:
    """Return 2 TP / (2 TP + FP + FN) of each class, (K,) or (K, B); NaN for a class neither present nor predicted.

    Example:
        >>> f1(np.array([[1, 1], [0, 0]])).round(3).tolist()
        [0.667, 0.0]
    """
    return _ratio(2 * _diagonal(confusion), confusion.sum(axis=0) + confusion.sum(axis=1))


def f1_above(
    target: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float64], *, threshold: float = 0.5
) -> Callable[[npt.NDArray[np.number]], Floats]:
    """Return the function that maps (N, B) weights to the (K, B) F1 of each class, called where it reaches a threshold.

    So several classes may be called for an image, or none. The mean over the classes is the score of the MILK10k
    challenge. NaN for a class without images.

    Args:
        target: (N,) true class.
        probabilities: (N, K).
        threshold: at or above it a class is called.

    Example:
        >>> rows = np.array([[0.6, 0.4], [0.45, 0.55], [0.5, 0.5]])
        >>> f1_above(np.array([0, 0, 1]), rows)(np.ones((3, 1))).round(3).tolist()
        [[0.5], [0.667]]
    """
    is_called = probabilities >= threshold
    # one class after another: a product with all weights in float64 took 0.5 GiB for a million images
    counts = [group_sum(2 * (target == k) + is_called[:, k], 4) for k in range(probabilities.shape[1])]

    def scores(weights: npt.NDArray[np.number]) -> Floats:
        _, called, missed, both = np.stack([count(weights) for count in counts], axis=1).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(both + missed > 0, 2 * both / (2 * both + called + missed), np.nan)

    return scores


def accuracy(confusion: npt.NDArray[np.number]) -> Floats:
    """Return the share of images predicted right, () or (B,); NaN without images.

    Example:
        >>> float(accuracy(np.array([[3, 1], [0, 4]])))
        0.875
    """
    return _ratio(_diagonal(confusion).sum(axis=0), confusion.sum(axis=(0, 1)))


def balanced_accuracy(confusion: npt.NDArray[np.number]) -> Floats:
    """Return the mean recall over the classes that have images, () or (B,); NaN without images.

    Example:
        >>> float(balanced_accuracy(np.array([[3, 1], [0, 4]])))
        0.875
    """
    return macro_mean(recall(confusion))


def macro_mean(scores: Floats) -> Floats:
    """Return the plain mean over classes, () or (B,), of (K,) or (K, B) scores; undefined classes are left out.

    Example:
        >>> float(macro_mean(np.array([0.5, 1.0, np.nan])))
        0.75
    """
    return _ratio(np.nansum(scores, axis=0), (~np.isnan(scores)).sum(axis=0))


def weighted_mean(scores: Floats, weights: Floats) -> Floats:
    """Return the mean over classes weighted by their support, () or (B,); undefined classes are left out.

    Example:
        >>> float(weighted_mean(np.array([0.5, 1.0, np.nan]), np.array([3.0, 1.0, 0.0])))
        0.625
    """
    kept = np.where(np.isnan(scores), 0.0, weights)
    return _ratio((np.nan_to_num(scores) * kept).sum(axis=0), kept.sum(axis=0))


@dataclass(frozen=True, slots=True)
class ThresholdCounts:
    """The four counts at a threshold, of one sample or, as (B,) arrays, of B resamples.

    Args:
        tp: malignant and called so.
        fp: benign and called malignant.
        fn: malignant and called benign.
        tn: benign and called so.

    Example:
        >>> float(ThresholdCounts(tp=9, fp=5, fn=1, tn=15).sensitivity)
        0.9
    """

    tp: Floats | int
    fp: Floats | int
    fn: Floats | int
    tn: Floats | int

    @property
    def sensitivity(self) -> Floats:
        """TP / (TP + FN); NaN without positives."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> Floats:
        """TN / (TN + FP); NaN without negatives."""
        return _ratio(self.tn, self.tn + self.fp)

    @property
    def ppv(self) -> Floats:
        """TP / (TP + FP) at the prevalence of the sample; NaN when nothing is called positive."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def npv(self) -> Floats:
        """TN / (TN + FN) at the prevalence of the sample; NaN when nothing is called negative."""
        return _ratio(self.tn, self.tn + self.fn)


def threshold_counts(is_positive: npt.NDArray[np.bool_], score: Floats, *, threshold: float) -> ThresholdCounts:
    """Return the four counts when a score of at least `threshold` is called positive.

    Example:
        >>> threshold_counts(np.array([True, False]), np.array([0.5, 0.5]), threshold=0.5)
        ThresholdCounts(tp=1, fp=1, fn=0, tn=0)
    """
    cells = np.bincount(_cells(is_positive, score, threshold), minlength=4).tolist()
    return ThresholdCounts(*cells)


def threshold_counter(is_positive: npt.NDArray[np.bool_], score: Floats, *, threshold: float) -> GroupSum:
    """Return the function that maps (N, B) weights to the (4, B) counts tp, fp, fn, tn.

    Example:
        >>> count = threshold_counter(np.array([True, False]), np.array([0.9, 0.1]), threshold=0.5)
        >>> count(np.array([[2.0], [3.0]])).ravel().tolist()
        [2.0, 0.0, 0.0, 3.0]
    """
    return group_sum(_cells(is_positive, score, threshold), 4)


def _cells(is_positive: npt.NDArray[np.bool_], score: Floats, threshold: float) -> npt.NDArray[np.int64]:
    # 0 to 3: tp, fp, fn, tn
    return np.where(is_referred(score, threshold), np.where(is_positive, 0, 1), np.where(is_positive, 2, 3))


def _diagonal(confusion: npt.NDArray[np.number]) -> npt.NDArray[np.number]:
    return np.moveaxis(np.diagonal(confusion), -1, 0)


def _rejected(confusion: npt.NDArray[np.number]) -> npt.NDArray[np.number]:
    # true negatives of each class: all, less those of it and those called it, which counts the hits twice
    called_or_true = confusion.sum(axis=0) + confusion.sum(axis=1)
    return np.asarray(confusion.sum(axis=(0, 1)) - called_or_true + _diagonal(confusion))


def _ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.divide(numerator, denominator, dtype=np.float64))
