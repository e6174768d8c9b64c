"""The object that an answer is about, as a pydicom data set without its pixels, parsed only after it was measured.

pydicom is lenient and builds what a file says; so `lentigo.images.dicom` walks the file first (number of elements,
depth, lengths, how far it inflates), and what comes after the header never reaches pydicom at all.
"""

import io
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from lentigo.errors import DicomError, MissingExtraError
from lentigo.images.dicom import PIXEL_DATA, DamageError, Element, Elements, RefusalError, open_part10

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# Without these an answer cannot be filed beside its image.
IDENTITY: Final = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
CHARACTER_SET: Final = 0x00080005
_UID: Final = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")


def need_pydicom() -> Any:
    """Return the module pydicom, told to read values as they stand instead of warning about them with their text.

    highdicom logs the UIDs of every object it sees and pynetdicom what associations say; so they log nothing.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pydicom
    except ImportError as error:
        raise MissingExtraError("pydicom", extra="dicom", purpose="write and send DICOM") from error
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    for name in ("pydicom", "highdicom", "pynetdicom"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return pydicom


def is_uid(text: str) -> bool:
    """Return whether a text is a UID as PS3.5 chapter 9 wants it.

    Example:
        >>> is_uid("1.2.840.10008.1.1"), is_uid("1.02"), is_uid("../../etc"), is_uid("1." * 40 + "1")
        (True, False, False, False)
    """
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def read_source(content: bytes, *, max_bytes: int = 100_000_000) -> "Dataset":
    """Return the attributes of a DICOM file, without its pixels.

    Args:
        content: of the file.
        max_bytes: a deflated file may inflate to so many.

    Raises:
        DicomError: it is damaged, or lacks a valid UID that an answer needs.
        MissingExtraError: pydicom is not installed.
    """
    pydicom = need_pydicom()
    try:
        content, start, syntax, encoding = open_part10(content, max_bytes=max_bytes)
        end = start
        for element in Elements(content).walk(start, len(content), encoding):
            if element.tag >= PIXEL_DATA:
                break
            if element.tag == CHARACTER_SET:
                _check_character_set(content, element, pydicom.charset.python_encoding)
            end = element.end
        header = io.BytesIO(content[start:end])
        found: Dataset = pydicom.filereader.read_dataset(header, not encoding.is_explicit, encoding.order == "<")
        found.file_meta = pydicom.dataset.FileMetaDataset()
        found.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
        found.decode()
        for _ in found.iterall():  # every value is made now, so that none can fail later
            pass
        missing = [name for name in IDENTITY if not is_uid(str(found.get(name, "")))]
    except DamageError as damage:
        raise DicomError(f"the object is damaged: {damage}. Send it again.") from None
    except RefusalError as refusal:
        raise DicomError(f"the object {refusal}") from None
    except Exception as error:  # noqa: BLE001 - pydicom raises anything and quotes values; the kind is enough
        raise DicomError(f"the object's header cannot be read ({type(error).__name__}). Send it again.") from None
    if missing:
        raise DicomError(f"the object has no valid {missing[0]}, so an answer could not be filed beside it.")
    return found


def _check_character_set(content: bytes, element: Element, known: Mapping[str, object]) -> None:
    """Refuse a character set that pydicom would warn about, with the value in the warning.

    Raises:
        DamageError: see above.
    """
    for name in content[element.start : element.end].decode("latin-1").split("\\"):
        if name.strip(" \0") not in known:
            raise DamageError("it names a character set that is not known")
