"""What a threshold means where malignancy is rarer or more common: PPV, NPV, biopsies per malignancy, net benefit.

Sensitivity and specificity are measured on these images and carried over to another prevalence by Bayes' rule,
resample by resample, so that the intervals hold their uncertainty. With few lesions or patients on a side, resamples
vary too little: then the ends are those of the two rates, each at half the error, so that both hold at once.

The decision itself does not change: probabilities
and thresholds are shifted by the same odds (`lentigo.model.decision`). Net benefit is that of Vickers and
Elkin (2006).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from lentigo.model.decision import Estimate, OperatingPoint, check_prevalence, shift_probability
from lentigo.numbers.evaluation._curve import Curve
from lentigo.numbers.evaluation._point_scores import PointAtPrevalence
from lentigo.numbers.evaluation._resampling import Draws, Question, Statistics, both_sides, ratio
from lentigo.numbers.metrics import Support, group_sum, scarcest

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]

NET_BENEFIT_GRID: Final[npt.NDArray[np.float64]] = np.arange(1, 100) / 100
"""Threshold probabilities, in steps of a per cent."""


@dataclass(frozen=True, slots=True, eq=False)
class PrevalenceScores:
    """What the operating points mean at a prevalence.

    Args:
        prevalence: share of malignant lesions.
        is_own: whether it is that of the evaluated images.
        source: share at which the probabilities were calibrated.
        points: one an operating point. `threshold` is on the probabilities as calibrated, `threshold_there` on those
            shifted to the prevalence; both call the same images malignant.
        net_benefit: over threshold probabilities (shifted scale), with a band.
        biopsy_all: (P,) the same when every lesion is biopsied; biopsying none has 0.

    Example:
        >>> empty = Curve(*(np.zeros(1) for _ in range(4)))
        >>> PrevalenceScores(0.07, False, 0.45, (), empty, np.zeros(1)).prevalence
        0.07
    """

    prevalence: float
    is_own: bool
    source: float
    points: tuple[PointAtPrevalence, ...]
    net_benefit: Curve
    biopsy_all: Floats

    def json(self) -> dict[str, Any]:
        """Return the scores as JSON types."""
        return {
            "prevalence": self.prevalence,
            "is_own": self.is_own,
            "source": self.source,
            "points": [point.json() for point in self.points],
            "net_benefit": self.net_benefit.json(),
            "biopsy_all": self.biopsy_all.tolist(),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the scores that `json` wrote."""
        return cls(
            prevalence=payload["prevalence"],
            is_own=payload["is_own"],
            source=payload["source"],
            points=tuple(map(PointAtPrevalence.from_json, payload["points"])),
            net_benefit=Curve.from_json(payload["net_benefit"]),
            biopsy_all=np.array(payload["biopsy_all"]),
        )


def predictive(sensitivity: Floats, specificity: Floats, prevalence: float) -> tuple[Floats, Floats]:
    """Return PPV and NPV at a prevalence (Bayes); NaN where nothing is called so.

    Example:
        >>> ppv, npv = predictive(np.array([0.9]), np.array([0.9]), 0.1)
        >>> ppv.round(3).tolist(), npv.round(3).tolist()
        ([0.5], [0.988])
    """
    found, alarms = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    cleared, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    return ratio(found, found + alarms), ratio(cleared, cleared + missed)


def net_benefit(sensitivity: Floats, specificity: Floats, *, prevalence: float, threshold: Floats | float) -> Floats:
    """Return malignancies found a lesion seen, less false alarms at the exchange rate that the threshold states.

    sensitivity x prevalence - (1 - specificity) x (1 - prevalence) x threshold / (1 - threshold).

    Example:
        >>> net_benefit(np.array([1.0]), np.array([0.0]), prevalence=0.2, threshold=0.1).round(4).tolist()
        [0.1111]
    """
    alarms = (1 - specificity) * (1 - prevalence)
    return np.asarray(sensitivity * prevalence - alarms * threshold / (1 - np.asarray(threshold)))


