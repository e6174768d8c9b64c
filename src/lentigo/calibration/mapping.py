"""The change of probabilities that calibration decided on: a method and its numbers, applied with numpy alone.

A bundle keeps the same numbers: `ProbabilityMap.json` is what calibration.json holds, `ProbabilityMap.apply` all there
is to do with them. Every method works on probabilities, not on the network's raw logits, so that anyone's predictions
file can be calibrated; log-probabilities are logits up to a constant a row.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from lentigo.calibration.temperature import apply_temperature, log_probabilities
from lentigo.errors import MetricError

__all__ = ["METHODS", "Method", "ProbabilityMap"]

Method = Literal["temperature", "vector", "isotonic"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
"""Simplest first: one number, two numbers a class, a curve a class."""

Floats = npt.NDArray[np.float64]
Curve = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProbabilityMap:
    """A calibration method with its numbers; only those of the method are given.

    Args:
        method: "temperature": softmax(log p / temperature) (Guo et al. 2017). "vector": softmax(scale * log p + offset)
            (vector scaling, same paper; for two classes this is beta calibration, Kull et al. 2017). "isotonic": each
            class's probability is read off its own curve, and the row divided by its sum (Zadrozny and Elkan 2002).
        temperature: a positive number; NaN for the other methods.
        scale: (K,) positive factors of the log-probabilities.
        offset: (K,) what is added to them.
        said: K ascending lists of probabilities, where the curves bend.
        meant: what each of these means; straight lines between them.

    Raises:
        MetricError: the numbers do not fit the method.

    Example:
        >>> ProbabilityMap("vector", scale=(1.0, 1.0), offset=(0.0, math.log(3))).apply(np.array([[0.5, 0.5]])).tolist()
        [[0.25, 0.75]]
    """

    method: Method
    temperature: float = math.nan
    scale: Curve = ()
    offset: Curve = ()
    said: tuple[Curve, ...] = ()
    meant: tuple[Curve, ...] = ()

    def __post_init__(self) -> None:
        is_whole = {
            "temperature": self.temperature > 0 and math.isfinite(self.temperature),
            "vector": len(self.scale) == len(self.offset) > 1 and all(math.isfinite(x) and x > 0 for x in self.scale),
            "isotonic": len(self.said) == len(self.meant) > 1 and all(map(_is_curve, self.said, self.meant)),
        }
        if not is_whole.get(self.method, False):
            raise MetricError(
                f"These are not the numbers of the calibration method '{self.method}' (methods: {', '.join(METHODS)}). "
                "Run 'lentigo calibrate' again."
            )

    def apply(self, probabilities: Floats) -> Floats:
        """Return the (N, K) calibrated probabilities, rows summing to one.

        Raises:
            MetricError: the map was fitted for another number of classes.

        Example:
            >>> ProbabilityMap("temperature", temperature=2.0).apply(np.array([[0.9, 0.1]])).round(3).tolist()
            [[0.75, 0.25]]
        """
        if self.method == "temperature":
            return apply_temperature(probabilities, self.temperature)
        n_classes = len(self.scale) or len(self.said)
        if probabilities.shape[1] != n_classes:
            raise MetricError(f"The calibration is for {n_classes} classes; got {probabilities.shape[1]}.")
        if self.method == "vector":
            logits = np.array(self.scale) * log_probabilities(probabilities) + np.array(self.offset)
            raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        else:
            columns = map(np.interp, probabilities.T, self.said, self.meant)
            raised = np.maximum(np.stack(list(columns), axis=1), np.finfo(np.float64).tiny)
        shares: Floats = raised / raised.sum(axis=1, keepdims=True)
        return shares

    def describe(self) -> str:
        """Return the method and, where it is one number, the number.

        Example:
            >>> ProbabilityMap("temperature", temperature=1.25).describe()
            'temperature 1.250'
        """
        if self.method == "temperature":
            return f"temperature {self.temperature:.3f}"
        return {"vector": "vector scaling", "isotonic": "isotonic regression"}[self.method]

    def json(self) -> dict[str, Any]:
        """Return the map as JSON types: the method, the temperature (null for others) and the parameters of the others.

        Example:
            >>> ProbabilityMap("temperature", temperature=1.25).json()
            {'method': 'temperature', 'temperature': 1.25, 'parameters': {}}
        """
        names = {"temperature": (), "vector": ("scale", "offset"), "isotonic": ("said", "meant")}[self.method]
        temperature = self.temperature if self.method == "temperature" else None
        parameters = {name: _lists(getattr(self, name)) for name in names}
        return {"method": self.method, "temperature": temperature, "parameters": parameters}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the map that `json` wrote; a file without a method has a temperature.

        Raises:
            KeyError: a field is missing.

        Example:
            >>> ProbabilityMap.from_json({"temperature": 1.25}).method
            'temperature'
        """
        method, given = payload.get("method", "temperature"), payload.get("parameters", {})
        if method == "temperature":
            return cls(method, temperature=float(payload["temperature"]))
        return cls(method, **{name: _tuples(values) for name, values in given.items()})


def _is_curve(said: Curve, meant: Curve) -> bool:
    is_ascending = all(low < high for low, high in pairwise(said))
    return len(said) == len(meant) > 0 and is_ascending and all(0 <= value <= 1 for value in meant)


def _lists(values: Any) -> Any:
    return [_lists(value) for value in values] if isinstance(values, tuple) else float(values)


def _tuples(values: Any) -> Any:
    return tuple(_tuples(value) for value in values) if isinstance(values, list) else float(values)
