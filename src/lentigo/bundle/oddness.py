"""How unlike everything it learned from a photograph is to the network: distance to its nearest reference cases.

Chosen among energy, Mahalanobis distance and nearest neighbours by what they tell apart (docs/bundle.md). It shares its
table with the search for similar cases, so it costs no further file.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.bundle.strict import Fields

__all__ = ["Oddness", "nearest", "unit_rows"]

Floats = NDArray[np.float32]
WORDS = "unlike everything it has learned from"


@dataclass(frozen=True, slots=True)
class Oddness:
    """The out-of-distribution score and its limit.

    Args:
        n_neighbours: the score is one minus the mean cosine similarity to so many nearest reference cases.
        limit: a photograph above it cannot be judged.
        expected_rate: share of validation images above it.
        n_images: validation images.
    """

    n_neighbours: int
    limit: float
    expected_rate: float
    n_images: int

    def scores(self, embedding: Floats, references: Floats) -> Floats:
        """Return the score of each embedding (N, D), given reference embeddings (M, D) of length one."""
        _, similarity = nearest(embedding, references, self.n_neighbours)
        return np.asarray(1 - similarity.mean(axis=1))

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_fields(cls, fields: Fields) -> "Oddness":
        """Return the record that `json` wrote."""
        return cls(
            n_neighbours=fields.integer("n_neighbours", low=1, high=1000),
            limit=fields.number("limit", low=0, high=2.1),
            expected_rate=fields.number("expected_rate", low=0, high=1),
            n_images=fields.integer("n_images", low=0, high=10**9),
        )


def nearest(embedding: Floats, references: Floats, n_nearest: int) -> tuple[NDArray[np.int64], Floats]:
    """Return rows and cosine similarities (N, n) of the most similar references, the nearest first.

    Args:
        embedding: shape (N, D).
        references: shape (M, D), rows of length one.
        n_nearest: how many; fewer where there are fewer references.

    Example:
        >>> rows, similarity = nearest(np.array([[2.0, 0.1]], np.float32), np.eye(2, dtype=np.float32), 1)
        >>> rows.tolist()
        [[0]]
    """
    similarity = unit_rows(embedding) @ references.T
    n_nearest = min(n_nearest, len(references))
    rows = np.argpartition(-similarity, n_nearest - 1, axis=1)[:, :n_nearest]
    values = np.take_along_axis(similarity, rows, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(values, order, axis=1)


def unit_rows(values: NDArray[np.floating[Any]]) -> Floats:
    """Return rows of length one as float32; a row of zeros stays.

    Example:
        >>> unit_rows(np.array([[3.0, 4.0]])).round(1).tolist()
        [[0.6000000238418579, 0.800000011920929]]
    """
    rows = values.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12))
