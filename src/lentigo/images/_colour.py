"""From the colours of an embedded profile to sRGB, which networks, screens and public data sets take for granted.

A telephone's Display-P3 red is stored with smaller numbers than the same red in sRGB, so reading P3 numbers as sRGB
makes every lesion paler; Adobe RGB likewise, and CMYK without its profile is a guess. Little CMS (through Pillow) does
the conversion: relative colorimetric with black point compensation, so that colours inside sRGB stay what they are and
the few outside are cut to the nearest. (Perceptual would be the same for RGB profiles of three colorants.)

Profiles are parsed from files of unknown people: they are bounded in size, and one that is damaged, or is of another
kind than the picture, is ignored with a note in the log.
"""

import functools
import io
import logging
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from lentigo.images._profiles import ADOBE_RGB, matrix_profile

if TYPE_CHECKING:  # Little CMS is loaded with the first profile
    from PIL import ImageCms

log = logging.getLogger(__name__)
MOST_BYTES: Final = 4 * 2**20  # of a profile; those of cameras have up to 0.6 MB, of printing presses up to 2.5 MB
LEAST_CHANGE: Final = 2  # of 255 levels; a profile that moves no colour by more is sRGB, as some 20 vendors write it
_SPACES: Final = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
_EXIF, _INTEROP, _COLOUR_SPACE, _UNCALIBRATED = 0x8769, 0xA005, 0xA001, 0xFFFF


def profile_of(image: Image.Image) -> bytes:
    """Return the ICC profile of an opened image; empty for none.

    Cameras that follow the DCF standard embed no profile in Adobe RGB mode, but say it by two tags of EXIF.

    Example:
        >>> from PIL import Image
        >>> profile_of(Image.new("RGB", (8, 8)))
        b''
    """
    embedded = image.info.get("icc_profile")
    if embedded:
        return bytes(embedded)
    if not image.info.get("exif"):
        return b""
    exif = image.getexif()
    if exif.get_ifd(_EXIF).get(_COLOUR_SPACE) != _UNCALIBRATED:
        return b""
    named = str(exif.get_ifd(_INTEROP).get(1, "")).strip(" \0")
    return matrix_profile(ADOBE_RGB) if named == "R03" else b""


def to_srgb(image: Image.Image, profile: bytes, name: str) -> Image.Image:
    """Return an image in sRGB; unchanged where its profile is sRGB, damaged, or of another kind of picture.

    Args:
        image: mode RGB, L or CMYK.
        profile: the ICC profile of its colours.
        name: of the file, for the log.

    Returns:
        Mode RGB where it was converted.

    Example:
        >>> from PIL import Image
        >>> from lentigo.images._profiles import DISPLAY_P3, matrix_profile
        >>> to_srgb(Image.new("RGB", (1, 1), (200, 100, 90)), matrix_profile(DISPLAY_P3), "a").getpixel((0, 0))
        (215, 93, 85)
    """
    from PIL import ImageCms

    space = profile[16:20]
    if image.mode == "L" and space == _SPACES["RGB"]:
        return image  # grey stays grey in any space of red, green and blue with the curve of sRGB
    if space != _SPACES.get(image.mode):
        log.warning("%s: its colour profile is of another kind than its pixels and was ignored", name)
        return image
    try:
        transform = _transform(profile, image.mode)
        return image if transform is None else ImageCms.applyTransform(image, transform) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        log.warning("%s: its colour profile is damaged and was ignored", name)
        return image


@functools.lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> "ImageCms.ImageCmsTransform | None":
    """Return what converts pixels of a mode to sRGB; None where there is nothing to do.

    Raises:
        ValueError: the profile is not a profile, or too large.
    """
    from PIL import ImageCms

    if len(profile) > MOST_BYTES or profile[36:40] != b"acsp":
        raise ValueError("no profile")
    transform = ImageCms.buildTransform(
        io.BytesIO(profile),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if mode == "RGB":
        levels = np.linspace(0, 255, 9).round().astype(np.uint8)
        grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
        shown = ImageCms.applyTransform(Image.fromarray(grid), transform)
        if shown is not None and np.abs(np.asarray(shown, int) - grid).max() <= LEAST_CHANGE:
            return None
    return transform
