"""ROC and precision-recall curves as arrays to draw, every distinct score one point."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lentigo.numbers.metrics._ranking import check_ranking

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class RocCurve:
    """The points of a ROC curve, one a distinct score, from (0, 0) to (1, 1).

    Args:
        false_positive_rate: (P,) ascending; NaN without negatives.
        sensitivity: (P,) ascending; NaN without positives.
        threshold: (P,) descending; the first is infinite (nothing is called positive).

    Example:
        >>> roc_curve(np.array([False, True]), np.array([0.2, 0.7])).sensitivity.tolist()
        [0.0, 1.0, 1.0]
    """

    false_positive_rate: Floats
    sensitivity: Floats
    threshold: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PrecisionRecallCurve:
    """The points of a precision-recall curve, one a distinct score, by rising recall.

    Args:
        recall: (P,) ascending; NaN without positives.
        precision: (P,) share of those called positive that are.
        threshold: (P,) descending.

    Example:
        >>> precision_recall_curve(np.array([False, True]), np.array([0.2, 0.7])).precision.tolist()
        [1.0, 0.5]
    """

    recall: Floats
    precision: Floats
    threshold: Floats


def roc_curve(is_positive: Bools, score: Floats) -> RocCurve:
    """Return every point of the ROC curve; a score of at least the threshold is called positive.

    Example:
        >>> roc_curve(np.array([False, True]), np.array([0.2, 0.7])).threshold.tolist()
        [inf, 0.7, 0.2]
    """
    threshold, tp, fp = _cumulate(is_positive, score)
    with np.errstate(invalid="ignore"):
        return RocCurve(
            false_positive_rate=np.concatenate([[0.0], fp]) / fp[-1:].sum(),
            sensitivity=np.concatenate([[0.0], tp]) / tp[-1:].sum(),
            threshold=np.concatenate([[np.inf], threshold]),
        )


def precision_recall_curve(is_positive: Bools, score: Floats) -> PrecisionRecallCurve:
    """Return every point of the precision-recall curve; a score of at least the threshold is called positive.

    Example:
        >>> precision_recall_curve(np.array([False, True]), np.array([0.2, 0.7])).recall.tolist()
        [1.0, 1.0]
    """
    threshold, tp, fp = _cumulate(is_positive, score)
    with np.errstate(invalid="ignore"):
        return PrecisionRecallCurve(recall=tp / tp[-1:].sum(), precision=tp / (tp + fp), threshold=threshold)


def _cumulate(is_positive: Bools, score: Floats) -> tuple[Floats, Floats, Floats]:
    is_positive, score = check_ranking(is_positive, score)
    threshold, place = np.unique(score, return_inverse=True)
    tp = np.bincount(place[is_positive], minlength=threshold.size)[::-1].cumsum()
    fp = np.bincount(place[~is_positive], minlength=threshold.size)[::-1].cumsum()
    return threshold[::-1], tp.astype(np.float64), fp.astype(np.float64)
