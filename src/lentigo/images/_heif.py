"""HEIC, the photographs of iPhones and of many other telephones, by libheif: only what `boxes` has let through.

Decision 0018 says why the decoder is an extra. It is imported when the first such photograph is met.
"""

import importlib
from typing import Any, Final

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images._boxes import BoxError, StillImage, read_still
from lentigo.images._limits import size_fault
from lentigo.installing import install_line

# The first one that is installed: both are Python faces of libheif, pi-heif without an encoder and no longer renewed.
LIBRARIES: Final = ("pillow_heif", "pi_heif")


def check_still(content: bytes, name: str, limits: ImageConfig) -> StillImage:
    """Return the header of a HEIC or AVIF photograph that may be decoded.

    Args:
        content: of the file.
        name: of the file, for messages.
        limits: see `lentigo.images.open_image`.

    Raises:
        ImageError: it is a film, damaged, too large, too small, in HDR, or holds what is not read.
    """
    try:
        still = read_still(content)
    except BoxError as error:
        message = f"{name} is damaged: {error}. Replace it by an intact copy."
        raise ImageError(message, code="image_damaged") from None
    if still.is_sequence:
        raise ImageError(f"{name} is a film or a series of pictures. Save the one that shows the lesion as JPEG.")
    if not still.codec:
        raise ImageError(f"{name} holds neither a HEIC nor an AVIF photograph. Convert it to JPEG or PNG.")
    if still.unread:
        raise ImageError(f"{name} holds pictures of a kind that is not read. Export it as JPEG.")
    if still.is_hdr:
        raise ImageError(f"{name} is an HDR photograph (PQ or HLG), whose colours are not read. Export it as JPEG.")
    fault = size_fault(still.width, still.height, limits)
    if fault is None and still.most_pixels > limits.max_pixels:
        fault = size_fault(still.most_pixels, 1, limits)
    if fault:
        raise ImageError(f"{name} {fault.message}", code=fault.code)
    return still


def opened(content: bytes, name: str) -> Any:
    """Return the primary picture of a HEIC file, not yet decoded: an object with `size`, `mode`, `info`, `to_pillow`.

    Rotation and mirroring that the file asks for are done by the decoder; its EXIF orientation is not to be applied.

    Args:
        content: of the file, after `check_still`.
        name: of the file, for messages.

    Raises:
        ImageError: no decoder is installed.
    """
    for library in LIBRARIES:
        try:
            module = importlib.import_module(library)
        except ImportError:
            continue
        return module.open_heif(content, convert_hdr_to_8bit=True)
    raise ImageError(
        f"{name} is a HEIC photograph; pillow-heif is needed to read it. Install it with: {install_line('heic')} (or "
        "export the photograph as JPEG)."
    )