def ask_prevalence(
    is_malignant: Bools,
    probability: npt.NDArray[np.float64],
    points: Sequence[OperatingPoint],
    *,
    source: float,
    prevalence: float | None,
    draws: Draws,
) -> Question[PrevalenceScores]:
    """Return the question what operating points mean at a prevalence.

    Args:
        is_malignant: (N,) truth, both sides present.
        probability: (N,) calibrated malignant probability.
        points: chosen on validation.
        source: share of malignant images that the probabilities were calibrated on.
        prevalence: share of malignant lesions; that of the images when None.
        draws: of the images.

    Raises:
        MetricError: a share is not between 0 and 1.
    """
    here = float(is_malignant.mean())
    wanted = here if prevalence is None else prevalence
    check_prevalence(wanted)
    grid = shift_probability(NET_BENEFIT_GRID, source=wanted, target=source)
    thresholds = np.concatenate([[point.threshold for point in points], grid])
    rank = np.argsort(thresholds, kind="stable")
    # an image passes the thresholds that are at most its probability
    passed = np.searchsorted(thresholds[rank], probability, side="right")
    n_cells = thresholds.size + 1
    add = group_sum(passed + n_cells * is_malignant, 2 * n_cells)

    def measure(weights: Floats) -> Statistics:
        cells = add(weights).astype(np.float64).reshape(2, n_cells, -1)
        # cell j holds images that pass exactly j thresholds; called by the i-th are those that pass more than i
        called = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1][:, 1:]
        shares = np.empty_like(called)
        shares[:, rank] = ratio(called, cells.sum(axis=1, keepdims=True))
        return {"sensitivity": shares[1], "specificity": 1 - shares[0]}

    def conclude(found: Statistics, drawn: Statistics) -> PrevalenceScores:
        k = len(points)
        asked = NET_BENEFIT_GRID[:, np.newaxis]
        line = net_benefit(
            found["sensitivity"][k:], found["specificity"][k:], prevalence=wanted, threshold=NET_BENEFIT_GRID
        )
        low, high = draws.band(
            net_benefit(drawn["sensitivity"][k:], drawn["specificity"][k:], prevalence=wanted, threshold=asked),
            both_sides(is_malignant),
        )
        there = [float(each) for each in shift_probability(thresholds[:k], source=source, target=wanted)]
        everything = net_benefit(np.ones(1), np.zeros(1), prevalence=wanted, threshold=NET_BENEFIT_GRID)
        return PrevalenceScores(
            prevalence=wanted,
            is_own=prevalence is None,
            source=source,
            points=tuple(
                _point(point, there[i], _rates(i, found, drawn, is_malignant, draws), wanted)
                for i, point in enumerate(points)
            ),
            net_benefit=Curve(NET_BENEFIT_GRID, line, low, high),
            biopsy_all=everything,
        )

    return Question(measure, conclude)


@dataclass(frozen=True, slots=True, eq=False)
class _Rates:
    """Sensitivity and specificity of one threshold, and how figures that follow from them get their intervals.

    Args:
        value: the two rates.
        drawn: (2, B) the same on resamples; one of 0 or 1 in all of them has the spread that so many clusters leave it.
        ends: the two rates with their own intervals, where a side has few clusters; else None.
        scarce: the side with fewer clusters, as sure as which every figure is.
        side: (N,) its images.
        draws: of the images.
    """

    value: Floats
    drawn: Floats
    ends: tuple[Estimate, Estimate] | None
    scarce: Support
    side: Bools
    draws: Draws

    def estimate(self, figure: Callable[[Floats, Floats], Floats], what: str) -> Estimate:
        """Return a figure that does not fall when one of the rates rises; `what` it is a share of."""
        value = float(figure(*self.value[:, np.newaxis])[0])
        if self.ends is None:
            found = self.draws.estimate(value, figure(*self.drawn), self.side, what)
            # a rate of 1 lies at the end of its own spread
            return replace(found, low=min(found.low, value), high=max(found.high, value))
        n = int(self.side.sum())
        if np.isnan(value):
            return Estimate.undefined(f"0 {what}", n=n)
        without = next((rate for rate in self.ends if not rate.has_interval), None)
        if without is not None:
            return Estimate(value, np.nan, np.nan, n, without.reason)
        low, high = (
            float(figure(*np.array([[getattr(rate, end)] for rate in self.ends]))[0]) for end in ("low", "high")
        )
        reason = f"from the intervals of both rates, {self.scarce.cases} being of {self.scarce.n_clusters}"
        # where nothing is called so at an end of the rates, the figure may be anything
        return Estimate(
            value,
            0.0 if np.isnan(low) else min(low, value),
            1.0 if np.isnan(high) else max(high, value),
            n,
            f"{reason} {self.draws.unit}s",
        )


