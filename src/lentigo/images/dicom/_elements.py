"""From the bytes of a DICOM file to its elements, in one pass, bounded in number, depth and length.

No pydicom here: it builds Python objects for whatever a file says (a hundred megabytes of empty elements become eight
gigabytes, and it inflates a deflated file to any size). This reader looks at tags and lengths alone, keeps what it is
asked for, skips sequences without recursion, and never copies a value.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_ELEMENTS: Final = (
    100_000  # nested ones too; a photograph has some 150, and walking these takes a tenth of a second
)
DEEPEST: Final = 32
UNDEFINED: Final = 0xFFFFFFFF
PIXEL_DATA: Final = 0x7FE00010
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG_VRS: Final = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))


class DamageError(Exception):
    """What is wrong with a file, to finish the sentence "... is damaged: "; holds no value of any element."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How elements are written.

    Args:
        is_explicit: whether the type (VR) of an element stands in the file.
        order: "<" for little endian, ">" for big endian.
    """

    is_explicit: bool
    order: str = "<"


EXPLICIT: Final = Encoding(is_explicit=True)
IMPLICIT: Final = Encoding(is_explicit=False)
BIG: Final = Encoding(is_explicit=True, order=">")


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element's value lies.

    Args:
        tag: group and number, such as 0x00280010.
        vr: its type as two letters; empty where the file does not say.
        start: of the value.
        length: of the value, with the closing delimiter where the file leaves the length open.
        is_open: whether the file leaves the length open.
    """

    tag: int
    vr: str
    start: int
    length: int
    is_open: bool = False

    @property
    def end(self) -> int:
        """Where the value ends."""
        return self.start + self.length

    def __str__(self) -> str:
        return f"({self.tag >> 16:04X},{self.tag & 0xFFFF:04X})"


class Elements:
    """A walk over the elements of a file; what it has counted counts for all its parts.

    Args:
        content: the bytes.

    Example:
        >>> content = bytes.fromhex("2800 1000 5553 0200 4000") + bytes.fromhex("2800 1100 5553 0200 5000")
        >>> [(str(element), element.length) for element in Elements(content).walk(0, len(content), EXPLICIT)]
        [('(0028,0010)', 2), ('(0028,0011)', 2)]
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._left = MOST_ELEMENTS

    def walk(self, start: int, end: int, encoding: Encoding) -> Iterator[Element]:
        """Yield the elements of one level; the pixel data, or the end of an item, are the last.

        Raises:
            DamageError: lengths or delimiters that do not fit, too many elements, or too deep ones.
        """
        position = start
        while position < end:
            element = self._head(position, end, encoding)
            if element.tag == ITEM_END:
                return
            if element.tag >> 16 == 0xFFFE:
                raise DamageError(f"a delimiter {element} occurs where no sequence is open")
            if element.is_open:
                inside = IMPLICIT if element.vr == "UN" else encoding
                stop = end if element.tag == PIXEL_DATA else self._skip(element.start, end, inside)
                element = Element(element.tag, element.vr, element.start, stop - element.start, is_open=True)
            yield element
            if element.tag == PIXEL_DATA:
                return
            position = element.end

    def first_item(self, sequence: Element, encoding: Encoding) -> dict[int, Element]:
        """Return the elements of the first item of a sequence by tag; empty where it has none.

        Raises:
            DamageError: as for `walk`.
        """
        if sequence.length < 8:
            return {}
        item = self._head(sequence.start, sequence.end, encoding)
        if item.tag != ITEM:
            return {}
        end = sequence.end if item.is_open else item.end
        return {element.tag: element for element in self.walk(item.start, end, encoding)}

    def fragments(self, pixels: Element, encoding: Encoding, *, most: int) -> list[Element]:
        """Return the items of encapsulated pixel data: the offset table, then the fragments.

        Args:
            pixels: the element.
            encoding: of the file.
            most: how many there may be.

        Raises:
            DamageError: as for `walk`, or more items than that.
        """
        found: list[Element] = []
        position = pixels.start
        while position < pixels.end:  # a file that ends with its last fragment is as good as one that says so
            item = self._head(position, pixels.end, encoding)
            if item.tag == SEQUENCE_END:
                break
            if item.tag != ITEM or item.is_open:
                raise DamageError("its pixel data are not a list of fragments")
            if len(found) == most:
                raise DamageError(f"its pixel data are cut into more than {most:,} fragments")
            found.append(item)
            position = item.end
        return found

    def _head(self, position: int, end: int, encoding: Encoding) -> Element:
        """Return the element that begins at a position, its length checked against what is left.

        Raises:
            DamageError: it does not fit.
        """
        self._left -= 1
        if self._left < 0:
            raise DamageError(f"it has more than {MOST_ELEMENTS:,} elements")
        if end - position < 8:
            raise DamageError("it ends in the middle of an element")
        order, content = encoding.order, self.content
        group, number = struct.unpack_from(f"{order}HH", content, position)
        tag, vr = group << 16 | number, ""
        if group == 0xFFFE or not encoding.is_explicit:
            (length,), start = struct.unpack_from(f"{order}L", content, position + 4), position + 8
        else:
            letters = content[position + 4 : position + 6]
            if not (letters.isalpha() and letters.isupper() and letters.isascii()):
                raise DamageError(f"element ({group:04X},{number:04X}) has no known type")
            vr = letters.decode("ascii")
            if letters not in LONG_VRS:
                (length,), start = struct.unpack_from(f"{order}H", content, position + 6), position + 8
            elif end - position < 12:
                raise DamageError("it ends in the middle of an element")
            else:
                (length,), start = struct.unpack_from(f"{order}L", content, position + 8), position + 12
        if length == UNDEFINED:
            return Element(tag, vr, start, 0, is_open=True)
        if length > end - start:
            raise DamageError(
                f"element ({group:04X},{number:04X}) claims {length:,} bytes and {end - start:,} are left"
            )
        return Element(tag, vr, start, length)

    def _skip(self, start: int, end: int, encoding: Encoding) -> int:
        """Return where a sequence of open length ends.

        Raises:
            DamageError: it does not end, or is nested too deep.
        """
        position = start
        levels = [(True, encoding)]  # whether items are expected (or elements), and how they are written
        while levels:
            in_sequence, inside = levels[-1]
            element = self._head(position, end, inside)
            position = element.end
            if element.tag == (SEQUENCE_END if in_sequence else ITEM_END):
                levels.pop()
            elif in_sequence and element.tag != ITEM:
                raise DamageError("a sequence holds something that is not an item")
            elif element.is_open:
                levels.append((not in_sequence, IMPLICIT if element.vr == "UN" else inside))
                if len(levels) > 2 * DEEPEST:
                    raise DamageError(f"its sequences are nested deeper than {DEEPEST} levels")
        return position
