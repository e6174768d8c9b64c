"""From logits to calibrated probabilities, and from one prevalence to another: numpy alone, the numbers of the bundle.

The same arithmetic as `lentigo.calibration`, which fits these numbers and needs SciPy for it; a test keeps both equal.
"""

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.bundle.strict import Fields
from lentigo.errors import BundleError, ConfigError

__all__ = ["CalibrationMap", "check_prevalence", "shift_odds", "shift_threshold"]

METHODS: Final = ("temperature", "vector", "isotonic")
SMALLEST_PROBABILITY: Final = float(np.finfo(np.float64).eps)  # as in `lentigo.metrics.calibration`
MOST_BENDS: Final = 100_000

Floats = NDArray[np.float64]
Curves = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class CalibrationMap:
    """What calibration does to the probabilities of the network; only the numbers of the method are given.

    Args:
        method: "temperature": softmax(log p / temperature). "vector": softmax(scale * log p + offset). "isotonic": each
            class is read off its own curve, and the row divided by its sum.
        temperature: above 0.
        scale: one factor a class.
        offset: one summand a class.
        said: for each class the probabilities where its curve bends.
        meant: what each of them means.

    Raises:
        BundleError: the numbers do not fit the method.

    Example:
        >>> CalibrationMap("temperature", temperature=2.0).apply(np.log([[0.9, 0.1]])).round(3).tolist()
        [[0.75, 0.25]]
    """

    method: str
    temperature: float = 1.0
    scale: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()
    said: Curves = ()
    meant: Curves = ()

    def __post_init__(self) -> None:
        is_whole = {
            "temperature": self.temperature > 0,
            "vector": len(self.scale) == len(self.offset) > 1 and min(self.scale) > 0,
            "isotonic": len(self.said) == len(self.meant) > 1
            and all(len(x) == len(y) > 0 and _rises(x) for x, y in zip(self.said, self.meant, strict=True)),
        }
        if not is_whole[self.method]:
            raise BundleError(f"the numbers of the calibration method '{self.method}' do not fit. Export it again.")

    @property
    def n_classes(self) -> int:
        """How many classes it is for; 0 for any number."""
        return len(self.scale) or len(self.said)

    def apply(self, logits: NDArray[np.floating[Any]]) -> Floats:
        """Return calibrated probabilities (N, K), rows summing to one, of logits (N, K)."""
        said = _softmax(logits.astype(np.float64))
        logs = np.log(np.maximum(said, SMALLEST_PROBABILITY))
        if self.method == "temperature":
            return said if self.temperature == 1 else _softmax(logs / self.temperature)
        if self.method == "vector":
            return _softmax(np.array(self.scale) * logs + np.array(self.offset))
        columns = [np.interp(*row) for row in zip(said.T, self.said, self.meant, strict=True)]
        raised = np.maximum(np.stack(columns, axis=1), np.finfo(np.float64).tiny)
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def json(self) -> dict[str, Any]:
        """Return the map as JSON types."""
        names = {"temperature": ("temperature",), "vector": ("scale", "offset"), "isotonic": ("said", "meant")}
        return {"method": self.method, **{name: getattr(self, name) for name in names[self.method]}}

    @classmethod
    def from_fields(cls, fields: Fields) -> "CalibrationMap":
        """Return the map that `json` wrote."""
        method = fields.choice("method", METHODS)
        if method == "temperature":
            return cls(method, temperature=fields.number("temperature", low=1e-3, high=1e3))
        if method == "vector":
            scale = fields.numbers("scale", most=1000, low=1e-6, high=1e6)
            return cls(method, scale=scale, offset=fields.numbers("offset", most=1000, low=-1e6, high=1e6))
        return cls(method, said=_curves(fields, "said"), meant=_curves(fields, "meant"))


def shift_odds(probabilities: Floats, is_malignant: NDArray[np.bool_], *, source: float, target: float) -> Floats:
    """Return probabilities (N, K) where another share of the lesions is malignant (Elkan 2001; Saerens et al. 2002).

    The odds of malignancy are multiplied by one number; within either side the mix stays, and so does the order.

    Args:
        probabilities: rows that sum to one.
        is_malignant: which classes are, shape (K,).
        source: share of malignant lesions that the probabilities were calibrated on.
        target: share where they are used.

    Example:
        >>> shift_odds(np.array([[0.5, 0.5]]), np.array([False, True]), source=0.5, target=0.1).round(6).tolist()
        [[0.9, 0.1]]
    """
    weighed = probabilities * np.where(is_malignant, target / source, (1 - target) / (1 - source))
    return np.asarray(weighed / weighed.sum(axis=1, keepdims=True))


def shift_threshold(threshold: float, *, source: float, target: float) -> float:
    """Return the malignant probability that a threshold becomes where another share of the lesions is malignant.

    It moves as probabilities do, so that decisions stay.

    Args:
        threshold: on the malignant probability at the prevalence `source`.
        source: as for `shift_odds`.
        target: as for `shift_odds`.

    Example:
        >>> round(shift_threshold(0.5, source=0.5, target=0.1), 6)
        0.1
    """
    two = np.array([[1 - threshold, threshold]])
    return float(shift_odds(two, np.array([False, True]), source=source, target=target)[0, 1])


def check_prevalence(prevalence: float) -> None:
    """Raise unless a prevalence is a share.

    Raises:
        ConfigError: it is not between 0 and 1.

    Example:
        >>> check_prevalence(0.07)
    """
    if not 0 < prevalence < 1:
        raise ConfigError(f"a prevalence lies between 0 and 1; got {prevalence:g}. For 7 % write 0.07.")


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _curves(fields: Fields, key: str) -> Curves:
    rows = fields.take(key)
    if not isinstance(rows, list) or len(rows) > 1000:
        fields.refuse(f"has no list of curves as {key}")
    return tuple(Fields({key: row}, fields.where).numbers(key, most=MOST_BENDS, low=0, high=1) for row in rows)


def _rises(curve: tuple[float, ...]) -> bool:
    return all(low < high for low, high in itertools.pairwise(curve))
