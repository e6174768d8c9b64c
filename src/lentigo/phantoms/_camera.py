"""From a painting to the photograph that a device takes of it: framing, props, light, optics, sensor."""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from lentigo.images import FIELD_MM, FloatMap, fractal, smoothstep, stream, tube_shade
from lentigo.phantoms._painting import Painting
from lentigo.phantoms._props import add_bubbles, add_glare, add_ink, add_ruler
from lentigo.phantoms._truth import View


def photograph(painting: Painting, view: View, *, size: int) -> npt.NDArray[np.uint8]:
    """Return the photograph (size, size, 3) of a painting made for the same `size`."""
    framed = _framed(painting.rgb, view, size=size)
    image = np.asarray(_focused(framed, view, size=size), dtype=np.float32) * np.float32(1 / 255)
    px_per_mm = size / FIELD_MM * view.zoom * view.device.zoom
    if view.has_ink:
        add_ink(image, view, px_per_mm=px_per_mm)
    add_bubbles(image, view, px_per_mm=px_per_mm)
    add_glare(image, view)
    if view.has_ruler:
        add_ruler(image, view, px_per_mm=px_per_mm)
    _light(image, view)
    return _edited(_exposed(image, view), view)


def photograph_mask(painting: Painting, view: View, *, size: int) -> npt.NDArray[np.bool_]:
    """Return where the lesion lies in the photograph, (size, size)."""
    framed = _framed(painting.mask, view, size=size)
    return np.asarray(_edited(np.asarray(framed), view, has_brightness=False) > 127)


def _framed(patch: npt.NDArray[np.uint8], view: View, *, size: int) -> Image.Image:
    """Return the view cut out of the patch: shifted, turned and zoomed."""
    step = 1.0 / (view.zoom * view.device.zoom)
    angle, px_per_mm = math.radians(view.rotation_deg), size / FIELD_MM
    a, b = math.cos(angle) * step, math.sin(angle) * step
    middle, half = len(patch) / 2, size / 2
    left = half + view.shift_mm[0] * px_per_mm / step
    top = half + view.shift_mm[1] * px_per_mm / step
    matrix = (a, b, middle - a * left - b * top, -b, a, middle + b * left - a * top)
    return Image.fromarray(patch).transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _focused(image: Image.Image, view: View, *, size: int) -> Image.Image:
    """Return the image blurred as the optics do and sharpened as the camera's processing does."""
    scale = size / 224
    blurred = image.filter(ImageFilter.GaussianBlur(math.hypot(view.device.blur_px, view.defocus_px) * scale))
    if view.device.sharpening == 0.0:
        return blurred
    percent = round(100 * view.device.sharpening)
    return blurred.filter(ImageFilter.UnsharpMask(radius=1.2 * scale, percent=percent, threshold=0))


def _light(image: FloatMap, view: View) -> None:
    """Apply lamp, tube and colour cast to linear-ish intensities, in place."""
    size = len(image)
    rng = stream(view.seed, "light")
    axis = np.linspace(-1.0, 1.0, size, dtype=np.float32)
    angle, decentre = rng.uniform(0, 2 * math.pi), rng.normal(0, 0.04, 2).astype(np.float32)
    slope = axis[None, :] * np.float32(math.cos(angle)) + axis[:, None] * np.float32(math.sin(angle))
    radius2 = np.square(axis[None, :] - decentre[0]) + np.square(axis[:, None] - decentre[1])
    lamp = view.exposure * (1.0 + 0.14 * view.tilt * slope) * (1.0 - 0.5 * view.device.vignette * radius2)
    if view.device.tube_radius < 1.5:
        lamp *= tube_shade(np.sqrt(radius2), view.device.tube_radius)
    gains = np.array(view.device.gains) * np.array([1 + 0.06 * view.warmth, 1.0, 1 - 0.07 * view.warmth])
    image *= lamp[..., None] * gains.astype(np.float32)
    if view.border_tint:
        _tint_rim(image, radius2, view.border_tint)


def _tint_rim(image: FloatMap, radius2: FloatMap, strength: float) -> None:
    """Colour the rim of the picture violet (positive) or green (negative), as a sticker's reflection does."""
    rim = smoothstep(0.75, 1.5, radius2) * np.float32(abs(strength))
    tint = np.array([0.80, 0.55, 0.98] if strength > 0 else [0.62, 0.98, 0.70], dtype=np.float32)
    image *= 1.0 - rim[..., None] * (1.0 - tint)


def _exposed(image: FloatMap, view: View) -> npt.NDArray[np.uint8]:
    """Return the bytes after tone curve, saturation and sensor noise."""
    device, size = view.device, len(image)
    rng = stream(view.seed, "sensor")
    if device.saturation != 1.0:
        grey = image.mean(axis=-1, keepdims=True)
        image = grey + (image - grey) * np.float32(device.saturation)
    if device.contrast != 1.0:
        image = 0.55 + (image - 0.55) * np.float32(device.contrast)
    grain = rng.standard_normal((size, size), dtype=np.float32) * np.float32(device.noise)
    blotches = fractal(rng, size, cells=size / 2.5, octaves=1) * np.float32(device.noise)
    pixels = np.empty(image.shape, dtype=np.uint8)
    for channel, share in enumerate((0.35, -0.15, 0.5)):
        noisy = image[..., channel] * np.float32(255.0)
        noisy += grain
        noisy += np.float32(share) * blotches
        pixels[..., channel] = np.clip(noisy + np.float32(0.5), 0, 255)
    return pixels


def _edited(image: npt.NDArray[np.uint8], view: View, *, has_brightness: bool = True) -> npt.NDArray[np.uint8]:
    """Return the finished photograph after what an edited copy of it went through."""
    if view.is_mirrored:
        image = image[:, ::-1]
    image = np.rot90(image, view.quarter_turns)
    if has_brightness and view.brightness != 1.0:
        image = np.clip(image.astype(np.float32) * view.brightness + 0.5, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(image)
