"""Sums of case weights over groups of cases, for many weightings at once: what every resampled figure is made of.

A resample gives each of N cases a whole-number weight; B resamples are a (N, B) array with the resamples last, so that
adding a case to its group is one contiguous row addition for all resamples. A sparse (groups, N) matrix does this at
the speed of memory: 20 ms for 100,000 cases x 64 resamples on one core, where sorting rows and `np.add.reduceat` takes
93 ms and fancy indexing alone 23 ms. Whole numbers below 2**24 are exact in float32, which halves the traffic. Where
numba is installed, compiled loops (`_compiled`) do it on bytes in 1 ms.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lentigo.numbers.metrics._loops import compiled_loops, sums_like

Floats = npt.NDArray[Any]

GroupSum = Callable[[Floats], Floats]
"""Maps (N, B) weights to (groups, B) sums."""

_BLOCK = 64
"""Rows a block of `cumulate`; from 64 to 256 it makes no difference."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Images sorted by group once. Build one with `Groups.of`.

    Args:
        start: (n_groups + 1,) where each group begins in `rows`, and the end.
        rows: the images of the groups, ascending within each.
        n_images: N, those of no group included.

    Example:
        >>> Groups.of(np.array([0, 1, 0, -1]), 2).rows.tolist()
        [0, 2, 1]
    """

    start: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]
    n_images: int

    @classmethod
    def of(cls, group: npt.NDArray[np.integer], n_groups: int) -> Self:
        """Return the groups of N images; a negative one leaves the image out."""
        n_left_out = int((group < 0).sum())
        rows = np.argsort(group, kind="stable")[n_left_out:].astype(np.int32)
        start = np.zeros(n_groups + 1, dtype=np.int32)
        np.cumsum(np.bincount(group[rows], minlength=n_groups), out=start[1:])
        return cls(start, rows, group.size)

    def matrix(self, content: Floats | None = None) -> sparse.csr_array:
        """Return the (n_groups, N) matrix that sums weights over groups, times `content` in the order of `rows`."""
        if content is None:
            content = np.ones(self.rows.size, dtype=np.float32)
        return sparse.csr_array((content, self.rows, self.start), shape=(self.start.size - 1, self.n_images))


def group_sum(
    group: npt.NDArray[np.integer], n_groups: int, *, values: npt.NDArray[np.float64] | None = None
) -> GroupSum:
    """Return the function that sums (N, B) weights over groups of cases, giving (n_groups, B).

    Without `values` the sums have the dtype of the weights (int32 for bytes), with them float64.

    Args:
        group: (N,) group of each case; a negative one leaves the case out.
        n_groups: number of groups.
        values: (N,) what a case counts per unit of weight; one each when None.

    Example:
        >>> group_sum(np.array([0, 1, 0, -1]), 2)(np.array([[1.0], [2.0], [3.0], [9.0]])).tolist()
        [[4.0], [2.0]]
    """
    groups = Groups.of(group, n_groups)
    return sum_of(groups, None if values is None else np.asarray(values, dtype=np.float64)[groups.rows])


def sum_of(groups: Groups, content: Floats | None = None) -> GroupSum:
    """Return the function that sums (N, B) weights over sorted groups, times `content` in the order of their rows.

    Example:
        >>> sum_of(Groups.of(np.array([1, 0]), 2))(np.array([[1.0], [2.0]])).tolist()
        [[2.0], [1.0]]
    """

    @functools.cache  # made when it is needed: compiled loops never do, and a million images take 16 MB each
    def matrix() -> sparse.csr_array:
        return groups.matrix(content)

    def add(weights: Floats) -> Floats:
        loops = compiled_loops(weights)
        if loops is None:
            return np.asarray(matrix() @ weights)
        if content is None:
            total = sums_like(weights, groups.start.size - 1)
            loops.add_rows(groups.start, groups.rows, weights, total)
        else:
            total = np.zeros((groups.start.size - 1, weights.shape[1]))
            loops.add_products(groups.start, groups.rows, content, weights, total)
        return total

    return add


def term_sums(terms: Sequence[npt.NDArray[np.float64]]) -> GroupSum:
    """Return the function that sums (N, B) weights times each of T (N,) terms: (T, B) float64.

    Example:
        >>> term_sums([np.array([1.0, 2.0]), np.array([0.5, 0.5])])(np.array([[1.0], [3.0]])).tolist()
        [[7.0], [2.0]]
    """
    values = np.stack(terms)
    everything = Groups.of(np.zeros(values.shape[1], dtype=np.int64), 1)
    # not a matrix product: BLAS threads that wait for a busy core made it a hundred times slower
    singly = [sum_of(everything, row) for row in values]

    def add(weights: Floats) -> Floats:
        loops = compiled_loops(weights)
        if loops is None:
            # fractions are added up here: float32 would cost seven digits
            exact = weights.astype(np.float64, copy=False)
            return np.concatenate([one(exact) for one in singly])
        total = np.zeros((len(values), weights.shape[1]))
        loops.add_terms(values, weights, total)
        return total

    return add


def cumulate(rows: Floats) -> Floats:
    """Return the running sums down the rows of a C-ordered (M, B) array, in place.

    Done in blocks of rows, so that every step adds contiguous rows; `np.cumsum(axis=0)` walks down one column after
    another and takes two to four times as long.

    Example:
        >>> cumulate(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[1.0, 2.0], [4.0, 6.0]]
    """
    n_blocks = len(rows) // _BLOCK
    if n_blocks < _BLOCK // 4:
        return np.cumsum(rows, axis=0, out=rows)
    whole, rest = rows[: n_blocks * _BLOCK], rows[n_blocks * _BLOCK :]
    blocks = whole.reshape(n_blocks, _BLOCK, -1)
    for i in range(1, _BLOCK):
        blocks[:, i] += blocks[:, i - 1]
    blocks[1:] += np.cumsum(blocks[:-1, -1], axis=0)[:, np.newaxis]
    np.cumsum(rest, axis=0, out=rest)
    rest += whole[-1]
    return rows
