"""How unlike everything it learned from a photograph is to the network: Mahalanobis distance of its embedding.

Chosen among energy, nearest neighbours and Mahalanobis distance by measurement (docs/bundle.md). Nearest neighbours by
angle told odd pictures apart as well, but also stopped one in ten photographs of another hospital's collection.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model._arrays import array_of, npy
from lentigo.model._json_reader import Fields

Floats = NDArray[np.float32]
WORDS: Final = "unlike all training images"
SHRINKAGE: Final = 0.1  # of the covariance towards a multiple of the identity; 0.01 measured the same


@dataclass(frozen=True, slots=True, eq=False)
class TypicalEmbeddings:
    """What embeddings of training images look like.

    Args:
        means: of each class, shape (G, D).
        whitening: matrix that makes embeddings less their class's mean uncorrelated with variance 1, shape (D, D).
    """

    means: Floats
    whitening: Floats

    def distances(self, embedding: Floats) -> Floats:
        """Return the root mean square distance of each embedding (N, D) from the nearest class."""
        shifted = (embedding[:, np.newaxis] - self.means) @ self.whitening
        return np.asarray(np.sqrt((shifted**2).mean(axis=2)).min(axis=1))

    def file(self) -> bytes:
        """Return the content of the file: means over whitening."""
        return npy(np.concatenate([self.means, self.whitening]).astype("<f4"))

    @classmethod
    def read(cls, content: bytes, name: str, *, n_groups: int, embedding_size: int) -> "TypicalEmbeddings":
        """Return what `file` wrote.

        Raises:
            BundleError: it is another array.
        """
        rows = array_of(content, name, np.dtype("<f4"), (n_groups + embedding_size, embedding_size))
        return cls(rows[:n_groups], rows[n_groups:])


@dataclass(frozen=True, slots=True)
class OodScore:
    """The out-of-distribution score and its limit.

    Args:
        n_groups: classes that have a mean of their own.
        limit: a photograph above it cannot be judged.
        expected_rate: share of validation images above it.
        n_images: validation images.
    """

    n_groups: int
    limit: float
    expected_rate: float
    n_images: int

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_fields(cls, fields: Fields) -> "OodScore":
        """Return the record that `json` wrote."""
        return cls(
            n_groups=fields.integer("n_groups", low=1, high=1000),
            limit=fields.number("limit", low=0, high=1e6),
            expected_rate=fields.number("expected_rate", low=0, high=1),
            n_images=fields.integer("n_images", low=0, high=10**9),
        )


def fit_typical_embeddings(embedding: Floats, target: NDArray[np.int64]) -> TypicalEmbeddings:
    """Return what the embeddings (N, D) of some classes look like; one covariance for all of them.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32)
        >>> typical = fit_typical_embeddings(rows, np.arange(400) % 2)
        >>> bool(typical.distances(rows).mean() < 1.1 < typical.distances(rows + 9).min())
        True
    """
    groups = [embedding[target == group] for group in np.unique(target)]
    means = np.stack([rows.mean(axis=0) for rows in groups]).astype(np.float64)
    within = np.concatenate([rows - mean for rows, mean in zip(groups, means, strict=True)])
    size = embedding.shape[1]
    covariance = within.T @ within / len(within)
    level = max(float(np.trace(covariance)) / size, 1e-12)
    roots, vectors = np.linalg.eigh((1 - SHRINKAGE) * covariance + SHRINKAGE * level * np.eye(size))
    return TypicalEmbeddings(means.astype(np.float32), (vectors / np.sqrt(roots)).astype(np.float32))
