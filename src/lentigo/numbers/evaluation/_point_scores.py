"""What an operating point reaches on evaluated images, and what that means at a prevalence."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from lentigo.model.decision import Estimate


@dataclass(frozen=True, slots=True)
class _PointFigures:
    """A threshold with figures that belong to it.

    Args:
        name: of the operating point.
        threshold: on the calibrated malignant probability.
    """

    name: str
    threshold: float

    def estimates(self) -> Iterator[tuple[str, Estimate]]:
        """Yield each figure that has an interval, with its name."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        yield from ((name, value) for name, value in values if isinstance(value, Estimate))

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types; NaN stays."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return values | {name: estimate.json() for name, estimate in self.estimates()}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the record that `json` wrote; null is NaN."""
        plain: dict[str, Any] = {name: math.nan if value is None else value for name, value in payload.items()}
        found = {name: Estimate.from_json(value) for name, value in plain.items() if isinstance(value, dict)}
        return cls(**(plain | found))


@dataclass(frozen=True, slots=True)
class OperatingPointScores(_PointFigures):
    """What a threshold, chosen on validation, reaches on these images.

    Args:
        name: of the operating point.
        threshold: on the calibrated malignant probability.
        target_sensitivity: that the threshold was chosen for; NaN where another rule chose it.
        sensitivity: of the malignant images.
        specificity: of the benign images.
        ppv: at the prevalence of these images.
        npv: as `ppv`.
        tp: malignant images at or above the threshold.
        fp: benign images at or above it.
        fn: malignant images below it.
        tn: benign images below it.

    Example:
        >>> one = Estimate(0.5, 0.1, 0.9, n=4)
        >>> found = OperatingPointScores("youden", 0.3, math.nan, one, one, one, one, tp=2, fp=2, fn=2, tn=2)
        >>> OperatingPointScores.from_json(found.json()).sensitivity.value
        0.5
    """

    target_sensitivity: float
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    tp: int
    fp: int
    fn: int
    tn: int


@dataclass(frozen=True, slots=True)
class PointAtPrevalence(_PointFigures):
    """An operating point at a prevalence; its sensitivity and specificity are those of the operating point.

    Args:
        name: of the operating point.
        threshold: on the probabilities as calibrated.
        threshold_there: on those shifted to the prevalence; it calls the same images malignant.
        ppv: at the prevalence.
        npv: as `ppv`.
        number_needed_to_biopsy: biopsies per malignant lesion found.
        net_benefit: of biopsying what is called malignant.
        net_benefit_of_all: of biopsying every lesion.
    """

    threshold_there: float
    ppv: Estimate
    npv: Estimate
    number_needed_to_biopsy: Estimate
    net_benefit: Estimate
    net_benefit_of_all: float
