"""A photograph in 96 numbers, and the 53 of them that no flip or turn changes.

The numbers are the low frequencies (cosine transform) of luminance and of two colour differences, each scaled to length
one, without their means: brightness and contrast fall out. Of the colour differences, most of what is a multiple of the
luminance is taken away: white balance adds such a multiple, and the rest says something new. A flip changes only signs
of frequencies and a quarter turn exchanges rows and columns, so sums and differences of magnitudes know nothing of
either, and the eight turns of a pair are compared by signs, without touching a pixel. A window of a picture is
transformed by the same two small matrix products as the whole.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Window = tuple[float, float, float, float]  # left, right, top, bottom as shares of the sides

WHOLE: Final[Window] = (0.0, 1.0, 0.0, 1.0)


def _windows() -> tuple[Window, ...]:
    """Return the whole picture and the windows that a cropped copy may show."""
    places = (0.0, 0.5, 1.0)
    square = [
        (x, x + side, y, y + side)
        for side in (0.87, 0.75)
        for x in (place * (1 - side) for place in places)
        for y in (place * (1 - side) for place in places)
    ]
    lying = [(0.25 * place, 0.25 * place + 0.75, 0.0, 1.0) for place in places]  # the square of a 4:3 photograph
    standing = [(0.0, 1.0, left, right) for left, right, _, _ in lying]
    return (WHOLE, *square, *lying, *standing)


WINDOWS: Final = _windows()

_SIDES: Final = (8, 4, 4)  # frequencies a side of luminance and the two colour differences
_WEIGHTS: Final = (1.0, 0.7, 0.7)
_TAKEN: Final = 0.8  # of the colours' share of luminance: 0 or 1 lose a tenth of HAM10000's pairs, 0.8 half of that
_POWER: Final = 0.7  # of magnitudes: evens out the few strong ones


def frequencies(planes: Floats, window: Window = WHOLE) -> Floats:
    """Return the low frequencies of a window of each picture, (N, 96).

    Args:
        planes: luminance and two colour differences, (N, 3, side, side).
        window: which part of the picture.

    Example:
        >>> frequencies(np.zeros((2, 3, 64, 64), dtype=np.float32)).shape
        (2, 96)
    """
    left, right, top, bottom = window
    rows = _cosines(top, bottom, planes.shape[2], _SIDES[0])
    columns = _cosines(left, right, planes.shape[3], _SIDES[0])
    spectra: Floats = np.asarray(rows @ planes @ columns.T, dtype=np.float32)
    spectra[:, :, 0, 0] = 0.0
    light, *colours = (spectra[:, i, :side, :side].reshape(len(planes), -1) for i, side in enumerate(_SIDES))
    slow = _unit(spectra[:, 0, : _SIDES[1], : _SIDES[1]].reshape(len(planes), -1))
    rests = [colour - _TAKEN * (colour * slow).sum(axis=1, keepdims=True) * slow for colour in colours]
    return np.concatenate([_unit(part) for part in (light, *rests)], axis=1)


def invariant(spectra: Floats) -> Floats:
    """Return what flips and turns do not change, (N, 53), of length one.

    Example:
        >>> invariant(np.ones((1, 96), dtype=np.float32)).shape
        (1, 53)
    """
    parts = []
    for spectrum, weight in zip(_split(np.abs(spectra)), _WEIGHTS, strict=True):
        u, v = _triangle(spectrum.shape[1])
        total, difference = spectrum[:, u, v] + spectrum[:, v, u], np.abs(spectrum[:, u, v] - spectrum[:, v, u])
        total[:, u == v] /= np.sqrt(2)
        both = np.concatenate([total, difference[:, u != v]], axis=1)
        parts.append(np.float32(weight) * _unit(_unit(both) ** _POWER))
    return _unit(np.concatenate(parts, axis=1))


def turned_products(spectra: Floats, others: Floats) -> Floats:
    """Return how alike each spectrum is to the other picture's in each of its eight turns, (N, 8), up to 1.

    Column k is the correlation with the other picture after `turn(other, k)`; luminance counts as much as colour.

    Example:
        >>> one = np.eye(96, dtype=np.float32)[[1]] + np.eye(96, dtype=np.float32)[[65]]
        >>> turned_products(one, one)[0, :2]
        array([ 0.75, -0.75], dtype=float32)
    """
    upright, transposed = spectra * others, spectra * others[:, _TRANSPOSED]
    return np.concatenate([upright @ _SIGNS, transposed @ _SIGNS], axis=1)


def turn(planes: Floats, number: int) -> Floats:
    """Return planes (..., side, side) transposed (bit 4), upside down (bit 2) and mirrored (bit 1), in this order.

    Example:
        >>> turn(np.array([[1, 2], [3, 4]], dtype=np.float32), 1)
        array([[2., 1.],
               [4., 3.]], dtype=float32)
    """
    if number & 4:
        planes = planes.swapaxes(-1, -2)
    if number & 2:
        planes = planes[..., ::-1, :]
    return planes[..., ::-1] if number & 1 else planes


def _cosines(low: float, high: float, side: int, n: int) -> Floats:
    """Return the first n cosines over a window of a row of pixels, (n, side); pixels at its ends count in part."""
    edges = np.arange(side + 1) / side
    start, end = np.clip(edges[:-1], low, high), np.clip(edges[1:], low, high)
    middle, share = ((start + end) / 2 - low) / (high - low), (end - start) / (high - low)
    cosines = np.cos(np.pi * np.arange(n)[:, None] * middle) * share
    cosines[1:] *= np.sqrt(2)
    return np.asarray(cosines, dtype=np.float32)


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.maximum(length, 1e-6), dtype=np.float32)


def _split(spectra: Floats) -> list[Floats]:
    """Return the three square spectra of each row."""
    ends = np.cumsum(np.square(_SIDES))[:-1]
    parts = np.split(spectra, ends, axis=1)
    return [part.reshape(-1, side, side) for part, side in zip(parts, _SIDES, strict=True)]


def _triangle(side: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the frequencies (u, v) with u <= v and u + v < side, without the mean."""
    u, v = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    is_used = (u <= v) & (u + v < side) & (u + v > 0)
    return u[is_used], v[is_used]


def _sign_columns() -> Floats:
    """Return the weight of each product of frequencies in the four flips, (96, 4)."""
    columns = []
    for number in range(4):
        parts = []
        for side, share in zip(_SIDES, (0.5, 0.25, 0.25), strict=True):
            rows = (-1.0) ** (np.arange(side) * (number >> 1 & 1))
            across = (-1.0) ** (np.arange(side) * (number & 1))
            parts.append(share * np.outer(rows, across).ravel())
        columns.append(np.concatenate(parts))
    return np.stack(columns, axis=1).astype(np.float32)


_SIGNS: Final = _sign_columns()
_TRANSPOSED: Final = np.concatenate(
    [part[0].T.ravel() for part in _split(np.arange(96, dtype=np.float32)[None])]
).astype(np.int64)
