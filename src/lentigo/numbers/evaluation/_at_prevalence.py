"""What a threshold means where malignancy is rarer or more common: PPV, NPV, biopsies per malignancy, net benefit.

Sensitivity and specificity are measured on these images and carried over to another prevalence by Bayes' rule,
resample by resample, so that the intervals hold their uncertainty. The decision itself does not change: probabilities
and thresholds are shifted by the same odds (`lentigo.model.decision`). Net benefit is that of Vickers and
Elkin (2006).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from lentigo.model.decision import Estimate, OperatingPoint, check_prevalence, shift_probability
from lentigo.numbers.evaluation._curve import Curve
from lentigo.numbers.evaluation._point_scores import PointAtPrevalence
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics, ratio
from lentigo.numbers.metrics import group_sum

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


def resample_prevalence(
    is_malignant: Bools,
    probability: npt.NDArray[np.float64],
    points: Sequence[OperatingPoint],
    *,
    source: float,
    prevalence: float | None,
    draws: Draws,
) -> ResampledFigure[PrevalenceScores]:
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
        sides = {"sensitivity": is_malignant, "specificity": ~is_malignant}
        spread = {name: _spread(found[name][:k], drawn[name][:k], side, draws) for name, side in sides.items()}
        # every figure is as sure as the side with fewer clusters; one cluster never varies
        side = min(sides.values(), key=draws.resampler.count_clusters)
        asked = NET_BENEFIT_GRID[:, np.newaxis]
        line = net_benefit(
            found["sensitivity"][k:], found["specificity"][k:], prevalence=wanted, threshold=NET_BENEFIT_GRID
        )
        low, high = draws.band(
            net_benefit(drawn["sensitivity"][k:], drawn["specificity"][k:], prevalence=wanted, threshold=asked)
        )
        everything = net_benefit(np.ones(1), np.zeros(1), prevalence=wanted, threshold=NET_BENEFIT_GRID)
        return PrevalenceScores(
            prevalence=wanted,
            is_own=prevalence is None,
            source=source,
            points=tuple(
                _point(i, point, found, spread, source, wanted, side, draws) for i, point in enumerate(points)
            ),
            net_benefit=Curve(NET_BENEFIT_GRID, line, low, high),
            biopsy_all=everything,
        )

    return ResampledFigure(measure, conclude)


def _spread(rates: Floats, replicates: Floats, side: Bools, draws: Draws) -> Floats:
    """Return (k, B) rates; one of 0 or 1 in every resample is given the spread that so many clusters leave it.

    5 of 5 found is not proof that nothing is missed. The spread is Jeffreys' posterior, Beta(G + 1/2, 1/2) for a rate
    of 1 in G clusters, at equally likely steps in an order of their own for each rate.
    """
    n_clusters = draws.resampler.count_clusters(side)
    filled = replicates.copy()
    is_stuck = ((rates == 0) | (rates == 1)) & (np.ptp(replicates, axis=1) == 0)
    for i in np.flatnonzero(is_stuck).tolist():
        steps = (np.arange(replicates.shape[1]) + 0.5) / replicates.shape[1]
        beta = betaincinv(n_clusters + 0.5, 0.5, np.random.default_rng([draws.resampler.seed, i]).permutation(steps))
        filled[i] = beta if rates[i] == 1 else 1 - beta
    return filled


def _point(
    i: int,
    point: OperatingPoint,
    found: Statistics,
    drawn: Statistics,
    source: float,
    prevalence: float,
    side: Bools,
    draws: Draws,
) -> PointAtPrevalence:
    there = float(shift_probability(np.array([point.threshold]), source=source, target=prevalence)[0])
    rates = [(row["sensitivity"][i], row["specificity"][i]) for row in (found, drawn)]
    (ppv, npv), (ppvs, npvs) = (predictive(*rate, prevalence) for rate in rates)
    # a threshold of 1 (the only malignant image has probability 1) has no exchange rate
    odds = min(there, 1 - 1e-9)
    gains = [net_benefit(*rate, prevalence=prevalence, threshold=odds) for rate in rates]

    def estimate(value: Floats, replicates: Floats, what: str) -> Estimate:
        figure = draws.estimate(value, replicates, side, what)
        # a rate of 1 lies at the end of its own spread
        return replace(figure, low=min(figure.low, figure.value), high=max(figure.high, figure.value))

    return PointAtPrevalence(
        name=point.name,
        threshold=point.threshold,
        threshold_there=there,
        ppv=estimate(ppv, ppvs, "images called malignant"),
        npv=estimate(npv, npvs, "images called benign"),
        number_needed_to_biopsy=estimate(ratio(1, ppv), ratio(1, ppvs), "malignant images called so"),
        net_benefit=estimate(gains[0], gains[1], "images"),
        net_benefit_of_all=float(net_benefit(np.ones(1), np.zeros(1), prevalence=prevalence, threshold=odds)[0]),
    )
