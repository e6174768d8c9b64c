"""A map laid over its photograph: orange speaks for the class, blue against it, nothing where it is silent."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.model._image_statistics import content_box

SIDE: Final = 448  # twice the 224 px that most networks take: a map over it is drawn without visible steps
STRONGEST: Final = 0.65  # of the colour over the photograph
FOR, AGAINST = (255, 120, 0), (0, 90, 255)  # told apart also by colour-blind readers


def draw_overlay(pixels: NDArray[np.uint8], found: NDArray[np.floating[Any]]) -> Image.Image:
    """Return the photograph and, beside it, the photograph under its map.

    Args:
        pixels: shape (S, S, 3).
        found: the map, shape (S, S).

    Example:
        >>> draw_overlay(np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32))).size
        (904, 448)
    """
    plain = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    large = Image.fromarray(np.ascontiguousarray(found, dtype=np.float32)).resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC
    )
    strength = np.asarray(large) / max(float(np.abs(found).max()), 1e-9)
    alpha = (np.clip(np.abs(strength), 0, 1) * STRONGEST)[..., np.newaxis]
    colour = np.where((strength > 0)[..., np.newaxis], np.array(FOR), np.array(AGAINST))
    mixed = np.asarray(plain) * (1 - alpha) + colour * alpha
    page = Image.new("RGB", (2 * SIDE + 8, SIDE), "white")
    page.paste(plain, (0, 0))
    page.paste(Image.fromarray(mixed.astype(np.uint8)), (SIDE + 8, 0))
    return page


def draw_map(
    found: NDArray[np.floating[Any]], size: tuple[int, int], fit: str
) -> tuple[Image.Image, tuple[float, float, float, float]]:
    """Return a map as colour with alpha, without the photograph, and the part of the photograph that it covers.

    Args:
        found: the map over the fitted square, shape (S, S).
        size: width and height of the upright photograph.
        fit: how it was fitted into the square: pad, squeeze or crop.

    Returns:
        The picture (RGBA), and left, top, width and height of what it covers as fractions of the photograph.

    Example:
        >>> picture, box = draw_map(np.ones((32, 32)), (200, 100), "crop")
        >>> picture.mode, box
        ('RGBA', (0.25, 0.0, 0.5, 1.0))
    """
    width, height = size
    content = found[content_box(width, height, len(found), fit)]
    strength = np.clip(content / max(float(np.abs(found).max()), 1e-9), -1, 1)
    rgba = np.zeros((*content.shape, 4), np.uint8)
    rgba[..., :3] = np.where((strength > 0)[..., np.newaxis], np.array(FOR), np.array(AGAINST))
    rgba[..., 3] = np.rint(np.abs(strength) * 255)
    short = min(width, height)
    wide, high = (short / width, short / height) if fit == "crop" else (1.0, 1.0)
    return Image.fromarray(rgba), ((1 - wide) / 2, (1 - high) / 2, wide, high)
