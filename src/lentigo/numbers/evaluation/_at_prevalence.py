"""What a threshold means where malignancy is rarer or more common: PPV, NPV, biopsies per malignancy, net benefit.

Sensitivity and specificity are measured on these images and carried over to another prevalence by Bayes' rule,
so that the intervals hold their uncertainty. The decision itself does not change: probabilities and thresholds are
shifted by the same odds (`lentigo.model.decision`). Net benefit is that of Vickers and Elkin (2006).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import OperatingPoint, check_prevalence, is_referred, shift_probability
from lentigo.numbers.evaluation._curve import Curve
from lentigo.numbers.evaluation._point_scores import PointAtPrevalence
from lentigo.numbers.evaluation._rates_elsewhere import Predictive, net_benefit, point_at, rates_of
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics, both_sides, ratio
from lentigo.numbers.metrics import Jackknife, group_sum

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
        in_order, everyone = np.empty_like(called), cells.sum(axis=1)
        in_order[:, rank] = called
        shares = ratio(in_order, everyone[:, np.newaxis])
        at_points = in_order[:, : len(points)]
        cleared = everyone[:, np.newaxis] - at_points
        return {
            "sensitivity": shares[1],
            "specificity": 1 - shares[0],
            "ppv": ratio(at_points[1], at_points.sum(axis=0)),
            "npv": ratio(cleared[0], cleared.sum(axis=0)),
        }

    def seen(found: Statistics, drawn: Statistics, without: Jackknife, i: int, point: OperatingPoint) -> Predictive:
        """Return PPV and NPV as shares of these images: those of the table of operating points, with its intervals."""
        is_called = is_referred(probability, point.threshold)
        ppv, npv = (
            draws.estimate(found[name][i], drawn[name][i], cases, what, is_proportion=True,
                           influence=without.influence(name, i))
            for name, cases, what in (
                ("ppv", is_called, "images called malignant"), ("npv", ~is_called, "images called benign")
            )
        )  # fmt: skip
        return draws.if_several(ppv, both_sides(is_malignant)), draws.if_several(npv, both_sides(is_malignant))

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> PrevalenceScores:
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
                point_at(
                    point,
                    there[i],
                    rates,
                    wanted,
                    seen(found, drawn, without, i, point) if prevalence is None and rates.ends is None else None,
                )
                for i, point in enumerate(points)
                for rates in (rates_of(i, found, drawn, both_sides(is_malignant), draws),)
            ),
            net_benefit=Curve(NET_BENEFIT_GRID, line, low, high),
            biopsy_all=everything,
        )

    return ResampledFigure(measure, conclude)
