"""DICOM to pixels: photographs only, in any transfer syntax that still pictures come in, within limits.

elements    bytes → elements, bounded in number, depth and length
opening     preamble, meta information, deflation
values      words, numbers, windows and look-up tables
header      the pixel module, checked before any pixel is decoded
codestream  what a compressed frame says about itself, which must agree with the header
samples     the decoders
rendering   samples → RGB: colour spaces, palettes, windows

pydicom is not part of this: it is what the tests compare with. Colour profiles are converted as with other formats.
Messages name the file and the fault, never the value of an element.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.images.dicom._elements import PIXEL_DATA, Element

from pathlib import PurePath
from typing import Final

from PIL import Image

from lentigo.config import ImageConfig
from lentigo.errors import ImageError, MissingExtraError
from lentigo.images._colour import to_srgb
from lentigo.images.dicom._elements import DamageError, Elements
from lentigo.images.dicom._header import PHOTOGRAPHS, Header, check_size, read_header
from lentigo.images.dicom._opening import RefusalError, has_preamble, open_part10
from lentigo.images.dicom._rendering import to_rgb
from lentigo.images.dicom._samples import SYNTAXES, decode_samples
from lentigo.images.dicom._values import DicomValues

__all__ = [
    "DICOM_SUFFIXES",
    "PHOTOGRAPHS",
    "PIXEL_DATA",
    "SYNTAXES",
    "DamageError",
    "DicomValues",
    "Element",
    "Elements",
    "RefusalError",
    "decode",
    "header_of",
    "is_dicom",
    "open_part10",
]

MAKER, DEVICE = 0x00080070, 0x00081090
DICOM_SUFFIXES: Final = (".dcm", ".dicom", ".dic", ".ima")


def is_dicom(content: bytes, name: str = "") -> bool:
    """Return whether bytes are a DICOM file: by their preamble, or where the file's name says so.

    A file that is DICOM and something else at once (a TIFF header in the preamble, say) is DICOM.

    Example:
        >>> is_dicom(bytes(128) + b"DICM"), is_dicom(b"...", "scan.DCM"), is_dicom(b"...", "scan.jpg")
        (True, True, False)
    """
    return has_preamble(content) or PurePath(name).suffix.lower() in DICOM_SUFFIXES


def decode(content: bytes, name: str, limits: ImageConfig, *, draft_side: int | None = None) -> Image.Image:
    """Return the photograph in a DICOM file, in mode RGB, 8 bits a channel.

    Args:
        content: of the file, no longer than `limits.max_bytes`.
        name: of the file, for messages.
        limits: see `lentigo.images.open_image`.
        draft_side: see `lentigo.images.open_image`; JPEG only.

    Raises:
        ImageError: no photograph, damaged, several frames, too small, too large, or of a kind that is not read.
        MissingExtraError: its decoder is not installed.
        MemoryError: no memory was left, which says nothing about the image.
    """
    try:
        content, start, syntax, encoding = open_part10(content, max_bytes=limits.max_bytes)
        header = read_header(content, start, syntax, encoding)
        _check_class(header)
        check_size(header, limits)
        samples, photometric = decode_samples(content, header, draft_side=draft_side)
        picture = to_rgb(samples, photometric, header)
        return _in_srgb(picture, header, name) if limits.colour_profiles == "srgb" else picture
    except (MissingExtraError, MemoryError):
        raise
    except RefusalError as refusal:
        raise ImageError(f"{name} {refusal}", code=refusal.code) from None
    except DamageError as damage:
        raise ImageError(f"{name} is damaged: {damage}. Replace it by an intact copy.", code="image_damaged") from None
    except Exception as error:
        # decoders raise whatever they like; their words may hold what stands in the file, so only their kind is told
        kind = type(error).__name__
        message = f"{name} is damaged: its pixel data cannot be decoded ({kind}). Replace it by an intact copy."
        raise ImageError(message, code="image_damaged") from error


def header_of(content: bytes) -> tuple[Header, str]:
    """Return what a DICOM file that was decoded says about its pixels, and the maker and model of its device.

    Args:
        content: of the file.

    Raises:
        ImageError: it is not a DICOM image.
    """
    try:
        content, start, syntax, encoding = open_part10(content, max_bytes=ImageConfig().max_bytes)
        header = read_header(content, start, syntax, encoding)
        elements = Elements(content)
        found = {element.tag: element for element in elements.walk(start, len(content), encoding)}
    except (DamageError, RefusalError) as error:
        raise ImageError(f"the file is not a DICOM image: {error}. Replace it by an intact copy.") from None
    values = DicomValues(elements, found, encoding)
    return header, f"{values.text(MAKER)} {values.text(DEVICE)}"


def _in_srgb(picture: Image.Image, header: Header, name: str) -> Image.Image:
    if header.samples == 1 and not header.palette:
        return picture
    # What stands in the data set holds; a JPEG stream may carry its own.
    profile = header.profile or bytes(picture.info.get("icc_profile", b""))
    return to_srgb(picture, profile, name) if profile else picture


def _check_class(header: Header) -> None:
    if header.sop_class not in PHOTOGRAPHS:
        kinds = "dermoscopic, photographic, endoscopic and microscopic images, and secondary captures"
        raise RefusalError(f"is a DICOM file but not a photograph. {kinds.capitalize()} are read.")


_WHERE = {
    "_elements": ("Element", "PIXEL_DATA"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
