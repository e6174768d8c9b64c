"""One photograph in, one upright 8-bit RGB image out, or one sentence why not.

Everything that can be checked is checked on the header, before a pixel is decoded: bytes, format, frames, side and
pixel count. The format is what the content says, whatever the name. Only formats that cameras and archives write are
accepted, because every further decoder is attack surface (Pillow's FITS, EPS and JPEG 2000 readers had their faults).
DICOM goes through `lentigo.images.dicom` and HEIC through `lentigo.images._heif`, imported when the first one is met.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lentigo.config import ImageConfig
from lentigo.errors import ImageError, MissingExtraError
from lentigo.images._boxes import is_boxed
from lentigo.images._colour import profile_of, to_srgb
from lentigo.images._limits import size_fault
from lentigo.images._profiles import DISPLAY_P3, matrix_profile

# Pillow opens MPO, several JPEGs in a row, as JPEG. AVIF comes last: its plugin is loaded when all others decline.
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "AVIF")
DNG_VERSION, SUBFILE_TYPE = 50706, 254  # tags of TIFF


def open_image(
    source: str | Path | bytes, *, limits: ImageConfig | None = None, draft_side: int | None = None
) -> Image.Image:
    """Return the photograph upright, in mode RGB, 8 bits a channel.

    EXIF orientation is applied; grey, palette, CMYK and 16-bit images are converted; transparency is laid on white, as
    a viewer shows it. Of a multi-picture JPEG (MPO, as telephones write) the first picture is taken, of HEIC the
    primary one. Colours are converted from an embedded profile to sRGB unless `limits.colour_profiles` is "ignore".

    A DICOM file (by its preamble, or by a suffix such as .dcm) must be a photograph with one frame.

    Args:
        source: a path, or the bytes of a file.
        limits: `max_bytes`, `max_pixels`, `min_side` and `colour_profiles`; the defaults of `ImageConfig` when left
            out.
        draft_side: lets the JPEG decoder skip detail as long as both sides stay at least this long, which reads a
            12-megapixel photograph four times faster.

    Raises:
        ImageError: no such file, not an image, damaged, animated, too small or too large, or of a kind whose decoder
            is not installed.
        MemoryError: no memory was left, which says nothing about the image.

    Example:
        >>> open_image(photo).mode
        'RGB'
    """
    limits = limits or ImageConfig()
    name, content = _read(Path(source) if isinstance(source, str) else source, limits.max_bytes)
    image = _open(name, content, limits, draft_side)
    image.info = {}  # what is saved from here on must not carry the profile of colours that it no longer has, nor EXIF
    return image


def _open(name: str, content: bytes, limits: ImageConfig, draft_side: int | None) -> Image.Image:
    """Return the photograph in the bytes of a file, as `open_image` does.

    Raises:
        ImageError: see there.
        MemoryError: see there.
    """
    if content[128:132] == b"DICM" or name.lower().endswith((".dcm", ".dicom", ".dic", ".ima")):
        from lentigo.images import dicom

        try:
            return dicom.decode(content, name, limits, draft_side=draft_side)
        except MissingExtraError as error:  # of this file; the others of a folder are read all the same
            raise ImageError(f"{name} cannot be read here: {error}") from error
    try:
        if is_boxed(content):
            return _open_boxed(content, name, limits, draft_side)
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_header(image, name, limits)
            if draft_side is not None:
                image.draft(image.mode, (draft_side, draft_side))
            image.load()
            profile = profile_of(image) if limits.colour_profiles == "srgb" else b""
            return _to_rgb(ImageOps.exif_transpose(image), name, profile, draft_side)
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError:
        known = ", ".join((*FORMATS, "HEIC", "DICOM"))
        raise ImageError(
            f"{name} is not in an image format that lentigo reads ({known}). Convert it to JPEG or PNG."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(
            f"{name} has more than {limits.max_pixels:,} pixels. Scale it down first.", code="image_too_large"
        ) from None
    except Exception as error:
        # Decoders raise whatever they like on damaged files (OSError, SyntaxError, struct.error, ValueError, ...);
        # for the caller all of these mean one thing.
        message = f"{name} is damaged: {error}. Replace it by an intact copy."
        raise ImageError(message, code="image_damaged") from error


def _read(source: Path | bytes, max_bytes: int) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        name, size = "image", len(source)
    else:
        name = str(source)
        try:
            size = source.stat().st_size
        except (OSError, ValueError) as error:  # a NUL in it is a ValueError
            reason = getattr(error, "strerror", None) or error
            raise ImageError(f"{name} cannot be read: {reason}. Check the path.") from error
        if not source.is_file():
            raise ImageError(f"{name} is not a file.")
    if size == 0:
        raise ImageError(f"{name} is empty (0 bytes). Replace it by an intact copy.", code="image_damaged")
    if size > max_bytes:
        raise ImageError(
            f"{name} has {size:,} bytes, more than the {max_bytes:,} allowed (image.max_bytes).",
            code="image_too_large",
        )
    try:
        return name, source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise ImageError(f"{name} cannot be read: {error.strerror or error}. Check its permissions.") from error


def _check_header(image: Image.Image, name: str, limits: ImageConfig) -> None:
    if fault := size_fault(*image.size, limits):
        raise ImageError(f"{name} {fault.message}", code=fault.code)
    n_frames = getattr(image, "n_frames", 1)
    if n_frames > 1 and image.format != "MPO":
        raise ImageError(f"{name} has {n_frames} frames. Save the one that shows the lesion as JPEG or PNG.")
    if image.format == "TIFF" and _is_raw(image):
        raise ImageError(f"{name} is a camera raw file; only its preview could be read. Export it as JPEG.")


def _is_raw(image: Image.Image) -> bool:
    # DNG, NEF, CR2, ARW are TIFF files: what Pillow would open is a preview, or the sensor's mosaic.
    tags = getattr(image, "tag_v2", {})
    kind = tags.get(SUBFILE_TYPE, 0)
    return DNG_VERSION in tags or (isinstance(kind, int) and kind & 1 == 1)


def _open_boxed(content: bytes, name: str, limits: ImageConfig, draft_side: int | None) -> Image.Image:
    """Return a HEIC or AVIF photograph."""
    from lentigo.images import _heif as heif

    still = heif.check_still(content, name, limits)
    if still.codec == "HEIC":
        image = heif.opened(content, name).to_pillow()
        upright, profile = image, bytes(image.info.get("icc_profile", b""))
    else:
        with Image.open(io.BytesIO(content), formats=("AVIF",)) as image:
            _check_header(image, name, limits)
            image.load()
            upright, profile = ImageOps.exif_transpose(image), bytes(image.info.get("icc_profile", b""))
    if not profile and still.is_display_p3:
        profile = matrix_profile(DISPLAY_P3)
    return _to_rgb(upright, name, profile if limits.colour_profiles == "srgb" else b"", draft_side)


def _to_rgb(image: Image.Image, name: str, profile: bytes, draft_side: int | None) -> Image.Image:
    """Return an upright image in mode RGB, its colours converted where there is a profile.

    Raises:
        ImageError: its pixels are of unknown range.
    """
    if profile and draft_side is not None and min(image.size) >= 2 * draft_side and image.mode in {"RGB", "L", "CMYK"}:
        # A conversion takes 80 ms a megapixel: what the JPEG decoder's draft has not left out goes first.
        image = image.reduce(min(image.size) // draft_side)
    if image.mode == "RGB":
        return to_srgb(image, profile, name) if profile else image
    if image.mode == "F":
        raise ImageError(f"{name} holds floating-point pixels of unknown range. Save it with 8 bits per channel.")
    if image.mode.startswith("I"):
        image = _from_16_bit(image, name)
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        if profile:
            alpha = rgba.getchannel("A")
            rgba = to_srgb(rgba.convert("RGB"), profile, name).convert("RGBA")
            rgba.putalpha(alpha)
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    if profile and image.mode in {"L", "CMYK"}:
        return to_srgb(image, profile, name).convert("RGB")
    if profile and image.mode != "1":
        return to_srgb(image.convert("RGB"), profile, name)
    return image.convert("RGB")


def _from_16_bit(image: Image.Image, name: str) -> Image.Image:
    # 65535 becomes 255; Pillow's own conversion would clip at 255.
    levels = np.asarray(image).astype(np.int64)
    if levels.min() < 0 or levels.max() > 65535:
        raise ImageError(f"{name} holds grey levels outside 0..65535. Save it with 8 bits per channel.")
    return Image.fromarray(np.round(levels / 257).astype(np.uint8))