def _rates(i: int, found: Statistics, drawn: Statistics, is_malignant: Bools, draws: Draws) -> _Rates:
    names, (sick, well) = ("sensitivity", "specificity"), both_sides(is_malignant)
    supports = [draws.resampler.support(*side) for side in (sick, well)]
    scarce = scarcest(supports)
    ends = None
    if scarce.is_few:
        wider = replace(draws, confidence=(1 + draws.confidence) / 2)
        ends = tuple(
            wider.estimate(found[name][i], drawn[name][i], *side, is_proportion=True)
            for name, side in zip(names, (sick, well), strict=True)
        )
    spread = [
        _spread(float(found[name][i]), drawn[name][i], support, [draws.resampler.seed, i])
        for name, support in zip(names, supports, strict=True)
    ]
    return _Rates(
        value=np.array([found[name][i] for name in names]),
        drawn=np.stack(spread),
        ends=ends,
        scarce=scarce,
        side=min((sick, well), key=lambda side: draws.resampler.count_clusters(side[0]))[0],
        draws=draws,
    )


def _spread(rate: float, replicates: Floats, support: Support, seed: list[int]) -> Floats:
    """Return (B,) rates; one of 0 or 1 in every resample is given the spread that so many clusters leave it.

    All found is not proof that nothing is missed. The spread is Jeffreys' posterior, Beta(G + 1/2, 1/2) for a rate
    of 1 in G clusters, at equally likely steps in an order of their own for each rate.
    """
    if rate not in (0.0, 1.0) or np.ptp(replicates) > 0:
        return replicates
    steps = (np.arange(replicates.size) + 0.5) / replicates.size
    beta = np.asarray(betaincinv(support.n_clusters + 0.5, 0.5, np.random.default_rng(seed).permutation(steps)))
    return beta if rate == 1 else 1 - beta


def _point(point: OperatingPoint, there: float, rates: _Rates, prevalence: float) -> PointAtPrevalence:
    # a threshold of 1 (the only malignant image has probability 1) has no exchange rate
    odds = min(there, 1 - 1e-9)
    ppv = rates.estimate(lambda *both: predictive(*both, prevalence)[0], "images called malignant")
    gain = rates.estimate(lambda *both: net_benefit(*both, prevalence=prevalence, threshold=odds), "images")
    return PointAtPrevalence(
        name=point.name,
        threshold=point.threshold,
        threshold_there=there,
        ppv=ppv,
        npv=rates.estimate(lambda *both: predictive(*both, prevalence)[1], "images called benign"),
        number_needed_to_biopsy=_biopsies(ppv, rates, prevalence),
        net_benefit=gain,
        net_benefit_of_all=float(net_benefit(np.ones(1), np.zeros(1), prevalence=prevalence, threshold=odds)[0]),
    )


def _biopsies(ppv: Estimate, rates: _Rates, prevalence: float) -> Estimate:
    """Return 1 / PPV, with the ends of the PPV."""
    if rates.ends is None:
        # falls as the rates rise
        return rates.estimate(lambda *both: ratio(1, predictive(*both, prevalence)[0]), "malignant images called so")
    if not (ppv.is_defined and ppv.value > 0):
        return Estimate.undefined("0 malignant images called so", n=ppv.n)
    if not ppv.low > 0:
        return Estimate(1 / ppv.value, np.nan, np.nan, ppv.n, ppv.reason if not ppv.has_interval else "no upper end")
    return Estimate(1 / ppv.value, 1 / ppv.high, 1 / ppv.low, ppv.n, ppv.reason)
