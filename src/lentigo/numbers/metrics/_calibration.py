"""Figures of probabilities: Brier score, NLL, and calibration error over named bins.

Calibration error depends on how the bins are cut, so the cut is always named. The default is 15 bins of equal mass
(quantiles of the probabilities, equal ones kept together): bins of equal width leave most images in the last bin for a
confident network, and the rest too few to judge. 15 is the number of Guo et al. (2017).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.model.decision import wilson_interval

Floats = npt.NDArray[np.float64]
Binning = Literal["equal_mass", "equal_width"]

DEFAULT_BINNING: Binning = "equal_mass"
DEFAULT_BINS = 15  # as Guo et al. 2017 and most papers since, so that figures can be compared
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)
"""A smaller probability counts as this one, as in scikit-learn's log loss: at most 36 nats an image."""


def brier_terms(probabilities: Floats, target: npt.NDArray[np.integer]) -> Floats:
    """Return each image's (N,) share of the Brier score.

    The squared distance from the true class's corner (Brier 1950), halved for two classes, where it is then the
    familiar (probability - outcome) squared. Range [0, 1] for two classes, [0, 2] for more.

    Args:
        probabilities: (N, K) rows that sum to one.
        target: (N,) true class.

    Example:
        >>> brier_terms(np.array([[0.75, 0.25]]), np.array([0])).tolist()
        [0.0625]
    """
    truth = np.eye(probabilities.shape[1])[target]
    distance: Floats = ((probabilities - truth) ** 2).sum(axis=1)
    return distance / 2 if probabilities.shape[1] == 2 else distance


def brier_score(probabilities: Floats, target: npt.NDArray[np.integer]) -> float:
    """Return the mean of `brier_terms`; NaN without images.

    Example:
        >>> brier_score(np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([0, 1]))
        0.15625
    """
    return _mean(brier_terms(probabilities, target))


def nll_terms(probabilities: Floats, target: npt.NDArray[np.integer]) -> Floats:
    """Return each image's (N,) negative log of the probability of its true class, in nats.

    Args:
        probabilities: (N, K) rows that sum to one.
        target: (N,) true class.

    Example:
        >>> nll_terms(np.array([[1.0, 0.0]]), np.array([0])).tolist()
        [0.0]
    """
    true_class = np.take_along_axis(probabilities, target[:, np.newaxis], axis=1)[:, 0]
    # + 0.0 turns the -0.0 of a sure and right answer into 0.0
    return -np.log(np.maximum(true_class, SMALLEST_PROBABILITY)) + 0.0


def negative_log_likelihood(probabilities: Floats, target: npt.NDArray[np.integer]) -> float:
    """Return the mean of `nll_terms`, in nats; NaN without images.

    Example:
        >>> round(negative_log_likelihood(np.array([[0.5, 0.5]]), np.array([0])), 4)
        0.6931
    """
    return _mean(nll_terms(probabilities, target))


