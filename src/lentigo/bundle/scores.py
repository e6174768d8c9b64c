"""How the malignant probabilities of validation images are spread: what the service holds its own against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.bundle.strict import Fields
from lentigo.errors import BundleError

__all__ = ["Scores", "describe_scores"]

BINS: Final = 10
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Scores:
    """A histogram of malignant probabilities, and what was decided.

    Args:
        edges: between the bins, rising; a value on an edge belongs above it.
        shares: of validation images in each bin, one more than edges.
        decisions: share of each decision.
        n_images: of validation.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    decisions: dict[str, float]
    n_images: int

    def __post_init__(self) -> None:
        is_rising = all(low < high for low, high in zip(self.edges, self.edges[1:], strict=False))
        if len(self.shares) != len(self.edges) + 1 or not self.edges or not is_rising:
            raise BundleError("the scores of validation in the bundle do not fit each other. Export the run again.")

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_fields(cls, fields: Fields) -> "Scores":
        """Return the record that `json` wrote."""
        decided = fields.take("decisions")
        named = Fields(decided, f"{fields.where}.decisions")
        made = cls(
            edges=fields.numbers("edges", most=_MOST, low=0, high=1),
            shares=fields.numbers("shares", most=_MOST, low=0, high=1),
            decisions={key: named.number(key, low=0, high=1) for key in list(decided)[:10]},
            n_images=fields.integer("n_images", low=1, high=10**9),
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
