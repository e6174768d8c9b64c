"""From samples to the upright 8-bit RGB image everyone else gets: colour spaces, palettes, windows.

Grey and palette images go through a table over all values a sample can have (65,536 at most), so that windows and
look-up tables cost no more than the picture itself. PS3.3 C.7.6.3 and C.11 say what each step does.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.images.dicom._header import Header
from lentigo.images.dicom._values import LookupTable

Floats = NDArray[np.float64]


def to_rgb(samples: "NDArray[np.generic] | Image.Image", photometric: str, header: Header) -> Image.Image:
    """Return the image in mode RGB.

    Args:
        samples: an array, shape (rows, columns) or (rows, columns, 3), or a picture of 8 bits.
        photometric: what they mean.
        header: says the rest.
    """
    if header.samples == 3:
        picture = samples if isinstance(samples, Image.Image) else _colours(np.asarray(samples), header.bits_stored)
        if photometric != "RGB":
            picture = Image.frombytes("YCbCr", picture.size, picture.tobytes())
        return picture.convert("RGB")
    values = np.asarray(samples)
    low, high = _stored_range(header, values)
    table = _palette_table(header.palette, low, high) if header.palette else _grey_table(header, low, high)
    shown = table[values.astype(np.int32) - low]
    return Image.fromarray(shown).convert("RGB")


def _colours(samples: NDArray[np.generic], bits: int) -> Image.Image:
    if bits == 8 and samples.dtype == np.uint8:
        return Image.fromarray(np.ascontiguousarray(samples))
    top = 2 ** (8 * samples.dtype.itemsize)
    scaled = np.minimum(np.arange(top) * (255 / (2**bits - 1)), 255).round().astype(np.uint8)
    return Image.fromarray(scaled[samples])


def _stored_range(header: Header, values: NDArray[np.generic]) -> tuple[int, int]:
    """Return the least and the largest value a sample can have, widened to those there are (decoders may exceed it)."""
    half = 2 ** (header.bits_stored - 1)
    low, high = (-half, half - 1) if header.is_signed else (0, 2 * half - 1)
    return min(low, int(values.min())), max(high, int(values.max()))


def _grey_table(header: Header, low: int, high: int) -> NDArray[np.uint8]:
    stored = np.arange(low, high + 1, dtype=np.float64)
    slope, intercept = header.rescale
    values = stored * slope + intercept if header.modality is None else _looked_up(header.modality, stored)
    if header.voi is not None:
        shown = _looked_up(header.voi, values) / (2**header.voi.bits - 1)
    elif header.window is not None:
        shown = _windowed(values, *header.window, header.function)
    else:
        least, most = float(values.min()), float(values.max())
        shown = (values - least) / max(most - least, 1e-12)
    if header.photometric == "MONOCHROME1":
        shown = 1 - shown
    return np.asarray((255 * np.clip(shown, 0, 1)).round().astype(np.uint8))


def _windowed(values: Floats, center: float, width: float, function: str) -> Floats:
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -500, 500))))
    if function == "LINEAR_EXACT":
        return np.asarray(np.clip((values - center) / width + 0.5, 0, 1))
    if width <= 1:
        return np.asarray((values > center - 0.5).astype(np.float64))
    return np.asarray(np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1))


def _looked_up(table: LookupTable, values: Floats) -> Floats:
    rows = np.clip(values - table.first, 0, len(table.entries) - 1).astype(np.int64)
    return np.asarray(table.entries, np.float64)[rows]


def _palette_table(palette: Sequence[LookupTable], low: int, high: int) -> NDArray[np.uint8]:
    stored = np.arange(low, high + 1, dtype=np.float64)
    tops = [2**table.bits - 1 if max(table.entries) > 255 else 255 for table in palette]
    planes = [_looked_up(table, stored) * (255 / top) for table, top in zip(palette, tops, strict=True)]
    return np.asarray(np.stack(planes, axis=-1).clip(0, 255).round().astype(np.uint8))
