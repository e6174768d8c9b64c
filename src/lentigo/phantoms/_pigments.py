"""A square of skin as maps of what colours it, and the light that comes back from it.

Colour is not painted but absorbed: brown melanin near the surface, melanin deep in the dermis (which looks blue-grey),
blood, and white scatter (keratin, scars) each lie on a map of their own, and the Beer-Lambert law turns the maps into
red, green and blue. Light brown, dark brown and black are therefore the same pigment in growing density, as in skin.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lentigo.images import FIELD_MM, FloatMap

_PATCH_FIELDS = 1.4  # the painted square is wider than one photograph, so that views can shift and turn

_DERMIS = np.array([0.985, 0.90, 0.875], dtype=np.float32)  # what skin without any pigment sends back
_SURFACE = np.array([0.045, 0.030, 0.034], dtype=np.float32)  # what even the blackest pigment sends back
_MELANIN = np.array([0.33, 0.66, 0.95], dtype=np.float32)  # absorbance per unit, red, green, blue
_DEEP = np.array([0.82, 0.68, 0.45], dtype=np.float32)
_BLOOD = np.array([0.11, 0.92, 0.58], dtype=np.float32)
_WHITE = np.array([0.93, 0.87, 0.83], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Patch:
    """A square of skin centred on the lesion: positions of its pixels in millimetres.

    Attributes:
        pixels: side of the square in pixels.
        px_per_mm: resolution.
        x: (pixels, pixels), to the right.
        y: (pixels, pixels), downwards.
    """

    pixels: int
    px_per_mm: float
    x: FloatMap
    y: FloatMap

    @property
    def width_mm(self) -> float:
        """Side of the square in millimetres."""
        return self.pixels / self.px_per_mm

    def cells(self, cell_mm: float) -> float:
        """Return how many structures of `cell_mm` fit along one side."""
        return self.width_mm / cell_mm

    def inner(self, half_mm: float) -> tuple["Patch", slice]:
        """Return the patch reaching `half_mm` from the middle, and the slice of rows and columns that it is."""
        margin = max(0, round(self.pixels / 2 - half_mm * self.px_per_mm))
        part = slice(margin, self.pixels - margin)
        return Patch(self.pixels - 2 * margin, self.px_per_mm, self.x[part, part], self.y[part, part]), part


@lru_cache(maxsize=4)
def patch_of(size: int) -> Patch:
    """Return the patch from which photographs of `size` x `size` pixels are taken.

    Example:
        >>> patch_of(224).pixels
        314
    """
    pixels = round(size * _PATCH_FIELDS)
    px_per_mm = size / FIELD_MM
    axis = ((np.arange(pixels) - (pixels - 1) / 2) / px_per_mm).astype(np.float32)
    x, y = np.meshgrid(axis, axis)
    x.flags.writeable = y.flags.writeable = False
    return Patch(pixels=pixels, px_per_mm=px_per_mm, x=x, y=y)


@dataclass(slots=True)
class Pigments:
    """What colours a patch, each (pixels, pixels): densities from 0 up, and white scatter from 0 to 1."""

    melanin: FloatMap
    deep: FloatMap
    blood: FloatMap
    white: FloatMap

    @classmethod
    def none(cls, pixels: int) -> "Pigments":
        """Return maps without any pigment."""
        return cls(*(np.zeros((pixels, pixels), dtype=np.float32) for _ in range(4)))

    def maps(self) -> tuple[FloatMap, FloatMap, FloatMap, FloatMap]:
        """Return melanin, deep melanin, blood and white scatter."""
        return self.melanin, self.deep, self.blood, self.white

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Return the colour (pixels, pixels, 3) in which the patch appears under neutral, even light."""
        channels = []
        cover = np.clip(self.white, 0.0, 1.0)
        for c in range(3):
            absorbance = _MELANIN[c] * self.melanin + _DEEP[c] * self.deep + _BLOOD[c] * self.blood
            light = _SURFACE[c] + (_DERMIS[c] - _SURFACE[c]) * np.exp(-absorbance)
            light += cover * (_WHITE[c] - light)
            channels.append(light)
        return np.asarray(np.clip(np.stack(channels, axis=-1) * 255.0 + 0.5, 0, 255), dtype=np.uint8)
