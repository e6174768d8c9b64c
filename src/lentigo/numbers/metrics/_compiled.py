"""Compiled loops over weights: the sums behind every resampled figure, in one pass and without arrays in between.

Needs numba (the extra `fast`); `_loops` decides when they are used. NumPy computes the same figures
without it and is what the tests compare with. Weights are (N, B), the resamples last: 64 whole numbers below 256 are
one cache line, and adding them to their sums takes four vector instructions. Sums of bytes are int32 and exact; all
else is float64.

Groups of images are given as `start` and `rows`: group g holds images `rows[start[g]]` to `rows[start[g + 1] - 1]`.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from lentigo.compiling import loop

Array = npt.NDArray[Any]


@loop()
def add_rows(start: Array, rows: Array, weights: Array, total: Array) -> None:
    """Add the weights of each group to its row of `total`."""
    width = weights.shape[1]
    for g in range(start.size - 1):
        for i in range(start[g], start[g + 1]):
            row = rows[i]
            for b in range(width):
                total[g, b] += weights[row, b]


@loop()
def add_products(start: Array, rows: Array, values: Array, weights: Array, total: Array) -> None:
    """Add the weights of each group, times the values of its images (in the order of `rows`), to its row of `total`."""
    width = weights.shape[1]
    for g in range(start.size - 1):
        for i in range(start[g], start[g + 1]):
            row = rows[i]
            value = values[i]
            for b in range(width):
                total[g, b] += value * weights[row, b]


@loop()
def add_terms(terms: Array, weights: Array, total: Array) -> None:
    """Add the weights of all images, times each of their (T, N) terms, to the (T, B) totals."""
    width = weights.shape[1]
    once = np.empty(width, dtype=np.float64)  # a row of bytes, converted once for all terms
    for i in range(terms.shape[1]):
        for b in range(width):
            once[b] = weights[i, b]
        for t in range(terms.shape[0]):
            value = terms[t, i]
            for b in range(width):
                total[t, b] += value * once[b]


@loop()
def cumulate_rows(start: Array, rows: Array, weights: Array, total: Array) -> None:
    """Write the running sums over groups to the rows of `total`."""
    width = weights.shape[1]
    for g in range(start.size - 1):
        if g > 0:
            for b in range(width):
                total[g, b] = total[g - 1, b]
        for i in range(start[g], start[g + 1]):
            row = rows[i]
            for b in range(width):
                total[g, b] += weights[row, b]


@loop()
def rank_areas(  # noqa: C901 - one pass over the levels is the point
    at_start: Array,
    at_rows: Array,
    up_start: Array,
    up_rows: Array,
    tie_start: Array,
    tie_rows: Array,
    weights: Array,
    sums: Array,
    found: Array,
) -> None:
    """Write the sums behind AUROC and average precision to the rows of `found`, (2, B) zeros.

    Level by level, highest score first: `at` are the positives of a level, `up` the negatives that reach it first,
    `tie` those of exactly its score. `sums`, (4, B) zeros, ends with the weight of positives and of passed negatives.
    """
    width = weights.shape[1]
    here, tied, above, passed = sums[0], sums[1], sums[2], sums[3]
    has_ties = tie_rows.size > 0
    for level in range(at_start.size - 1):
        for i in range(up_start[level], up_start[level + 1]):
            row = up_rows[i]
            for b in range(width):
                passed[b] += weights[row, b]
        for b in range(width):
            here[b] = 0
        for i in range(at_start[level], at_start[level + 1]):
            row = at_rows[i]
            for b in range(width):
                here[b] += weights[row, b]
        if has_ties:
            for b in range(width):
                tied[b] = 0
            for i in range(tie_start[level], tie_start[level + 1]):
                row = tie_rows[i]
                for b in range(width):
                    tied[b] += weights[row, b]
        for b in range(width):
            above[b] += here[b]
            weight = np.float64(here[b])
            found[0, b] += weight * (np.float64(passed[b]) - 0.5 * np.float64(tied[b]))
            found[1, b] += weight * above[b] / max(np.float64(above[b]) + np.float64(passed[b]), 1e-300)


@loop()
def partial_area(at_level: Array, above: Array, passed: Array, edge: Array, n_negative: Array, area: Array) -> None:
    """Add to `area` the weight of positives above the edge times the specificity there; without tied negatives."""
    width = above.shape[1]
    for level in range(above.shape[0]):
        for b in range(width):
            counted = min(max(np.float64(above[level, b]) - edge[b], 0.0), np.float64(at_level[level, b]))
            area[b] += counted * (1 - np.float64(passed[level, b]) / n_negative[b])


@loop()
def risk_area(start: Array, rows: Array, is_wrong: Array, weights: Array, sums: Array, area: Array) -> None:
    """Add to `area` the weight of each level times the share of wrong ones so far.

    `sums`, (3, B) zeros, ends with all weight in its last row.
    """
    width = weights.shape[1]
    here, wrong, total = sums[0], sums[1], sums[2]
    for level in range(start.size - 1):
        for b in range(width):
            here[b] = 0
        for i in range(start[level], start[level + 1]):
            row = rows[i]
            for b in range(width):
                here[b] += weights[row, b]
            if is_wrong[row]:
                for b in range(width):
                    wrong[b] += weights[row, b]
        for b in range(width):
            total[b] += here[b]
            area[b] += np.float64(here[b]) * wrong[b] / max(np.float64(total[b]), 1e-300)


@loop()
def count_below(ascending: Array, wanted: Array, found: Array) -> None:
    """Write how many of the ascending values of each column are below each of the (P, B) wanted ones."""
    for b in range(ascending.shape[1]):
        for p in range(wanted.shape[0]):
            low, high = 0, ascending.shape[0]
            while low < high:
                middle = (low + high) // 2
                if np.float64(ascending[middle, b]) < wanted[p, b]:
                    low = middle + 1
                else:
                    high = middle
            found[p, b] = low


@loop()
def count_draws(uniform: Array, first: Array, size: Array, counts: Array) -> None:
    """Count in (G,) zeros which clusters uniform numbers in [0, 1) draw."""
    for g in range(uniform.size):
        counts[first[g] + np.int64(uniform[g] * size[g])] += 1


@loop()
def turn(counts: Array, by_cluster: Array) -> None:
    """Write (B, G) counts to (G, B) bytes, in tiles of 64 clusters that stay in the nearest cache."""
    for low in range(0, counts.shape[1], 64):
        high = min(low + 64, counts.shape[1])
        for b in range(counts.shape[0]):
            for g in range(low, high):
                by_cluster[g, b] = counts[b, g]
