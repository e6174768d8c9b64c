"""One photograph in, one upright 8-bit RGB image out, or one sentence why not.

Everything that can be checked is checked on the header, before a pixel is decoded: bytes, format, frames, side and
pixel count. Only formats that cameras and archives write are accepted, because every further decoder is attack surface
(Pillow's FITS, EPS and JPEG 2000 readers had their faults). DICOM files go through `lentigo.images.dicom`, which is
imported when the first one is met. Colour profiles are not applied: dermatoscopes rarely embed one, and the training
data had none.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images.limits import size_fault

__all__ = ["FORMATS", "open_image"]

FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")  # Pillow opens MPO, several JPEGs in a row, as JPEG


def open_image(
    source: str | Path | bytes, *, limits: ImageConfig | None = None, draft_side: int | None = None
) -> Image.Image:
    """Return the photograph upright, in mode RGB, 8 bits a channel.

    EXIF orientation is applied; grey, palette, CMYK and 16-bit images are converted; transparency is laid on white, as
    a viewer shows it. Of a multi-picture JPEG (MPO, as telephones write) the first picture is taken.

    A DICOM file (by its preamble, or by a suffix such as .dcm) must be a photograph with one frame.

    Args:
        source: a path, or the bytes of a file.
        limits: `max_bytes`, `max_pixels` and `min_side`; the defaults of `ImageConfig` when left out.
        draft_side: lets the JPEG decoder skip detail as long as both sides stay at least this long, which reads a
            12-megapixel photograph four times faster.

    Raises:
        ImageError: no such file, not an image, damaged, animated, too small or too large.
        MissingExtraError: a DICOM file that needs a decoder which is not installed.
        MemoryError: no memory was left, which says nothing about the image.

    Example:
        >>> open_image(photo).mode
        'RGB'
    """
    limits = limits or ImageConfig()
    name, content = _read(Path(source) if isinstance(source, str) else source, limits.max_bytes)
    if content[128:132] == b"DICM" or name.lower().endswith((".dcm", ".dicom", ".dic", ".ima")):
        from lentigo.images import dicom

        return dicom.decode(content, name, limits, draft_side=draft_side)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_header(image, name, limits)
            if draft_side is not None:
                image.draft(image.mode, (draft_side, draft_side))
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _to_rgb(upright, name)
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError:
        known = ", ".join((*FORMATS, "DICOM"))
        raise ImageError(f"{name} is not an image lentigo reads ({known}). Convert it to JPEG or PNG.") from None
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


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        return _from_16_bit(image, name)
    if image.mode == "F":
        raise ImageError(f"{name} holds floating-point pixels of unknown range. Save it with 8 bits a channel.")
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _from_16_bit(image: Image.Image, name: str) -> Image.Image:
    # 65535 becomes 255; Pillow's own conversion would clip at 255.
    levels = np.asarray(image).astype(np.int64)
    if levels.min() < 0 or levels.max() > 65535:
        raise ImageError(f"{name} holds grey levels outside 0..65535. Save it with 8 bits a channel.")
    return Image.fromarray(np.round(levels / 257).astype(np.uint8)).convert("RGB")
