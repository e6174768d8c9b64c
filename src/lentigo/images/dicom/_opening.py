"""The outside of a DICOM file: preamble, meta information, and how the data set is written."""

import struct
import zlib
from typing import Final

from lentigo.images.dicom._elements import BIG, EXPLICIT, IMPLICIT, DamageError, Elements, Encoding

PREAMBLE: Final = 128
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_ENCODINGS: Final = {"1.2.840.10008.1.2": IMPLICIT, "1.2.840.10008.1.2.2": BIG}
_SYNTAX: Final = 0x00020010


class RefusalError(Exception):
    """Why an intact file must not be decoded, with the remedy, to follow the file's name.

    Args:
        message: see above.
        code: for programs, as that of `lentigo.errors.ImageError`.
    """

    def __init__(self, message: str, *, code: str = "image_unreadable") -> None:
        super().__init__(message)
        self.code = code


def has_preamble(content: bytes) -> bool:
    """Return whether bytes begin as a DICOM file does.

    Example:
        >>> has_preamble(bytes(128) + b"DICM"), has_preamble(b"DICM")
        (True, False)
    """
    return content[PREAMBLE : PREAMBLE + 4] == b"DICM"


def open_part10(content: bytes, *, max_bytes: int) -> tuple[bytes, int, str, Encoding]:
    """Return a file's bytes (inflated where deflated), where its data set begins, the transfer syntax and the encoding.

    Files without preamble, or without any meta information, are read as others do: by how the first element looks.

    Args:
        content: of the file.
        max_bytes: a deflated file may inflate to so many.

    Raises:
        DamageError: the meta information cannot be read.
        RefusalError: it inflates to more bytes than that.
    """
    start = PREAMBLE + 4 if has_preamble(content) else 0
    syntax = ""
    if content[start : start + 2] == b"\x02\x00":
        start, syntax = _skip_meta(content, start)
    if syntax == DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content, start = inflater.decompress(content[start:], max_bytes), 0
        except zlib.error as error:
            raise DamageError("its deflated part cannot be inflated") from error
        if inflater.unconsumed_tail:
            message = f"inflates to more than the {max_bytes:,} bytes allowed (image.max_bytes)."
            raise RefusalError(message, code="image_too_large")
        # Nine bytes may follow: some writers leave gzip's checksum and length, and one byte makes the length even.
        if not inflater.eof or len(inflater.unused_data) > 9:
            raise DamageError("its deflated part is cut off, or something follows it")
    named = _ENCODINGS.get(syntax, EXPLICIT) if syntax else None
    encoding = _encoding_of(content, start, named)
    return content, start, syntax or _syntax_of(encoding), encoding


def _skip_meta(content: bytes, start: int) -> tuple[int, str]:
    """Return where the meta information ends, and the transfer syntax it names."""
    syntax, elements = "", Elements(content)
    while content[start : start + 2] == b"\x02\x00":  # what follows may be written in another way
        element = next(elements.walk(start, len(content), EXPLICIT))
        if element.tag == _SYNTAX:
            syntax = content[element.start : element.end].decode("latin-1").strip(" \0")
        start = element.end
    return start, syntax


def _encoding_of(content: bytes, start: int, named: Encoding | None) -> Encoding:
    """Return how the first element is written; where that contradicts the transfer syntax, the element is right.

    Raises:
        DamageError: there is no element.
    """
    head = content[start : start + 6]
    if len(head) < 6:
        raise DamageError("it ends before its first element")
    is_explicit = head[4:6].isalpha() and head[4:6].isupper() and head[4:6].isascii()
    if named is not None:
        return (
            named if named.is_explicit == is_explicit or named.order == ">" else (EXPLICIT if is_explicit else IMPLICIT)
        )
    if not is_explicit:
        return IMPLICIT
    return BIG if struct.unpack("<H", head[:2])[0] > struct.unpack(">H", head[:2])[0] else EXPLICIT


def _syntax_of(encoding: Encoding) -> str:
    known = {EXPLICIT: "1.2.840.10008.1.2.1", IMPLICIT: "1.2.840.10008.1.2", BIG: "1.2.840.10008.1.2.2"}
    return known[encoding]
