"""Traits of a picture's colours by compiled loops: the figures of `_image_traits.colour_traits`."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.study.auditing import _image_traits as traits
from lentigo.study.auditing.compiled import _rim
from lentigo.study.auditing.compiled._light import value_at

_SIDE, _RIM, _CORNER = traits.SIDE, traits.RIM, traits.CORNER
_STRIPS: Final = (
    (0, _RIM, 0, _SIDE),
    (_SIDE - _RIM, _SIDE, 0, _SIDE),
    (_RIM, _SIDE - _RIM, 0, _RIM),
    (_RIM, _SIDE - _RIM, _SIDE - _RIM, _SIDE),
)


def colour_traits_compiled(image: Image.Image) -> dict[str, float]:
    """Return means and spreads (0 to 255) of the whole picture, of its border ring and of its corners."""
    pixels = np.asarray(traits.small_square(image))
    n_pixels = (_SIDE**2, _SIDE**2 - (_SIDE - 2 * _RIM) ** 2, 4 * _CORNER**2)
    squares = [np.empty((3, n), dtype=np.float32) for n in n_pixels]
    sums, counts, corners = (np.empty(shape, dtype=np.int64) for shape in ((3, 3), (3, 256), 4))
    _rim.gather(pixels, _RIM, _CORNER, *squares, sums, counts, corners)
    whole, ring, corner = (_statistics(*rows) for rows in zip(sums.tolist(), squares, n_pixels, strict=True))
    levels = [total / (3 * _CORNER**2) for total in corners.tolist()]
    return {
        **traits.named_statistics("colour", *whole),
        **traits.named_statistics("ring", *ring),
        **_quantiles("ring", counts, n_pixels[1]),
        "ring_detail": sum(_detail(pixels, strip) for strip in _STRIPS) / len(_STRIPS),
        **traits.named_statistics("corner", *corner),
        "corner_darkest": min(levels),
        "corner_range": max(levels) - min(levels),
    }


def _statistics(sums: list[int], squares: NDArray[np.float32], n_pixels: int) -> tuple[list[float], list[float]]:
    # NumPy adds the squares: in its order, single precision has the same last digit
    variance = np.add.reduce(squares, axis=1) / np.float32(n_pixels)
    return [total / n_pixels for total in sums], np.sqrt(variance).tolist()


def _quantiles(prefix: str, counts: NDArray[Any], n_pixels: int) -> dict[str, float]:
    return {
        f"{prefix}_{name}_q{round(100 * share)}": float(value_at(counts[k], int(share * n_pixels)))
        for k, name in enumerate(traits.CHANNELS)
        for share in traits.QUANTILES
    }


def _detail(pixels: NDArray[np.uint8], strip: tuple[int, int, int, int]) -> float:
    top, bottom, left, right = strip
    found = np.empty(2, dtype=np.int64)
    _rim.differences(pixels, *strip, found)
    height, width = bottom - top, right - left
    return float(found[0] / (height * (width - 1)) + found[1] / ((height - 1) * width))
