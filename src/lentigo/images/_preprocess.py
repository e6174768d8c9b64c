"""The pixels a network sees: fitted into a square, then normalised.

One record for every consumer. A classifier that is trained on one resize and served with another loses accuracy without
a word (PIL's bilinear and an un-antialiased tensor resize differ by up to 150 of 255 levels on fine texture), so the
settings travel with the weights, and this is the only code that applies them.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lentigo.config import ImageConfig
from lentigo.images._decode import open_image

VERSION = 1  # raised whenever the same settings give other pixels


@dataclass(frozen=True, slots=True)
class Preprocess:
    """Turns image files into square uint8 pixels, and those into normalised float32 input.

    Args:
        settings: side, fit, mean and std, and the limits of decoding.

    Example:
        >>> Preprocess(ImageConfig(size=64)).pixels(photo).shape
        (64, 64, 3)
    """

    settings: ImageConfig

    def pixels(self, source: str | Path | bytes) -> NDArray[np.uint8]:
        """Return the fitted image, shape (size, size, 3), RGB in 0..255.

        Raises:
            ImageError: the image cannot, or must not, be decoded.
        """
        return np.asarray(self.fit(self.open(source)))

    def open(self, source: str | Path | bytes) -> Image.Image:
        """Return the photograph upright and in RGB, at no more detail than `fit` needs.

        Raises:
            ImageError: the image cannot, or must not, be decoded.
        """
        return open_image(source, limits=self.settings, draft_side=2 * self.settings.size)

    def fit(self, image: Image.Image) -> Image.Image:
        """Return `image` as a square of the wanted side.

        `pad` scales the long side to the square and fills the rest with the mean colour, which is zero after
        normalisation: the whole field is kept and a round lesion stays round. `squeeze` keeps the whole field and gives
        up the aspect. `crop` fills the square and cuts the long side, which can cut the lesion.
        """
        side = (self.settings.size, self.settings.size)
        if image.size == side:
            return image
        if self.settings.fit == "squeeze":
            return image.resize(side, Image.Resampling.BILINEAR)
        if self.settings.fit == "crop":
            return ImageOps.fit(image, side, Image.Resampling.BILINEAR)
        fill = tuple(round(255 * value) for value in self.settings.mean)
        return ImageOps.pad(image, side, Image.Resampling.BILINEAR, color=fill)

    def normalize(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return network input, shape (N, 3, size, size), from pixels (N, size, size, 3) in 0..255."""
        mean = np.asarray(self.settings.mean, np.float32)
        std = np.asarray(self.settings.std, np.float32)
        scaled = (pixels.astype(np.float32) / np.float32(255) - mean) / std
        return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))

    def key(self) -> str:
        """Return 16 hex digits that change when the fitted pixels could, also by another version of the decoder."""
        relevant = {**dataclasses.asdict(self.settings), "version": VERSION, "pillow": PIL.__version__}
        return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()[:16]
