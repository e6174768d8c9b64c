"""From a lesion's truth to its picture under neutral light: skin, colours, structures, hair."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lentigo.images import fractal, smoothstep, stream
from lentigo.phantoms._outline import Shape, blob_region, shape_of
from lentigo.phantoms._pigments import Patch, Pigments, patch_of
from lentigo.phantoms._skin import hair_coverage, skin_pigments
from lentigo.phantoms._structures import PAINTERS, Scene
from lentigo.phantoms._truth import LesionTruth

_MIRRORED = 0.25  # of the patch, on each side

# melanin, deep melanin, blood, white scatter
_RECIPES = {
    "light brown": (0.62, 0.0, 0.03, 0.0),
    "dark brown": (1.55, 0.06, 0.05, 0.0),
    "black": (3.4, 0.5, 0.0, 0.0),
    "blue-grey": (0.35, 0.7, 0.0, 0.05),
    "red": (0.22, 0.0, 0.42, 0.0),
    "white": (0.12, 0.0, 0.10, 0.10),
}


@dataclass(frozen=True, slots=True)
class Painting:
    """A lesion in its skin, before any camera.

    Attributes:
        rgb: (pixels, pixels, 3) uint8, the patch with its sides mirrored outwards for the corners of turned views.
        mask: (pixels, pixels) uint8, 255 inside the lesion and 0 outside, soft at the border.
    """

    rgb: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8]


def paint(lesion: LesionTruth, *, size: int) -> Painting:
    """Return the lesion as it lies in the skin, detailed enough for photographs of `size` pixels.

    Example:
        >>> from lentigo.phantoms import sample_lesion
        >>> paint(sample_lesion("NV", seed=1), size=64).rgb.shape
        (134, 134, 3)
    """
    patch = patch_of(size)
    pigments = skin_pigments(lesion, patch)
    inner, part = patch.inner(0.8 + 1.15 * lesion.diameter_mm)  # most of the patch is out of any lesion's reach
    shape = shape_of(lesion, inner)
    growth = _growth(lesion, inner, shape)
    _level_contrast(growth, shape, wanted=lesion.contrast)
    for of_skin, of_lesion in zip(pigments.maps(), growth.maps(), strict=True):
        of_skin[part, part] += of_lesion
    _add_hair(lesion, patch, pigments)
    mask = np.zeros((patch.pixels, patch.pixels), dtype=np.uint8)
    mask[part, part] = shape.mask * 255
    margin = round(patch.pixels * _MIRRORED)
    rgb = np.pad(pigments.rgb(), ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    return Painting(rgb=rgb, mask=np.pad(mask, margin))


def _growth(lesion: LesionTruth, patch: Patch, shape: Shape) -> Pigments:
    """Return what the lesion adds to the skin: its colours, then its structures in the order of the truth."""
    growth = Pigments.none(patch.pixels)
    _add_colours(lesion, patch, shape, growth)
    scene = Scene(patch=patch, shape=shape, pigments=growth, asymmetry=lesion.asymmetry)
    for name in lesion.structures:
        PAINTERS[name](scene, stream(lesion.seed, name))
    return growth


def _add_colours(lesion: LesionTruth, patch: Patch, shape: Shape, growth: Pigments) -> None:
    """Lay the ground colour over the whole lesion and every other colour over a region of its own."""
    rng = stream(lesion.seed, "colours")
    channels = growth.maps()
    for channel, amount in zip(channels, _RECIPES[lesion.colours[0]], strict=True):
        channel[:] = amount
    for colour in lesion.colours[1:]:
        off_centre = lesion.asymmetry * rng.uniform(0.5, 0.95)
        size = rng.uniform(0.4, 0.6) + 0.25 * (1.0 - lesion.asymmetry)
        region = blob_region(shape, patch, rng, size=size, off_centre=off_centre)
        for channel, amount in zip(channels, _RECIPES[colour], strict=True):
            channel[:] += region * (np.float32(amount) - channel)
    clouds = fractal(rng, patch.pixels, cells=patch.cells(1.6), octaves=5, gain=0.75)
    fade = (0.25 + 0.55 * (1.0 - lesion.sharpness)) * rng.uniform(0.5, 1.1)
    rim = np.clip(shape.depth / (0.8 * shape.radius_mm), 0.0, 1.0)
    halo = smoothstep(-0.35, 0.25, shape.depth / shape.radius_mm + 0.06 * clouds)
    density = (0.82 * shape.mask + 0.18 * halo) * (1.0 - fade * (1.0 - rim)) * np.clip(1.0 + 0.26 * clouds, 0.15, None)
    for channel in channels:
        channel[:] *= density


def _level_contrast(growth: Pigments, shape: Shape, *, wanted: float) -> None:
    """Scale the pigments so that how dark a lesion is follows from its truth, not from how many structures it has."""
    absorbance = 0.66 * growth.melanin + 0.62 * growth.deep + 0.92 * growth.blood
    mean = float((absorbance * shape.mask).sum() / shape.mask.sum())
    factor = np.float32(np.clip(wanted / max(mean, 1e-6), 0.4, 2.5))
    for channel, most in ((growth.melanin, 4.5), (growth.deep, 1.2), (growth.blood, 1.5)):
        channel[:] = most * np.tanh(channel * np.float32(factor / most))


def _add_hair(lesion: LesionTruth, patch: Patch, pigments: Pigments) -> None:
    hair = hair_coverage(lesion, patch)
    if hair is None:
        return
    rng = stream(lesion.seed, "hair colour")
    if rng.random() < 0.25:  # vellus hair is fine and pale
        pigments.white += np.float32(0.3) * hair
        return
    darkness = rng.uniform(0.9, 2.8)
    pigments.melanin += np.float32(darkness) * hair
    pigments.deep += np.float32(0.25 * darkness) * hair
    pigments.white *= 1.0 - hair
