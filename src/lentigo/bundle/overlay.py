"""A map laid over its photograph: orange speaks for the class, blue against it, nothing where it is silent."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["draw_overlay"]

SIDE: Final = 448
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
