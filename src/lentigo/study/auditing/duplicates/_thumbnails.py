"""What the search for duplicates keeps of an image.

Both sides are squeezed to one length, so that a squeezed copy has the same thumbnail; 64 px show hairs, follicles and
the net of a nevus, and suppress what a JPEG encoder changes.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

THUMB_SIDE: Final = 64

Thumbs = npt.NDArray[np.uint8]
Planes = npt.NDArray[np.float32]

_LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
# Luminance, red against green, yellow against blue.
_OPPONENTS: Final = np.stack([_LUMA, [1.0, -1.0, 0.0], [0.5, 0.5, -1.0]]).astype(np.float32)


def thumbnail(image: Image.Image) -> Thumbs:
    """Return the image squeezed to (THUMB_SIDE, THUMB_SIDE, 3).

    Args:
        image: in mode RGB, of any size.

    Example:
        >>> thumbnail(Image.new("RGB", (600, 450), "pink")).shape
        (64, 64, 3)
    """
    return np.asarray(image.resize((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BILINEAR), dtype=np.uint8)


def luminance(thumbs: Thumbs) -> Planes:
    """Return the luminance, 0 to 255, of thumbnails (..., 3).

    Example:
        >>> luminance(np.full((1, 2, 2, 3), 100, dtype=np.uint8))[0, 0].round()
        array([100., 100.], dtype=float32)
    """
    return np.asarray(thumbs.astype(np.float32) @ _LUMA)


def opponents(thumbs: Thumbs) -> Planes:
    """Return luminance, red-green and yellow-blue of thumbnails (N, side, side, 3), shape (N, 3, side, side).

    Example:
        >>> opponents(np.full((1, 2, 2, 3), 100, dtype=np.uint8))[0, :, 0, 0].round()
        array([100.,   0.,   0.], dtype=float32)
    """
    # planes first: one product of a picture's pixels in place of one for each of its rows
    planes = np.ascontiguousarray(np.moveaxis(thumbs, -1, 1)).astype(np.float32)
    return (_OPPONENTS @ planes.reshape(*planes.shape[:2], -1)).reshape(planes.shape)
