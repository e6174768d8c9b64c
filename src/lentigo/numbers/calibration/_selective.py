"""Selective answers: which images are too close to the threshold to be decided, and what that gains.

The confidence of a decision is the distance of the malignant probability from the threshold in log-odds; the images
nearest to it are put aside first. The risk-coverage curve (El-Yaniv and Wiener 2010) shows the errors among the
images that are still answered; the low-confidence band is its shortest cut, on validation, at which few enough
malignant images are answered "benign-looking".
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import LowConfidenceBand, is_referred
from lentigo.numbers.calibration._operating_point import judged_sources
from lentigo.numbers.metrics import (
    SMALLEST_PROBABILITY,
    Groups,
    GroupSum,
    compiled_loops,
    cumulate,
    group_sum,
    sum_of,
    sums_like,
)
from lentigo.wording import percent_text

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


def log_odds(probability: Floats) -> Floats:
    """Return log(p / (1 - p)), finite also for 0 and 1.

    Example:
        >>> log_odds(np.array([0.5])).tolist()
        [0.0]
    """
    kept = probability.clip(SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    odds: Floats = np.log(kept) - np.log1p(-kept)
    return odds


def margin(probability: Floats, *, threshold: float) -> Floats:
    """Return how far each probability lies from the threshold, in log-odds: the confidence of its decision.

    Example:
        >>> margin(np.array([0.5, 0.9]), threshold=0.5).round(3).tolist()
        [0.0, 2.197]
    """
    distance: Floats = np.abs(log_odds(probability) - log_odds(np.array([threshold])))
    return distance


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """Decisions sorted by confidence once, ready to be weighed many times. Build one with `RiskCoverage.of`.

    Images of equal confidence are answered, or put aside, together.

    Args:
        answered: sums weights at each of the m levels of confidence, the surest first: (N, B) to (m, B).
        wrong: the same of wrong decisions.
        n_levels: m.
        levels: the same images as sorted groups, for a loop that passes all levels once.
        is_wrong: (N,) decisions.

    Example:
        >>> curve = RiskCoverage.of(np.array([False, True]), np.array([2.0, 1.0]))
        >>> curve.area(np.ones((2, 1))).tolist()  # no error among half of them, one in two among all
        [0.25]
    """

    answered: GroupSum
    wrong: GroupSum
    n_levels: int
    levels: Groups
    is_wrong: Bools

    @classmethod
    def of(cls, is_wrong: Bools, confidence: Floats) -> Self:
        """Return the curve of N decisions.

        Example:
            >>> RiskCoverage.of(np.array([False, True]), np.array([1.0, 1.0])).n_levels
            1
        """
        _, level = np.unique(-confidence, return_inverse=True)
        n_levels = int(level.max()) + 1 if level.size else 0
        levels = Groups.of(level, n_levels)
        wrong = group_sum(np.where(is_wrong, level, -1), n_levels)
        return cls(sum_of(levels), wrong, n_levels, levels, np.asarray(is_wrong, dtype=np.bool_))

    def area(self, weights: Weights) -> Floats:
        """Return the (B,) areas under the risk-coverage curve (AURC, Geifman and El-Yaniv 2017): lower is better.

        The mean, over all images, of the share of wrong decisions among those at least as sure; with confidence that
        says nothing it is the share of wrong decisions.
        """
        loops = compiled_loops(weights)
        if loops is not None:
            sums, gained = sums_like(weights, 3), np.zeros(weights.shape[1], dtype=np.float64)
            loops.risk_area(self.levels.start, self.levels.rows, self.is_wrong, weights, sums, gained)
            return np.asarray(gained / sums[2], dtype=np.float64)
        at_level = self.answered(weights).astype(np.float64)
        wrong = cumulate(self.wrong(weights).astype(np.float64))
        total = cumulate(at_level.copy())
        risk = np.divide(wrong, np.maximum(total, np.finfo(np.float64).tiny))
        area: Floats = (at_level * risk).sum(axis=0) / total[-1]
        return area


@dataclass(frozen=True, slots=True)
class ChosenBand(LowConfidenceBand):
    """The band of malignant probabilities, around the threshold, in which a decision is too close to call.

    Args:
        low: an image is of low confidence when its probability lies above this ...
        high: ... and below this; equal to `low` when no image has to be put aside.
        expected_share: of validation images in the band.
        missed: share of the malignant validation images outside the band that are called benign.
        target_missed: what `missed` was to come down to.
        is_reached: whether it did within the share that may be put aside.
        area: under the risk-coverage curve (AURC) on validation.
        error: share of wrong decisions on validation, nothing put aside; AURC is that where confidence says nothing.
        n_malignant: malignant validation images outside the band; 0 where an older run does not say.

    Example:
        >>> ChosenBand(0.1, 0.3, 0.12, 0.018, 0.02, True, 0.03, 0.09).is_low(np.array([0.2, 0.3])).tolist()
        [True, False]
    """

    missed: float
    target_missed: float
    is_reached: bool
    area: float
    error: float
    n_malignant: int = 0

    @property
    def missed_in_words(self) -> str:
        """Which share of the malignant validation images outside the band are missed, and of how many.

        Example:
            >>> ChosenBand(0.3, 0.3, 0.0, 0.25, 0.02, True, 0.03, 0.09, n_malignant=4).missed_in_words
            '25.0% (1 of 4)'
        """
        n_missed = round(self.missed * self.n_malignant)
        counts = f" ({n_missed:,} of {self.n_malignant:,})" if self.n_malignant else ""
        return f"{percent_text(self.missed, 1)}{counts}"

    def json(self) -> dict[str, Any]:
        """Return the band as JSON types."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the band that `json` wrote."""
        numbers = ("low", "high", "expected_share", "missed", "target_missed", "area", "error")
        values = {name: float(payload[name]) for name in numbers}
        n_malignant = int(payload.get("n_malignant", 0))
        return cls(**values, is_reached=bool(payload["is_reached"]), n_malignant=n_malignant)


