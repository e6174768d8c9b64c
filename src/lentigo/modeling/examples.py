"""What training and probing learn from: the labelled pixels of one split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Examples"]


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled pixels of one split.

    Args:
        pixels: all fitted images of the data set, shape (M, S, S, 3), uint8, usually memory-mapped.
        rows: which of them belong to this split, shape (N,).
        targets: class index of each of these rows, shape (N,).
    """

    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: NDArray[np.int64] | slice) -> NDArray[np.uint8]:
        """Return the pixels at `places` of this split, in memory."""
        return np.ascontiguousarray(self.pixels[self.rows[places]])
