"""The values of DICOM elements that pixels depend on: words, numbers, windows and look-up tables."""

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from lentigo.images.dicom._elements import DamageError, Element, Elements, Encoding

_CENTER, _WIDTH, _LUT, _LUT_DATA = 0x00281050, 0x00281051, 0x00283002, 0x00283006
_RED, _RED_DATA = 0x00281101, 0x00281201


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A look-up table.

    Args:
        first: the stored value that its first entry is for.
        bits: of an entry.
        entries: its values.
    """

    first: int
    bits: int
    entries: tuple[int, ...]


class DicomValues:
    """The values of a data set, by tag."""

    def __init__(self, elements: Elements, found: Mapping[int, Element], encoding: Encoding) -> None:
        self.elements, self.found, self.encoding = elements, found, encoding

    def bytes(self, tag: int) -> bytes:
        """Return a value as it stands; empty where there is none."""
        element = self.found.get(tag)
        if element is None or element.is_open:
            return b""
        return self.elements.content[element.start : element.end]

    def text(self, tag: int) -> str:
        """Return the first of a text's values, without padding; empty where there is none."""
        first = self.bytes(tag)[:256].split(b"\\")[0]
        return first.decode("latin-1").strip(" \0")

    def words(self, tag: int) -> tuple[int, ...]:
        """Return a value as numbers of 16 bits."""
        raw = self.bytes(tag)
        return struct.unpack(f"{self.encoding.order}{len(raw) // 2}H", raw[: len(raw) // 2 * 2])

    def word(self, tag: int) -> int | None:
        """Return a value that is one number of 16 bits; None where it is not."""
        words = self.words(tag) if len(self.bytes(tag)) == 2 else ()
        return words[0] if words else None

    def number(self, tag: int, default: float) -> float:
        """Return the first of the numbers that are written as text.

        Raises:
            DamageError: it is none; what stands there is not told.
        """
        text = self.text(tag)
        if not text:
            return default
        if not re.fullmatch(r"[+-]?(\d{1,16}\.?\d{0,16}|\.\d{1,16})([eE][+-]?\d{1,2})?", text):
            raise DamageError(f"element ({tag >> 16:04X},{tag & 0xFFFF:04X}) is not a number")
        return float(text)

    def window(self) -> tuple[float, float] | None:
        """Return center and width of the first window; None where there is none."""
        center, width = self.number(_CENTER, float("nan")), self.number(_WIDTH, float("nan"))
        return (center, width) if math.isfinite(center) and width > 0 else None

    def table_in(self, tag: int, *, is_signed: bool) -> LookupTable | None:
        """Return the first look-up table of a sequence; None where there is none."""
        sequence = self.found.get(tag)
        item = {} if sequence is None else self.elements.first_item(sequence, self.encoding)
        if not item:
            return None
        return DicomValues(self.elements, item, self.encoding).table(_LUT, _LUT_DATA, is_signed=is_signed)

    def palette(self) -> tuple[LookupTable, ...]:
        """Return the tables of red, green and blue."""
        pairs = [(_RED + k, _RED_DATA + k) for k in range(3)]
        return tuple(self.table(descriptor, data, is_signed=False) for descriptor, data in pairs)

    def table(self, descriptor: int, data: int, *, is_signed: bool) -> LookupTable:
        """Return a look-up table.

        Args:
            descriptor: tag of its description.
            data: tag of its entries.
            is_signed: whether its first entry may be for a negative value.

        Raises:
            DamageError: it is not described, or of another length than it says.
        """
        about, raw = self.words(descriptor), self.bytes(data)
        if len(about) != 3 or not 8 <= about[2] <= 16:
            raise DamageError("the description of a look-up table is not valid")
        n_entries, first, bits = about[0] or 65536, about[1], about[2]
        if is_signed and first >= 32768:
            first -= 65536
        if len(raw) == 2 * n_entries:
            entries = self.words(data)
        elif bits == 8 and len(raw) == n_entries + n_entries % 2:  # two entries a word, the first in the low byte
            entries = tuple(raw[:n_entries])
        else:
            raise DamageError(
                f"a look-up table of {n_entries:,} entries has {len(raw):,} bytes; {2 * n_entries:,} are needed"
            )
        return LookupTable(first, bits, entries)