def choose_band(
    is_malignant: Bools,
    probability: Floats,
    *,
    threshold: float,
    target_missed: float,
    most_deferred: float,
    kept_in: npt.NDArray[np.str_] | None = None,
    fewest: int = 1,
) -> ChosenBand:
    """Return the narrowest band around a threshold outside of which few malignant images are called benign.

    Where no band of the allowed size does it, the widest allowed is taken and `is_reached` is false.

    Args:
        is_malignant: (N,) truth, at least one image.
        probability: (N,) calibrated malignant probability.
        threshold: of the operating point that decides.
        target_missed: wanted share of missed ones among the malignant images that are still answered.
        most_deferred: share of images that may be put aside at most.
        kept_in: (N,) source of each image, where `target_missed` is kept in each of them too; None for over all alone.
        fewest: malignant images of a source in which it is kept.

    Example:
        >>> truth, said = np.array([True] * 4 + [False] * 4), np.array([0.9, 0.8, 0.7, 0.35, 0.45, 0.2, 0.1, 0.1])
        >>> band = choose_band(truth, said, threshold=0.4, target_missed=0.0, most_deferred=0.5)
        >>> print(f"{band.low:.2f} {band.high:.2f} {band.expected_share} {band.missed}")
        0.27 0.55 0.25 0.0
    """
    confidence = margin(probability, threshold=threshold)
    is_wrong = is_referred(probability, threshold) != is_malignant
    order = np.argsort(confidence, kind="stable")
    levels = confidence[order]
    # put aside the first k, wherever a step in confidence allows to stop there
    stops = np.concatenate([[0], np.flatnonzero(np.diff(levels) > 0) + 1])
    stops = stops[stops <= most_deferred * levels.size * (1 + 1e-12)]
    kept = _left(is_malignant[order], stops)
    # where no malignant image is answered, none can be missed, and nothing is known of how many would be
    stops, kept = stops[(kept > 0) | (stops == 0)], kept[(kept > 0) | (stops == 0)]
    missed = worst = _missed(is_malignant[order], is_wrong[order], stops)
    if kept_in is not None:
        for name in judged_sources(is_malignant, kept_in, fewest=fewest):
            is_own = (kept_in == name)[order]
            worst = np.maximum(worst, _missed(is_malignant[order] & is_own, is_wrong[order], stops))
    reached = np.flatnonzero(worst <= target_missed + 1e-12)
    chosen = int(reached[0]) if reached.size else len(stops) - 1
    stop = int(stops[chosen])
    # halfway to the next image, so that no rounding decides about the last one
    half_width = 0.0 if stop == 0 else float(levels[stop - 1] + levels[min(stop, levels.size - 1)]) / 2
    centre = float(log_odds(np.array([threshold]))[0])
    curve = RiskCoverage.of(is_wrong, confidence)
    return ChosenBand(
        low=threshold if stop == 0 else _probability(centre - half_width),
        high=threshold if stop == 0 else _probability(centre + half_width),
        expected_share=stop / levels.size,
        missed=float(missed[chosen]),
        target_missed=target_missed,
        is_reached=bool(reached.size),
        area=float(curve.area(np.ones((levels.size, 1)))[0]),
        error=float(is_wrong.mean()),
        n_malignant=int(kept[chosen]),
    )


def _left(is_counted: Bools, stops: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how many are left when the first k are put aside, for each k in `stops`."""
    return int(is_counted.sum()) - np.concatenate([[0], np.cumsum(is_counted)])[stops]


def _missed(is_malignant: Bools, is_wrong: Bools, stops: npt.NDArray[np.int64]) -> Floats:
    """Return the share of malignant images called benign of those left when the first k are put aside; 0 of none."""
    kept = _left(is_malignant, stops)
    return _left(is_malignant & is_wrong, stops) / np.maximum(kept, 1)


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
