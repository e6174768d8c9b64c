"""One photograph, decoded: the pixels that the network sees, and the measures that the input gate judges."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lentigo.images import Preprocess
from lentigo.model._answer import Source
from lentigo.model._image_statistics import content_box, image_statistics


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """One decoded photograph.

    Args:
        pixels: fitted, shape (S, S, 3).
        statistics: the measures of the input gate.
        size: width and height of the upright photograph as it was decoded, which may be a fraction of what its file
            holds; zeros where nobody has asked for them.
    """

    pixels: NDArray[np.uint8]
    statistics: NDArray[np.float32]
    size: tuple[int, int] = (0, 0)


def decode_image(source: Source, preprocess: Preprocess) -> DecodedImage:
    """Return one photograph decoded, fitted and measured.

    Raises:
        ImageError: the image cannot, or must not, be decoded.

    Example:
        >>> decode_image(photo, Preprocess(ImageConfig(size=32))).pixels.shape
        (32, 32, 3)
    """
    image = preprocess.open(source)
    pixels = np.asarray(preprocess.fit(image))
    box = content_box(*image.size, preprocess.settings.size, preprocess.settings.fit)
    return DecodedImage(pixels, image_statistics(pixels[box], min(image.size)), image.size)
