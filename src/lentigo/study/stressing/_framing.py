"""Where the lesion lies in the picture: nearer, farther, off the middle, turned.

What comes into view from outside is the picture's own rim, mirrored: black would be a second corruption, the dark
corners. A lesion that reaches the rim is therefore continued by its mirror image.
"""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]


def zoom(pixels: Pixels, factor: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - every corruption's form
    """Return the picture (H, W, 3) with everything `factor` times as large, about its middle.

    Example:
        >>> zoom(np.zeros((20, 30, 3), dtype=np.uint8), 1.5, np.random.default_rng(0)).shape
        (20, 30, 3)
    """
    return _moved(pixels, factor=factor)


def shift(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """Return the picture (H, W, 3) moved by a share of its shorter side in a direction that `rng` draws.

    Example:
        >>> shift(np.zeros((20, 30, 3), dtype=np.uint8), 0.1, np.random.default_rng(0)).shape
        (20, 30, 3)
    """
    angle, way = rng.uniform(0, 2 * math.pi), share * min(pixels.shape[:2])
    return _moved(pixels, right=way * math.cos(angle), down=way * math.sin(angle))


def rotate(pixels: Pixels, degrees: float, rng: np.random.Generator) -> Pixels:
    """Return the picture (H, W, 3) turned about its middle, clockwise or counter-clockwise as `rng` draws.

    Example:
        >>> rotate(np.zeros((20, 30, 3), dtype=np.uint8), 45, np.random.default_rng(0)).shape
        (20, 30, 3)
    """
    return _moved(pixels, angle=math.radians(degrees) * (1 if rng.random() < 0.5 else -1))


def _moved(pixels: Pixels, *, factor: float = 1.0, angle: float = 0.0, right: float = 0.0, down: float = 0.0) -> Pixels:
    height, width = pixels.shape[:2]
    a, b = math.cos(angle) / factor, math.sin(angle) / factor
    # how far outside the picture its farthest corner is fetched from
    reach_x = abs(a) * width / 2 + abs(b) * height / 2 - width / 2 + abs(right)
    reach_y = abs(b) * width / 2 + abs(a) * height / 2 - height / 2 + abs(down)
    margin_x, margin_y = (max(0, math.ceil(reach)) + 2 for reach in (reach_x, reach_y))
    padded = np.pad(pixels, ((margin_y, margin_y), (margin_x, margin_x), (0, 0)), mode="symmetric")
    middle_x, middle_y = width / 2 + margin_x, height / 2 + margin_y
    left, top = width / 2 + right, height / 2 + down
    matrix = (a, b, middle_x - a * left - b * top, -b, a, middle_y + b * left - a * top)
    moved = Image.fromarray(padded).transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    return np.asarray(moved)
