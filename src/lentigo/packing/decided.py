"""What a calibration decided, as a bundle keeps it: numbers of calibration.json, without what fitted them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from lentigo.bundle.mapping import CalibrationMap
from lentigo.bundle.parts import Band, Figure, Point
from lentigo.bundle.strict import Fields

__all__ = ["Decided", "figure_of"]


@dataclass(frozen=True, slots=True)
class Decided:
    """The fields of `BundleRecord` that calibration decides.

    Args:
        calibration: from logits to probabilities.
        operating_points: thresholds on the malignant probability; the first decides.
        low_confidence: the band in which a decision is too close to call; None for none.
        prevalence: share of malignant images that the probabilities hold for.
    """

    calibration: CalibrationMap
    operating_points: tuple[Point, ...]
    low_confidence: Band | None
    prevalence: float

    @classmethod
    def from_calibration(cls, payload: Mapping[str, Any]) -> Self:
        """Return what the JSON of a `Calibration` says."""
        method, band = payload.get("method", "temperature"), payload.get("low_confidence")
        numbers = {"temperature": payload["temperature"]} if method == "temperature" else payload["parameters"]
        points = tuple(
            Point(point["name"], point["threshold"], figure_of(point["sensitivity"]), figure_of(point["specificity"]))
            for point in payload["operating_points"]
        )
        first = payload["operating_points"][0]
        return cls(
            CalibrationMap.from_fields(Fields({"method": method, **numbers}, "calibration.json")),
            points,
            Band(band["low"], band["high"], band["expected_share"]) if band else None,
            first["n_malignant"] / (first["n_malignant"] + first["n_benign"]),
        )


def figure_of(estimate: Mapping[str, Any]) -> Figure:
    """Return an estimate, as JSON types, as a bundle keeps it.

    Example:
        >>> str(figure_of({"value": 0.95, "low": 0.9, "high": 0.98, "reason": None}))
        '0.950 [0.900, 0.980]'
    """
    return Figure(estimate["value"], estimate["low"], estimate["high"])
