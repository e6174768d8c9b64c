"""What the camera does to a picture: focus, noise, compression, light, white balance.

Light is computed where it adds up, in linear intensities (gamma 2.2); what exceeds the sensor's range is clipped there.
Blur and noise are given for a picture whose shorter side has 224 pixels and grow with it, so that a network that sees a
reduced picture meets the same blur and noise whatever the file's size was.
"""

import io
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_REFERENCE_PX = 224
_GAMMA = 2.2
_READ_SHARE = 0.2  # of the variance in the mid-tones; the rest is shot noise, which grows with the light
_BALANCED_K = 6500.0
# from CIE XYZ to linear sRGB (IEC 61966-2-1)
_SRGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])


def blur(pixels: Pixels, sigma_px: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - every corruption's form
    """Return the picture (H, W, 3) out of focus.

    Args:
        pixels: the picture.
        sigma_px: standard deviation of the blur at 224 pixels.
        rng: not used.

    Example:
        >>> edge = np.repeat(np.array([0, 200], dtype=np.uint8), 16)[None, :, None].repeat(32, 0).repeat(3, 2)
        >>> bool(blur(edge, 9.0, np.random.default_rng(0))[16, 15, 0] > 0)
        True
    """
    sigma = sigma_px * min(pixels.shape[:2]) / _REFERENCE_PX
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def noise(pixels: Pixels, level: float, rng: np.random.Generator) -> Pixels:
    """Return the picture (H, W, 3) with the shot and read noise of a sensor short of light.

    Args:
        pixels: the picture.
        level: standard deviation in the mid-tones at 224 pixels, in grey levels of 255; dark places get less in linear
            light, but the tone curve lifts it.
        rng: draws the noise; a higher level is the same noise, louder.

    Example:
        >>> grey = np.full((64, 64, 3), 128, dtype=np.uint8)
        >>> bool(8 < noise(grey, 10.0 * 224 / 64, np.random.default_rng(0)).std() < 12)
        True
    """
    middle = 0.5**_GAMMA
    # a standard deviation in linear light makes 1 / gamma * middle ** (1 / gamma - 1) of it after the tone curve
    at_middle = level * min(pixels.shape[:2]) / _REFERENCE_PX / 255 * _GAMMA * middle ** (1 - 1 / _GAMMA)
    light = _linear_levels()
    spread = (at_middle * np.sqrt(_READ_SHARE + (1 - _READ_SHARE) * light / middle)).astype(np.float32)
    return _toned(light[pixels] + spread[pixels] * rng.standard_normal(pixels.shape, dtype=np.float32))


def jpeg(pixels: Pixels, quality: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - every corruption's form
    """Return the picture (H, W, 3) after a file of that JPEG quality, 1 to 95, with halved colour resolution.

    Example:
        >>> jpeg(np.full((16, 16, 3), 128, dtype=np.uint8), 10, np.random.default_rng(0)).shape
        (16, 16, 3)
    """
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=round(quality))
    return np.asarray(Image.open(stream))


def expose(pixels: Pixels, stops: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - every corruption's form
    """Return the picture (H, W, 3) in 2 ** `stops` times the light.

    Example:
        >>> expose(np.full((1, 1, 3), 100, dtype=np.uint8), 1.0, np.random.default_rng(0))[0, 0].tolist()
        [137, 137, 137]
    """
    return _toned(_linear_levels() * np.float32(2.0**stops))[pixels]


def white_balance(pixels: Pixels, kelvin: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - every corruption's form
    """Return the picture (H, W, 3) under light of that colour temperature, taken by a camera set to 6,500 K.

    Args:
        pixels: the picture.
        kelvin: 4,000 (a warm lamp) to 25,000 (shade under a blue sky); white keeps its brightness.
        rng: not used.

    Example:
        >>> white_balance(np.full((1, 1, 3), 128, dtype=np.uint8), 4500, np.random.default_rng(0))[0, 0].tolist()
        [142, 126, 104]
    """
    gains = _light_colour(kelvin) / _light_colour(_BALANCED_K)
    gains /= gains @ np.array([0.2126, 0.7152, 0.0722])
    levels = _linear_levels()
    out = np.empty_like(pixels)
    for channel, gain in enumerate(gains.astype(np.float32)):
        out[..., channel] = _toned(levels * gain)[pixels[..., channel]]
    return out


def _light_colour(kelvin: float) -> npt.NDArray[np.float64]:
    """Return linear red, green and blue of a black body's light at unit luminance.

    Kim et al. (2002, US patent 7024034): the Planckian locus as cubics, for 4,000 to 25,000 K.
    """
    x = -3.0258469e9 / kelvin**3 + 2.1070379e6 / kelvin**2 + 0.2226347e3 / kelvin + 0.240390
    y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    colour: npt.NDArray[np.float64] = _SRGB @ np.array([x / y, 1.0, (1 - x - y) / y])
    return colour


@lru_cache(maxsize=1)
def _linear_levels() -> Floats:
    """Return the linear light, 0 to 1, of each of the 256 grey levels."""
    levels: Floats = ((np.arange(256) / 255) ** _GAMMA).astype(np.float32)
    levels.setflags(write=False)
    return levels


def _toned(light: Floats) -> Pixels:
    """Return the grey levels of linear light, clipped to the sensor's range."""
    toned = np.clip(light, 0, 1) ** np.float32(1 / _GAMMA)
    return np.asarray(toned * np.float32(255) + np.float32(0.5), dtype=np.uint8)
