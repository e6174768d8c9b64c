"""One value of many by its place in their order."""

from typing import Any

from numpy.typing import NDArray

from lentigo.compiling import part

Array = NDArray[Any]


@part
def value_at(counts: Array, position: int) -> int:
    """Return the value at a position of the sorted values that were counted; 0 of none."""
    seen = 0
    for value in range(counts.size):
        seen += counts[value]
        if seen > position:
            return value
    return 0


@part
def select(values: Array, position: int) -> float:
    """Return the value at a position of the sorted values, and put none that is larger before it.

    Quickselect (Hoare 1961). Compiling NumPy's partition takes six seconds.
    """
    low, high = 0, len(values) - 1
    while low < high:
        pivot, i, j = values[(low + high) // 2], low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i, j = i + 1, j - 1
        if position <= j:
            high = j
        elif position >= i:
            low = i
        else:
            break
    value: float = values[position]
    return value
