"""What is gained on test by not answering images close to the threshold: risk-coverage curve, and the stored band."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate, LowConfidenceBand, is_referred
from lentigo.numbers.calibration import ChosenBand, RiskCoverage, margin
from lentigo.numbers.evaluation._curve import Curve
from lentigo.numbers.evaluation._resampling import (
    Draws,
    ResampledFigure,
    Statistics,
    both_sides,
    by_construction,
    ratio,
)
from lentigo.numbers.metrics import Jackknife, group_sum

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]

COVERAGE_GRID: Final[npt.NDArray[np.float64]] = np.arange(1, 21) / 20
"""Shares of images that are answered, in steps of five per cent."""

_FIGURES: Final = ("share", "error", "missed", "sensitivity", "specificity")


@dataclass(frozen=True, slots=True, eq=False)
class DeferralScores:
    """Selective answers at the operating point that decides.

    Args:
        area: under the risk-coverage curve (AURC); lower is better.
        error: share of wrong decisions, all images answered: the area of a confidence that says nothing.
        risk: share of wrong decisions (y) among the surest images, by the share answered (x).
        missed: share of malignant images called benign (y) among the malignant ones answered, by the share answered
            (x).
        band: the low-confidence band chosen on validation; None without one. A `ChosenBand` also says what it reached
            there; a bundle keeps its ends and the share expected in it.
        outside: figures with that band: "share" of images put aside, then, of those answered, "error", "missed",
            "sensitivity" and "specificity"; empty without a band.

    Example:
        >>> DeferralScores.__slots__[0]
        'area'
    """

    area: Estimate
    error: Estimate
    risk: Curve
    missed: Curve
    band: ChosenBand | LowConfidenceBand | None
    outside: Mapping[str, Estimate]

    def json(self) -> dict[str, Any]:
        """Return the scores as JSON types."""
        return {
            "area": self.area.json(),
            "error": self.error.json(),
            "risk": self.risk.json(),
            "missed": self.missed.json(),
            "band": self.band and self.band.json(),
            "outside": {name: figure.json() for name, figure in self.outside.items()},
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the scores that `json` wrote."""
        return cls(
            area=Estimate.from_json(payload["area"]),
            error=Estimate.from_json(payload["error"]),
            risk=Curve.from_json(payload["risk"]),
            missed=Curve.from_json(payload["missed"]),
            band=payload["band"] and _band_of(payload["band"]),
            outside={name: Estimate.from_json(figure) for name, figure in payload["outside"].items()},
        )


def _band_of(payload: Mapping[str, Any]) -> LowConfidenceBand:
    return ChosenBand.from_json(payload) if "missed" in payload else LowConfidenceBand(**payload)


def resample_deferral(
    is_malignant: Bools,
    probability: npt.NDArray[np.float64],
    *,
    threshold: float,
    band: LowConfidenceBand | None,
    draws: Draws,
) -> ResampledFigure[DeferralScores]:
    """Return the question what deferral is worth.

    Args:
        is_malignant: (N,) truth.
        probability: (N,) calibrated malignant probability.
        threshold: of the operating point that decides.
        band: chosen on validation.
        draws: of the images.
    """
    confidence = margin(probability, threshold=threshold)
    is_wrong = is_referred(probability, threshold) != is_malignant
    curve = RiskCoverage.of(is_wrong, confidence)
    # the surest twentieth, the next, and so on; equal ones fall together, so some steps may be empty
    surest_first = np.sort(-confidence)
    ends = surest_first[np.ceil(COVERAGE_GRID * surest_first.size).astype(np.int64) - 1]
    step = np.searchsorted(ends, -confidence, side="left")
    cell = 4 * step + 2 * is_malignant + is_wrong
    add_steps = group_sum(cell, 4 * COVERAGE_GRID.size)
    is_low = np.zeros(is_wrong.size, dtype=np.bool_) if band is None else band.is_low(probability)
    add_sides = group_sum(4 * is_low + 2 * is_malignant + is_wrong, 8)

    def measure(weights: Floats) -> Statistics:
        steps = add_steps(weights).astype(np.float64).reshape(COVERAGE_GRID.size, 4, -1).cumsum(axis=0)
        answered, aside = add_sides(weights).astype(np.float64).reshape(2, 4, -1)
        found = {
            "coverage": ratio(steps.sum(axis=1), steps[-1].sum(axis=0)),
            "area": curve.area(weights),
            **{f"by_step_{name}": values for name, values in _figures(np.moveaxis(steps, 1, 0)).items()},
            **_figures(answered),
        }
        return found | {"share": ratio(aside.sum(axis=0), (answered + aside).sum(axis=0))}

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> DeferralScores:
        everyone = np.ones(is_wrong.size, dtype=np.bool_)
        cases = {
            "share": (everyone, "images"),
            "error": (~is_low, "images answered"),
            "missed": (is_malignant & ~is_low, "malignant images answered"),
            "sensitivity": (is_malignant & ~is_low, "malignant images answered"),
            "specificity": (~is_malignant & ~is_low, "benign images answered"),
        }
        outside = {
            name: draws.estimate(
                found[name], drawn[name], *cases[name], is_proportion=True, influence=without.influence(name)
            )
            for name in _FIGURES
        }
        if band is None or band.low == band.high:
            outside["share"] = by_construction("no low-confidence band", is_wrong.size)
        sides = both_sides(is_malignant)
        lines = {
            name: Curve(found["coverage"], found[f"by_step_{name}"], *draws.band(drawn[f"by_step_{name}"], sides))
            for name in ("error", "missed")
        }
        total, totals = found["by_step_error"][-1], drawn["by_step_error"][-1]
        return DeferralScores(
            area=draws.estimate(
                found["area"], drawn["area"], everyone, "images", sides=sides, influence=without.influence("area")
            ),
            error=draws.estimate(
                total,
                totals,
                everyone,
                "images",
                is_proportion=True,
                influence=without.influence("by_step_error", -1),
            ),
            risk=lines["error"],
            missed=lines["missed"],
            band=band,
            outside={} if band is None else outside,
        )

    return ResampledFigure(measure, conclude)


def _figures(cells: Floats) -> Statistics:
    """Return shares from (4, ...) weights: benign right, benign wrong, malignant right, malignant wrong."""
    cleared, alarms, found, missed = cells
    return {
        "error": ratio(alarms + missed, cells.sum(axis=0)),
        "missed": ratio(missed, found + missed),
        "sensitivity": ratio(found, found + missed),
        "specificity": ratio(cleared, cleared + alarms),
    }
