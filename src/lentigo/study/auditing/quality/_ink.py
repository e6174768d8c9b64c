"""Pen marks and coloured stickers on the skin: bluer or greener than the skin by more than pigment can be.

Colours are compared with the skin of the same picture, as ratios of channels, so that a violet cast of the whole is no
ink. Blue is also the colour of melanin deep in the skin; therefore the lesion itself, the dark region around the
middle, is left out.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.study.auditing.quality._picture import ScaledPhotograph
from lentigo.study.auditing.quality._skin import Skin

DARKER: Final = 0.82  # of the skin's brightness: the lesion
LEAST_LIGHT: Final = 60  # of 255: below, the ratio of two channels is noise
BLUER: Final = (
    0.20,
    0.12,
)  # natural logarithm: of blue to red, and of blue to green, against the skin: a worn violet pen
PALEST: Final = 0.93  # of the skin's brightness: a worn mark is darker
MUCH_BLUER: Final = 0.45  # of blue to red: a fresh mark, a sticker
GREENER: Final = 0.30  # of green to red
MIDDLE: Final = 0.5  # of half a side: the radius within which blue means a blue nevus
LEAST_SIDE: Final = 16  # pixels
CORNER: Final = 0.12  # of each side: the corners' black and blue glass is not ink

Mask = NDArray[np.bool_]
Levels = NDArray[np.float32]


def ink_share(picture: ScaledPhotograph, skin: Skin) -> float:
    """Return the share of the field that is ink; NaN where no skin is seen to compare it with.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> from lentigo.study.auditing.quality._skin import find_skin
        >>> image = Image.new("RGB", (100, 100), (220, 170, 150))
        >>> image.paste((40, 90, 190), (0, 20, 10, 80))
        >>> picture = prepare(image)
        >>> ink_share(picture, find_skin(picture))
        0.06
    """
    if not np.isfinite(skin.rgb).all() or min(picture.luma.shape) < LEAST_SIDE:
        return float("nan")
    return share_of_ink(np.asarray(picture.image.reduce(2), dtype=np.float32), picture.field[::2, ::2], skin.rgb)


def share_of_ink(small: Levels, field: Mask, rgb: NDArray[np.float64]) -> float:
    """Return the share of the field that is ink.

    Args:
        small: RGB, 0 to 255, at half the working size, (h, w, 3).
        field: where it shows something, (h, w).
        rgb: colour of the skin, 0 to 255.

    Example:
        >>> share_of_ink(np.full((32, 32, 3), 150, dtype=np.float32), np.ones((32, 32), dtype=bool), np.full(3, 150.0))
        0.0
    """
    from scipy import ndimage  # here: compiled loops do without it, and so do the processes that use them

    if not field.all():
        field = ndimage.binary_erosion(field, iterations=2, border_value=1)
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    brightness = small @ weights / max(1.0, float(rgb @ weights))
    is_middle, is_corner = zones(*field.shape)
    is_ink = _is_coloured(small, rgb, brightness) & field & ~is_middle & ~is_corner
    if not is_ink.any():
        return 0.0
    is_ink &= ~_lesion(field & (brightness < DARKER), is_middle)
    return float(ndimage.binary_opening(is_ink, np.ones((2, 2))).sum() / max(1, field.sum()))


def _is_coloured(small: Levels, skin: NDArray[np.float64], brightness: Levels) -> Mask:
    red, green, blue = (small[..., channel] + 4 for channel in range(3))  # 4: dark noise has no colour
    skin_red, skin_green, skin_blue = skin + 4
    blue_to_red = np.log(blue / red) - np.log(skin_blue / skin_red)
    green_to_red = np.log(green / red) - np.log(skin_green / skin_red)
    worn = (blue_to_red > BLUER[0]) & (blue_to_red - green_to_red > BLUER[1])
    worn &= (brightness < PALEST) & (blue > 1.2 * green)
    fresh = (blue_to_red > MUCH_BLUER) & (blue > 1.2 * red)
    lime = (green_to_red > GREENER) & (green > 1.15 * red)
    return np.asarray((worn | fresh | lime) & (small.max(axis=2) > LEAST_LIGHT))


def _lesion(is_dark: Mask, is_middle: Mask) -> Mask:
    """Return the connected dark region that fills most of the middle, a little widened; nothing if none reaches it."""
    from scipy import ndimage

    labels, _ = ndimage.label(is_dark, np.ones((3, 3)))
    n_inside = np.bincount(labels[is_middle], minlength=1)
    n_inside[0] = 0
    if not n_inside.any():
        return np.zeros_like(is_dark)
    return np.asarray(ndimage.binary_dilation(labels == n_inside.argmax(), np.ones((5, 5))))


def zones(height: int, width: int) -> tuple[Mask, Mask]:
    """Return the middle, where lesions lie, and the corners.

    Example:
        >>> [int(zone.sum()) for zone in zones(10, 10)]
        [16, 4]
    """
    y, x = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    is_middle = np.add.outer((2 * y - 1) ** 2, (2 * x - 1) ** 2) < MIDDLE**2
    is_corner = np.add.outer(np.minimum(y, 1 - y), np.minimum(x, 1 - x)) < CORNER
    return is_middle, is_corner
