"""What is answered about validation images, and how rightly: what the service holds its own answers against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._json_reader import Fields
from lentigo.model.decision import Estimate

BINS: Final = 10  # the bounds of the stability index (0.1, 0.25) are the usual ones for ten bins of equal share
_MOST: Final = 100  # bins of a histogram in a file; lentigo writes ten
_FIGURES: Final = ("sensitivity", "specificity")


@dataclass(frozen=True, slots=True)
class Scores:
    """A histogram of malignant probabilities, what was decided, and how often rightly where anything was.

    Args:
        edges: between the bins, rising; a value on an edge belongs above it.
        shares: of validation images in each bin, one more than edges.
        decisions: share of each decision.
        n_images: of validation.
        sensitivity: of the decisions among malignant evaluated images, neither stopped by the gate or the
            out-of-distribution score nor too close to call; None for bundles of before there was this field.
        specificity: the same among benign images.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    decisions: dict[str, float]
    n_images: int
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None

    def __post_init__(self) -> None:
        is_rising = all(low < high for low, high in zip(self.edges, self.edges[1:], strict=False))
        if len(self.shares) != len(self.edges) + 1 or not self.edges or not is_rising:
            raise BundleError("the validation scores in the bundle do not match each other. Export the run again.")

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types, without the fields that it does not have."""
        plain = {name: getattr(self, name) for name in ("edges", "shares", "decisions", "n_images")}
        figures = {name: getattr(self, name) for name in _FIGURES}
        return plain | {name: figure.json() for name, figure in figures.items() if figure is not None}

    @classmethod
    def from_fields(cls, fields: Fields) -> "Scores":
        """Return the record that `json` wrote."""
        figures = {name: fields.record(name, Estimate.from_fields) for name in _FIGURES if fields.has(name)}
        decided = fields.take("decisions")
        named = Fields(decided, f"{fields.where}.decisions")
        made = cls(
            edges=fields.numbers("edges", most=_MOST, low=0, high=1),
            shares=fields.numbers("shares", most=_MOST, low=0, high=1),
            decisions={key: named.number(key, low=0, high=1) for key in list(decided)[:10]},
            n_images=fields.integer("n_images", low=1, high=10**9),
            **figures,
        )
        named.done()
        return made


def describe_scores(malignant: NDArray[np.floating[Any]], decisions: Mapping[str, int]) -> Scores:
    """Return the spread of malignant probabilities (N,), in bins of equal share where the values allow it.

    Args:
        malignant: of validation images.
        decisions: how many of them got each decision.

    Example:
        >>> describe_scores(np.arange(100) / 100, {"refer": 40, "benign-looking": 60}).shares[0]
        0.1
    """
    wanted = np.quantile(malignant, np.arange(1, BINS) / BINS, method="higher")
    edges = np.unique(wanted[(wanted > 0) & (wanted < 1)])
    if len(edges) == 0:
        edges = np.array([0.5])
    counts = np.bincount(np.searchsorted(edges, malignant, side="right"), minlength=len(edges) + 1)
    shares = {name: count / len(malignant) for name, count in decisions.items()}
    return Scores(tuple(edges.tolist()), tuple((counts / len(malignant)).tolist()), shares, len(malignant))
