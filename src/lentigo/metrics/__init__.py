"""Arrays in, numbers out: every figure lentigo prints, its interval and its curve. Knows no files and no networks.

An undefined figure is NaN, never 0 or 1. Truth comes first, then what was said, as in scikit-learn.
"""

from lentigo.metrics.bootstrap import Resampler
from lentigo.metrics.calibration import (
    ReliabilityBins,
    brier_score,
    expected_calibration_error,
    negative_log_likelihood,
    reliability_bins,
    top_label,
)
from lentigo.metrics.classification import (
    ThresholdCounts,
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    f1,
    macro_mean,
    negative_predictive_value,
    precision,
    recall,
    specificity,
    support,
    threshold_counts,
    weighted_mean,
)
from lentigo.metrics.curves import PrecisionRecallCurve, RocCurve, precision_recall_curve, roc_curve
from lentigo.metrics.delong import DeLong, delong_aurocs
from lentigo.metrics.estimate import Estimate, percentile_interval, wilson_estimate
from lentigo.metrics.miscalibration import invert_calibration_error
from lentigo.metrics.partial import mcclish, partial_auroc
from lentigo.metrics.proportions import wilson_interval
from lentigo.metrics.ranking import Ranking, auroc, average_precision
from lentigo.metrics.recalibration import Recalibration, apply_recalibration, fit_recalibration

__all__ = [
    "DeLong",
    "Estimate",
    "PrecisionRecallCurve",
    "Ranking",
    "Recalibration",
    "ReliabilityBins",
    "Resampler",
    "RocCurve",
    "ThresholdCounts",
    "accuracy",
    "apply_recalibration",
    "auroc",
    "average_precision",
    "balanced_accuracy",
    "brier_score",
    "confusion_matrix",
    "delong_aurocs",
    "expected_calibration_error",
    "f1",
    "fit_recalibration",
    "invert_calibration_error",
    "macro_mean",
    "mcclish",
    "negative_log_likelihood",
    "negative_predictive_value",
    "partial_auroc",
    "percentile_interval",
    "precision",
    "precision_recall_curve",
    "recall",
    "reliability_bins",
    "roc_curve",
    "specificity",
    "support",
    "threshold_counts",
    "top_label",
    "weighted_mean",
    "wilson_estimate",
    "wilson_interval",
]
