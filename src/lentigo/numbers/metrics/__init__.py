"""Arrays in, numbers out: every figure lentigo prints, its interval and its curve. Knows no files and no networks.

An undefined figure is NaN, never 0 or 1. Truth comes first, then what was said, as in scikit-learn.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.numbers.metrics._acceleration import Jackknife, jackknife
    from lentigo.numbers.metrics._between_sources import BetweenSources, between_sources, interval_logit, share_logit
    from lentigo.numbers.metrics._bootstrap import Resampler, Statistics, Weights, bootstrap
    from lentigo.numbers.metrics._calibration import (
        DEFAULT_BINNING,
        DEFAULT_BINS,
        SMALLEST_PROBABILITY,
        ReliabilityBins,
        assign_bins,
        brier_score,
        brier_terms,
        expected_calibration_error,
        negative_log_likelihood,
        nll_terms,
        reliability_bins,
        top_label,
    )
    from lentigo.numbers.metrics._claims import CLAIMS, say
    from lentigo.numbers.metrics._classification import (
        ThresholdCounts,
        accuracy,
        balanced_accuracy,
        confusion_counter,
        confusion_matrix,
        f1,
        f1_above,
        macro_mean,
        negative_predictive_value,
        precision,
        recall,
        specificity,
        support,
        threshold_counter,
        threshold_counts,
        weighted_mean,
    )
    from lentigo.numbers.metrics._curves import PrecisionRecallCurve, RocCurve, precision_recall_curve, roc_curve
    from lentigo.numbers.metrics._delong import DeLong, delong_aurocs
    from lentigo.numbers.metrics._estimate import bootstrap_estimate, one_cluster, percentile_interval, wilson_estimate
    from lentigo.numbers.metrics._few_clusters import FEWEST_CLUSTERS, Support, scarcest, widening
    from lentigo.numbers.metrics._grouping import Groups, GroupSum, cumulate, group_sum, sum_of, term_sums
    from lentigo.numbers.metrics._loops import compiled_loops, equal_weights, sums_like
    from lentigo.numbers.metrics._mcnemar import McNemar, mcnemar
    from lentigo.numbers.metrics._miscalibration import invert_calibration_error
    from lentigo.numbers.metrics._partial import mcclish, partial_auroc, partial_auroc_of, specificity_at
    from lentigo.numbers.metrics._ranking import Ranking, auroc, average_precision
    from lentigo.numbers.metrics._ranking_counts import RankingCounts
    from lentigo.numbers.metrics._ranking_interval import ranking_interval
    from lentigo.numbers.metrics._recalibration import (
        Recalibration,
        apply_recalibration,
        fit_recalibration,
        recalibration_figures,
    )

__all__ = [
    "CLAIMS",
    "DEFAULT_BINNING",
    "DEFAULT_BINS",
    "FEWEST_CLUSTERS",
    "SMALLEST_PROBABILITY",
    "BetweenSources",
    "DeLong",
    "GroupSum",
    "Groups",
    "Jackknife",
    "McNemar",
    "PrecisionRecallCurve",
    "Ranking",
    "RankingCounts",
    "Recalibration",
    "ReliabilityBins",
    "Resampler",
    "RocCurve",
    "Statistics",
    "Support",
    "ThresholdCounts",
    "Weights",
    "accuracy",
    "apply_recalibration",
    "assign_bins",
    "auroc",
    "average_precision",
    "balanced_accuracy",
    "between_sources",
    "bootstrap",
    "bootstrap_estimate",
    "brier_score",
    "brier_terms",
    "compiled_loops",
    "confusion_counter",
    "confusion_matrix",
    "cumulate",
    "delong_aurocs",
    "equal_weights",
    "expected_calibration_error",
    "f1",
    "f1_above",
    "fit_recalibration",
    "group_sum",
    "interval_logit",
    "invert_calibration_error",
    "jackknife",
    "macro_mean",
    "mcclish",
    "mcnemar",
    "negative_log_likelihood",
    "negative_predictive_value",
    "nll_terms",
    "one_cluster",
    "partial_auroc",
    "partial_auroc_of",
    "percentile_interval",
    "precision",
    "precision_recall_curve",
    "ranking_interval",
    "recalibration_figures",
    "recall",
    "reliability_bins",
    "roc_curve",
    "say",
    "scarcest",
    "share_logit",
    "specificity",
    "specificity_at",
    "sum_of",
    "sums_like",
    "support",
    "term_sums",
    "threshold_counter",
    "threshold_counts",
    "top_label",
    "weighted_mean",
    "widening",
    "wilson_estimate",
]

_WHERE = {
    "_acceleration": (
        "Jackknife",
        "jackknife",
    ),
    "_between_sources": (
        "BetweenSources",
        "between_sources",
        "interval_logit",
        "share_logit",
    ),
    "_bootstrap": (
        "Resampler",
        "Statistics",
        "Weights",
        "bootstrap",
    ),
    "_calibration": (
        "DEFAULT_BINNING",
        "DEFAULT_BINS",
        "ReliabilityBins",
        "SMALLEST_PROBABILITY",
        "assign_bins",
        "brier_score",
        "brier_terms",
        "expected_calibration_error",
        "negative_log_likelihood",
        "nll_terms",
        "reliability_bins",
        "top_label",
    ),
    "_claims": (
        "CLAIMS",
        "say",
    ),
    "_classification": (
        "ThresholdCounts",
        "accuracy",
        "balanced_accuracy",
        "confusion_counter",
        "confusion_matrix",
        "f1",
        "f1_above",
        "macro_mean",
        "negative_predictive_value",
        "precision",
        "recall",
        "specificity",
        "support",
        "threshold_counter",
        "threshold_counts",
        "weighted_mean",
    ),
    "_curves": (
        "PrecisionRecallCurve",
        "RocCurve",
        "precision_recall_curve",
        "roc_curve",
    ),
    "_delong": (
        "DeLong",
        "delong_aurocs",
    ),
    "_estimate": (
        "bootstrap_estimate",
        "one_cluster",
        "percentile_interval",
        "wilson_estimate",
    ),
    "_few_clusters": (
        "FEWEST_CLUSTERS",
        "Support",
        "scarcest",
        "widening",
    ),
    "_grouping": (
        "GroupSum",
        "Groups",
        "cumulate",
        "group_sum",
        "sum_of",
        "term_sums",
    ),
    "_loops": (
        "compiled_loops",
        "equal_weights",
        "sums_like",
    ),
    "_mcnemar": (
        "McNemar",
        "mcnemar",
    ),
    "_miscalibration": ("invert_calibration_error",),
    "_partial": (
        "mcclish",
        "partial_auroc",
        "partial_auroc_of",
        "specificity_at",
    ),
    "_ranking": (
        "Ranking",
        "auroc",
        "average_precision",
    ),
    "_ranking_counts": ("RankingCounts",),
    "_ranking_interval": ("ranking_interval",),
    "_recalibration": (
        "Recalibration",
        "apply_recalibration",
        "fit_recalibration",
        "recalibration_figures",
    ),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
