"""Rows of ticks, grown one after the other."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import loop, part
from lentigo.study.auditing.compiled._types import COUNTS, NUMBERS, REAL, TABLE, TYPES

Array = NDArray[Any]


@part
def _pairs(
    points: Array, length: Array, layer: Array, normals: Array, closest: float, farthest: float, alike: float
) -> Array:
    """Return every two ticks that can begin a row, (P, 2), each in both orders.

    Args:
        points: x and y, (S, 2).
        length: (S,).
        layer: direction, ascending, (S,).
        normals: of each direction, (8, 2).
        closest: distance of two ticks, pixels.
        farthest: the same.
        alike: shorter over longer tick.
    """
    n, room = 0, 0
    for i in range(len(points)):
        n = n + 1 if i and layer[i] == layer[i - 1] else 0
        room += 2 * n
    found = np.empty((room, 2), dtype=np.int64)
    n = 0
    for i in range(len(points)):
        normal_x, normal_y = normals[layer[i], 0], normals[layer[i], 1]
        for j in range(i + 1, len(points)):
            if layer[j] != layer[i]:
                break
            step_x, step_y = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
            across, along = abs(step_x * normal_x + step_y * normal_y), abs(step_x * normal_y - step_y * normal_x)
            if across < closest or across > farthest or along > 0.45 * across:
                continue
            shorter, longer = min(length[i], length[j]), max(length[i], length[j])
            if shorter > alike * longer and longer < 1.6 * across + 2:
                found[n, 0], found[n, 1], found[n + 1, 0], found[n + 1, 1] = i, j, j, i
                n += 2
    return found[:n]


@part
def _nearest(points: Array, layer: Array, tick: int, x: float, y: float, reach: float) -> int:
    """Return the tick of the same layer that is nearest to a place; 0, as in NumPy's way, where all are too far.

    -1 where two are equally near: which of them SciPy's tree finds depends on how it grew.
    """
    best, closest, n_closest = 0, reach * reach, 0
    begin = tick
    while begin > 0 and layer[begin - 1] == layer[tick]:
        begin -= 1
    for i in range(begin, len(points)):
        if layer[i] != layer[tick]:
            break
        off_x, off_y = points[i, 0] - x, points[i, 1] - y
        distance = off_x * off_x + off_y * off_y
        if distance < closest:
            best, closest, n_closest = i, distance, 1
        elif distance == closest:
            n_closest += n_closest > 0
    return best if n_closest < 2 else -1


@part
def _n_around(points: Array, tick: int, reach: float) -> float:
    n = 0
    for i in range(len(points)):
        off_x, off_y = points[i, 0] - points[tick, 0], points[i, 1] - points[tick, 1]
        n += off_x * off_x + off_y * off_y <= reach * reach
    return float(n)


@part
def _grow(
    points: Array, length: Array, layer: Array, begun: Array, alike: float, around: float, answers: float, most: int
) -> float:
    """Return the evidence of the best row, after adding ticks to all rows as long as any can be found.

    Args:
        points: as in `_pairs`.
        length: the same.
        layer: the same.
        begun: the first two ticks of each row.
        alike: shorter over longer tick.
        around: pixels around a tick in which the others are counted.
        answers: share of those that lie in the same layer.
        most: ticks of a row.
    """
    least = -math.log10(max(1, len(begun)))
    best = least
    density = np.full(len(points), -1.0)
    for row in range(len(begun)):
        first, last, evidence = begun[row, 0], begun[row, 1], least
        size = min(length[first], length[last])
        for n_ticks in range(2, most):
            step_x = (points[last, 0] - points[first, 0]) / (n_ticks - 1)
            step_y = (points[last, 1] - points[first, 1]) / (n_ticks - 1)
            x, y = points[last, 0] + step_x, points[last, 1] + step_y
            tick = _nearest(points, layer, first, x, y, 8.0)
            if tick < 0:
                return math.nan
            stride = math.hypot(step_x, step_y)
            off_x, off_y = points[tick, 0] - x, points[tick, 1] - y
            along = abs(off_x * step_x + off_y * step_y) / stride
            across = abs(off_x * step_y - off_y * step_x) / stride
            goes_on = layer[tick] == layer[first] and along <= 0.7 + 0.1 * stride and across <= 0.8 + 0.22 * stride
            if not goes_on or min(length[tick], size) <= alike * max(length[tick], size):
                break
            if density[tick] < 0:
                density[tick] = _n_around(points, tick, around) * answers / (math.pi * (around * around))
            evidence -= math.log10(min(1.0, density[tick] * 4 * (along + 0.5) * (across + 0.5)))
            best = max(best, evidence)
            last = tick
    return best


class RowLimits(NamedTuple):
    """Thresholds of ticks in a row.

    Args:
        closest: distance of two ticks, pixels.
        farthest: the same.
        alike: shorter over longer tick.
        around: pixels around a tick in which the others are counted.
        answers: share of those that lie in the same layer.
        most: ticks of a row.
    """

    closest: float
    farthest: float
    alike: float
    around: float
    answers: float
    most: float


@loop(REAL(TABLE, NUMBERS, COUNTS, TABLE, TYPES.NamedUniTuple(REAL, 6, RowLimits)))
def best_row(points: Array, length: Array, layer: Array, normals: Array, limits: RowLimits) -> float:
    """Return the evidence of the best row of ticks; minus infinity where no two can begin one, NaN for NumPy to say.

    Args:
        points: x and y, (S, 2).
        length: (S,).
        layer: direction, ascending, (S,).
        normals: of each direction, (8, 2).
        limits: thresholds.
    """
    begun = _pairs(points, length, layer, normals, limits.closest, limits.farthest, limits.alike)
    if not len(begun):
        return -math.inf
    return _grow(points, length, layer, begun, limits.alike, limits.around, limits.answers, int(limits.most))
