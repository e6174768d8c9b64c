"""Traits of a picture's colours by compiled loops: the figures of `_image_traits.colour_traits`."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.study.auditing import _image_traits as traits
from lentigo.study.auditing.compiled import _rim

_SIDE, _RIM, _CORNER = traits.SIDE, traits.RIM, traits.CORNER
_SHARES: Final = np.tile(traits.QUANTILES, 3)


def colour_traits_compiled(image: Image.Image) -> dict[str, float]:
    """Return means and spreads (0 to 255) of the whole picture, of its border ring and of its corners."""
    pixels = np.asarray(traits.small_square(image))
    n_pixels = (_SIDE**2, _SIDE**2 - (_SIDE - 2 * _RIM) ** 2, 4 * _CORNER**2)
    squares = [np.empty((3, n), dtype=np.float32) for n in n_pixels]
    sums, corners, quantiles = np.empty((3, 3), dtype=np.int64), np.empty(4, dtype=np.int64), _SHARES.copy()
    detail = _rim.gather(pixels, _RIM, _CORNER, squares[0], squares[1], squares[2], sums, quantiles, corners)
    whole, ring, corner = (_statistics(*rows) for rows in zip(sums.tolist(), squares, n_pixels, strict=True))
    levels = [total / (3 * _CORNER**2) for total in corners.tolist()]
    return {
        **traits.named_statistics("colour", *whole),
        **traits.named_statistics("ring", *ring),
        **dict(zip(traits.quantile_names("ring"), quantiles.tolist(), strict=True)),
        "ring_detail": detail,
        **traits.named_statistics("corner", *corner),
        "corner_darkest": min(levels),
        "corner_range": max(levels) - min(levels),
    }


def _statistics(sums: list[int], squares: NDArray[np.float32], n_pixels: int) -> tuple[list[float], list[float]]:
    # NumPy adds the squares: in its order, single precision has the same last digit
    variance = np.add.reduce(squares, axis=1) / np.float32(n_pixels)
    return [total / n_pixels for total in sums], np.sqrt(variance).tolist()
