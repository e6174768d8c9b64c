"""What lies before the lens: hair, a millimetre scale, pen marks, the dermatoscope's tube.

The drawing is that of the phantoms (`lentigo.images._marks`). A millimetre is a fourteenth of the shorter side, the
field of a usual dermatoscope. More of an obstacle is always the same one and more: the generator is asked in the same
order whatever the amount.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lentigo.images import FIELD_MM, FloatMap, lay_hair, lay_ink, lay_ruler, lay_tube

Pixels = npt.NDArray[np.uint8]
_MOST_STROKES = 64


def hair(pixels: Pixels, n_hairs: float, rng: np.random.Generator) -> Pixels:
    """Return the picture (H, W, 3) with dark hairs across it.

    Example:
        >>> skin = np.full((32, 48, 3), 200, dtype=np.uint8)
        >>> hair(skin, 20, np.random.default_rng(0)).shape
        (32, 48, 3)
    """
    return _drawn(pixels, lambda image, scale: lay_hair(image, rng, px_per_mm=scale, n_hairs=round(n_hairs)))


def ruler(pixels: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    """Return the picture (H, W, 3) with the ticks of a scale along one side.

    Args:
        pixels: the picture.
        amount: factor on the scale's length and opacity; 1 is that of a phantom.
        rng: places it.

    Example:
        >>> skin = np.full((32, 32, 3), 200, dtype=np.uint8)
        >>> bool((ruler(skin, 1.0, np.random.default_rng(0)) <= skin).all())
        True
    """
    return _drawn(pixels, lambda image, scale: lay_ruler(image, rng, px_per_mm=scale, amount=amount))


def ink(pixels: Pixels, n_strokes: float, rng: np.random.Generator) -> Pixels:
    """Return the picture (H, W, 3) with strokes of a violet surgical pen round the lesion.

    Example:
        >>> skin = np.full((32, 32, 3), 200, dtype=np.uint8)
        >>> bool((ink(skin, 2, np.random.default_rng(0)) < skin).any())
        True
    """
    seeds = rng.integers(2**32, size=_MOST_STROKES)[: round(n_strokes)]  # a stroke must not disturb the next one's

    def strokes(image: FloatMap, scale: float) -> None:
        for seed in seeds.tolist():
            lay_ink(image, np.random.default_rng(seed), px_per_mm=scale)

    return _drawn(pixels, strokes)


def corners(pixels: Pixels, radius: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - every corruption's form
    """Return the picture (H, W, 3) as seen through a tube, dark outside a disc.

    Args:
        pixels: the picture.
        radius: of the disc, in half widths of a square picture; 1.41 just touches its corners.
        rng: not used.

    Example:
        >>> skin = np.full((32, 32, 3), 200, dtype=np.uint8)
        >>> corners(skin, 1.0, np.random.default_rng(0))[0, 0].tolist()
        [8, 8, 8]
    """
    return _drawn(pixels, lambda image, _: lay_tube(image, radius=radius))


def _drawn(pixels: Pixels, draw: Callable[[FloatMap, float], None]) -> Pixels:
    """Return the picture after `draw`, which is given 0 to 1 and the pixels of a millimetre."""
    image = pixels.astype(np.float32) * np.float32(1 / 255)
    draw(image, min(pixels.shape[:2]) / FIELD_MM)
    return np.asarray(np.clip(image * np.float32(255) + np.float32(0.5), 0, 255), dtype=np.uint8)
