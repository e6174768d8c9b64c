"""A line to draw, with its band."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A line to draw, with its band.

    Args:
        x: (P,) ascending.
        y: (P,) NaN where undefined.
        low: (P,) lower end of the pointwise interval.
        high: (P,) upper end of the pointwise interval.

    Example:
        >>> Curve(np.array([0.0]), np.array([0.5]), np.array([0.4]), np.array([0.6])).json()
        {'x': [0.0], 'y': [0.5], 'low': [0.4], 'high': [0.6]}
    """

    x: Floats
    y: Floats
    low: Floats
    high: Floats

    def json(self) -> dict[str, list[float]]:
        """Return the curve as lists."""
        return {name: getattr(self, name).tolist() for name in ("x", "y", "low", "high")}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the curve that was written to JSON; null becomes NaN."""
        return cls(*(np.array(payload[name], dtype=np.float64) for name in ("x", "y", "low", "high")))
