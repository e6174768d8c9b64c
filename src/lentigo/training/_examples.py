"""What training and probing learn from: the labelled pixels of one split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled pixels of one split.

    Args:
        pixels: all fitted images of the data set, shape (M, S, S, 3), uint8, usually memory-mapped.
        rows: which of them belong to this split, shape (N,).
        targets: class index of each of these rows, shape (N,).
        sources: number of the data set or device each comes from, shape (N,), negative where unknown; None for one.
        soft: probabilities to learn instead of the class alone, shape (N, K); None for the class.
    """

    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    targets: NDArray[np.int64]
    sources: NDArray[np.int64] | None = None
    soft: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def select(self, is_chosen: NDArray[np.bool_]) -> "Examples":
        """Return some of the examples."""
        sources = None if self.sources is None else self.sources[is_chosen]
        soft = None if self.soft is None else self.soft[is_chosen]
        return Examples(self.pixels, self.rows[is_chosen], self.targets[is_chosen], sources, soft)

    def take(self, places: NDArray[np.int64] | slice) -> NDArray[np.uint8]:
        """Return the pixels at `places` of this split, in memory."""
        return np.ascontiguousarray(self.pixels[self.rows[places]])
