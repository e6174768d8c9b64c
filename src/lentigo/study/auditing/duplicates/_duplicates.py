"""Which images show the same picture."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """Pairs of images that show the same picture, by row number; sorted by `first`, then `second`.

    Of n identical files only n - 1 pairs are listed, each with the first of them; a changed copy is listed with the
    first of its identical twins. `clusters` holds all of them together.

    Args:
        first: the earlier row of each pair, shape (P,).
        second: the later row.
        kind: "bytes", "pixels" or "near".
        similarity: correlation of the details of the two pictures after alignment, up to 1; 1 for copies.
        change: what makes the second of the first, in words: "mirrored, turned 90°, zoomed 1.12"; empty for none.
        n_images: how many images were searched.

    Example:
        >>> pair = [np.array([0]), np.array([2]), np.array(["bytes"]), np.array([1.0]), np.array([""])]
        >>> Duplicates(*pair, n_images=4).clusters()
        array([0, 1, 0, 2])
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    kind: npt.NDArray[np.str_]
    similarity: npt.NDArray[np.float64]
    change: npt.NDArray[np.str_]
    n_images: int

    def __len__(self) -> int:
        return len(self.first)

    def clusters(self) -> npt.NDArray[np.int64]:
        """Return the cluster of each image, shape (N,): connected by pairs, numbered by their first image.

        Example:
            >>> none = [np.array([], dtype=np.int64)] * 2 + [np.array([])] * 3
            >>> Duplicates(*none, n_images=3).clusters()
            array([0, 1, 2])
        """
        return connect(self.first, self.second, self.n_images)


def connect(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """Return the cluster of each of n rows that pairs connect, shape (n,), numbered by their first row.

    Example:
        >>> connect(np.array([3, 0]), np.array([1, 3]), 4)
        array([0, 0, 1, 0])
    """
    graph = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    _, firsts, inverse = np.unique(labels, return_index=True, return_inverse=True)
    numbers: npt.NDArray[np.int64] = np.argsort(np.argsort(firsts))[inverse].astype(np.int64)
    return numbers
