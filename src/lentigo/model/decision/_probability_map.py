"""The change of probabilities that calibration decided on: a method and its numbers, applied with numpy alone.

Every method works on probabilities, not on the network's raw logits, so that anyone's predictions file can be
calibrated; log-probabilities are logits up to a constant a row. `lentigo.numbers.calibration` fits the numbers.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, Self, cast, get_args

import numpy as np
import numpy.typing as npt

from lentigo.errors import BundleError, MetricError
from lentigo.model._json_reader import Fields
from lentigo.wording import counted

Method = Literal["temperature", "vector", "isotonic"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
"""Simplest first: one number, two numbers a class, a curve a class."""
NUMBERS: Final[dict[Method, tuple[str, ...]]] = {
    "temperature": ("temperature",),
    "vector": ("scale", "offset"),
    "isotonic": ("said", "meant"),
}
SMALLEST_PROBABILITY: Final = float(np.finfo(np.float64).eps)
"""A probability of zero counts as this: its logarithm is that of the last digit of one."""
MOST_BENDS: Final = 100_000  # of a curve: at most one per validation image; more is a damaged record

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
                f"These are not the parameters of the calibration method '{self.method}' (methods: "
                f"{', '.join(METHODS)}). Run 'lentigo calibrate' again."
            )

    @property
    def n_classes(self) -> int:
        """How many classes it is for; 0 for any number."""
        return len(self.scale) or len(self.said)

    def apply(self, probabilities: Floats) -> Floats:
        """Return the (N, K) calibrated probabilities, rows summing to one.

        Raises:
            MetricError: the map was fitted for another number of classes.

        Example:
            >>> ProbabilityMap("temperature", temperature=2.0).apply(np.array([[0.9, 0.1]])).round(3).tolist()
            [[0.75, 0.25]]
        """
        if self.n_classes not in {0, probabilities.shape[1]}:
            raise MetricError(
                f"The calibration is for {counted(self.n_classes, 'class', 'classes')}; got {probabilities.shape[1]}."
            )
        if self.method == "temperature":
            return (
                probabilities if self.temperature == 1 else softmax(log_probabilities(probabilities) / self.temperature)
            )
        if self.method == "vector":
            return softmax(np.array(self.scale) * log_probabilities(probabilities) + np.array(self.offset))
        columns = map(np.interp, probabilities.T, self.said, self.meant)
        raised = np.maximum(np.stack(list(columns), axis=1), np.finfo(np.float64).tiny)
        shares: Floats = raised / raised.sum(axis=1, keepdims=True)
        return shares

    def of_logits(self, logits: npt.NDArray[np.floating[Any]]) -> Floats:
        """Return the (N, K) calibrated probabilities of a network's logits (N, K).

        Example:
            >>> ProbabilityMap("temperature", temperature=2.0).of_logits(np.log([[0.9, 0.1]])).round(3).tolist()
            [[0.75, 0.25]]
        """
        return self.apply(softmax(logits))

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
        """Return the map as JSON types: the method and its numbers.

        Example:
            >>> ProbabilityMap("temperature", temperature=1.25).json()
            {'method': 'temperature', 'temperature': 1.25}
        """
        return {"method": self.method, **{name: _lists(getattr(self, name)) for name in NUMBERS[self.method]}}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the map that `json` wrote; without a method it is a temperature.

        Raises:
            KeyError: a field is missing.

        Example:
            >>> ProbabilityMap.from_json({"temperature": 1.25}).method
            'temperature'
        """
        method = payload.get("method", "temperature")
        return cls(method, **{name: _tuples(payload[name]) for name in NUMBERS.get(method, ())})

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Return the map that `json` wrote into a stranger's file.

        Raises:
            BundleError: the numbers do not fit the method.
        """
        method = cast("Method", fields.choice("method", METHODS))
        given: dict[str, Any] = {}
        if method == "temperature":
            given["temperature"] = fields.number("temperature", low=1e-3, high=1e3)
        elif method == "vector":
            given["scale"] = fields.numbers("scale", most=1000, low=1e-6, high=1e6)
            given["offset"] = fields.numbers("offset", most=1000, low=-1e6, high=1e6)
        else:
            given = {name: _curves(fields, name) for name in NUMBERS[method]}
        try:
            return cls(method, **given)
        except MetricError:
            raise BundleError(
                f"the parameters of the calibration method '{method}' are not valid. Export it again."
            ) from None


def softmax(logits: npt.NDArray[np.floating[Any]]) -> Floats:
    """Return softmax over the last axis, in float64, where even 1e-50 survives.

    Example:
        >>> softmax(np.array([[0.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """
    scaled = logits.astype(np.float64)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_probabilities(probabilities: Floats) -> Floats:
    """Return the logits of probabilities, up to a constant a row; a probability of zero counts as 2e-16.

    Example:
        >>> log_probabilities(np.array([[1.0, 0.0]])).round(2).tolist()
        [[0.0, -36.04]]
    """
    logits: Floats = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    return logits


def _is_curve(said: Curve, meant: Curve) -> bool:
    is_ascending = all(low < high for low, high in pairwise(said))
    return len(said) == len(meant) > 0 and is_ascending and all(0 <= value <= 1 for value in meant)


def _curves(fields: Fields, key: str) -> tuple[Curve, ...]:
    rows = fields.take(key)
    if not isinstance(rows, list) or len(rows) > 1000:
        fields.refuse(f"must have a list of curves as {key}")
    return tuple(Fields({key: row}, fields.where).numbers(key, most=MOST_BENDS, low=0, high=1) for row in rows)


def _lists(values: Any) -> Any:
    return [_lists(value) for value in values] if isinstance(values, tuple) else float(values)


def _tuples(values: Any) -> Any:
    return tuple(_tuples(value) for value in values) if isinstance(values, list) else float(values)