def top_label(probabilities: Floats, target: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Return (N,) whether the most probable class is the true one, and (N,) its probability.

    Example:
        >>> top_label(np.array([[0.75, 0.25]]), np.array([1]))
        (array([False]), array([0.75]))
    """
    return probabilities.argmax(axis=1) == target, probabilities.max(axis=1)


def assign_bins(
    probability: Floats, *, n_bins: int = DEFAULT_BINS, binning: Binning = DEFAULT_BINNING
) -> npt.NDArray[np.int64]:
    """Return the (N,) bin of each probability; bins without images may be absent.

    `equal_mass` cuts the sorted probabilities where a share of 1 / n_bins is reached, and keeps equal ones together;
    `equal_width` cuts [0, 1] in steps of 1 / n_bins, a probability on a cut belonging above it, 1 to the last bin.

    Raises:
        MetricError: an unknown binning, or fewer than one bin.

    Example:
        >>> assign_bins(np.array([0.1, 0.2, 0.2, 0.9]), n_bins=2).tolist()
        [0, 1, 1, 1]
    """
    if n_bins < 1:
        raise MetricError(f"{n_bins} bins cannot be made. Use at least one.")
    if binning == "equal_width":
        cuts = np.arange(1, n_bins) / n_bins
    elif binning == "equal_mass":
        starts = (np.arange(1, n_bins) * probability.size) // n_bins
        cuts = np.unique(np.sort(probability)[starts]) if probability.size else np.empty(0)
    else:
        raise MetricError(f"Unknown binning {binning!r}. Use 'equal_mass' or 'equal_width'.")
    return np.searchsorted(cuts, probability, side="right")


def expected_calibration_error(
    outcome: npt.NDArray[np.bool_],
    probability: Floats,
    *,
    n_bins: int = DEFAULT_BINS,
    binning: Binning = DEFAULT_BINNING,
) -> float:
    """Return the expected calibration error: over bins, the mean distance between probability and outcome.

    The sum over bins of (images in the bin / images) x |mean probability - share of outcomes| (Naeini et al. 2015).
    Noise alone makes it greater than zero: about 0.04 for a perfectly calibrated model on 600 images and 15 bins.

    Args:
        outcome: (N,) what came true.
        probability: (N,) how probable it was said to be.
        n_bins: number of bins.
        binning: how they are cut.

    Returns:
        A value in [0, 1]; NaN without images.

    Example:
        >>> round(expected_calibration_error(np.array([True, False]), np.array([0.9, 0.2]), n_bins=2), 3)
        0.15
    """
    bins = assign_bins(probability, n_bins=n_bins, binning=binning)
    gaps = np.bincount(bins, weights=probability - outcome)
    return float(np.abs(gaps).sum() / probability.size) if probability.size else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityBins:
    """A reliability diagram: in each of M bins, what was said and what came true. Empty bins are left out.

    Args:
        probability: (M,) mean probability said.
        observed: (M,) share that came true.
        low: (M,) lower end of Wilson's interval of `observed`.
        high: (M,) upper end of Wilson's interval of `observed`.
        count: (M,) images.
        binning: how the bins were cut.

    Example:
        >>> reliability_bins(np.array([True, False]), np.array([0.9, 0.2]), n_bins=2).observed.tolist()
        [0.0, 1.0]
    """

    probability: Floats
    observed: Floats
    low: Floats
    high: Floats
    count: npt.NDArray[np.int64]
    binning: str

    def json(self) -> dict[str, Any]:
        """Return the bins as JSON types.

        Example:
            >>> reliability_bins(np.array([True]), np.array([0.9]), n_bins=1).json()["count"]
            [1]
        """
        arrays = ("probability", "observed", "low", "high", "count")
        return {"binning": self.binning} | {name: getattr(self, name).tolist() for name in arrays}


def reliability_bins(
    outcome: npt.NDArray[np.bool_],
    probability: Floats,
    *,
    n_bins: int = DEFAULT_BINS,
    binning: Binning = DEFAULT_BINNING,
    confidence: float = 0.95,
) -> ReliabilityBins:
    """Return the reliability diagram's bins with Wilson intervals, which take every image for independent.

    Args:
        outcome: (N,) what came true.
        probability: (N,) how probable it was said to be.
        n_bins: number of bins; fewer come out where probabilities are equal or bins are empty.
        binning: how they are cut.
        confidence: coverage of the intervals, in (0, 1).

    Example:
        >>> reliability_bins(np.array([True, False, True]), np.array([0.7, 0.7, 0.7])).count.tolist()
        [3]
    """
    bins = assign_bins(probability, n_bins=n_bins, binning=binning)
    count = np.bincount(bins)
    kept = count > 0
    came_true = np.bincount(bins, weights=outcome)[kept]
    count = count[kept]
    ends = [wilson_interval(k, n, confidence=confidence) for k, n in zip(came_true, count, strict=True)]
    low, high = np.array(ends).reshape(-1, 2).T
    return ReliabilityBins(
        probability=np.bincount(bins, weights=probability)[kept] / count,
        observed=came_true / count,
        low=low,
        high=high,
        count=count,
        binning=f"{n_bins} {binning.replace('_', '-')} bins",
    )


def _mean(terms: Floats) -> float:
    return float(terms.mean()) if terms.size else float("nan")
