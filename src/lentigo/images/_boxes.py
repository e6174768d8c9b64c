"""What a HEIC or AVIF file says about itself: its boxes, read before a decoder sees them.

The container holds far more than photographs: uncompressed and masked images, sequences, overlays, other codecs. Most
of the faults found in its best-known reader (libheif) were in those, so only what telephones and cameras write is
handed on. Colours that are named by number (nclx) instead of a profile are read here, too.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MOST_BOXES: Final = 20_000  # a photograph of 48 megapixels in tiles of 512 has some 200 items with two boxes each
# Coded pictures and tiles, their grids and crops, gain maps of HDR, and metadata.
PICTURES: Final = {b"hvc1": "HEIC", b"av01": "AVIF"}
ALLOWED: Final = frozenset((*PICTURES, b"grid", b"iden", b"tmap", b"Exif", b"mime", b"uri "))
_UNKNOWN: Final = 2  # of primaries and transfer: unspecified
_HDR: Final = (16, 18)  # transfer by PQ or HLG: numbers that only an HDR screen turns into colours
_DISPLAY_P3: Final = (11, 12)  # primaries of DCI-P3 and Display-P3


class BoxError(Exception):
    """What is wrong with a file, to finish the sentence "... is damaged: "."""


@dataclass(slots=True)
class StillImage:
    """A photograph in boxes, from its header alone.

    Args:
        codec: HEIC or AVIF; empty for neither.
        unread: kinds of items that are not let through to a decoder.
        width: of the primary picture, before rotation.
        height: of the primary picture, before rotation.
        most_pixels: of any picture in the file.
        primaries: number of its colours' primaries; 2 where it does not say.
        transfer: number of its curve; 2 where it does not say.
        is_sequence: whether it holds a film.
    """

    codec: str = ""
    unread: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    most_pixels: int = 0
    primaries: int = _UNKNOWN
    transfer: int = _UNKNOWN
    is_sequence: bool = False

    @property
    def is_hdr(self) -> bool:
        """Whether its numbers are those of an HDR screen."""
        return self.transfer in _HDR

    @property
    def is_display_p3(self) -> bool:
        """Whether its colours are named as Display-P3."""
        return self.primaries in _DISPLAY_P3 and not self.is_hdr


@dataclass(slots=True)
class _Meta:
    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    properties: list[tuple[bytes, int, int]] = field(default_factory=list)
    links: dict[int, list[int]] = field(default_factory=dict)


def is_boxed(content: bytes) -> bool:
    r"""Return whether bytes begin as HEIC and AVIF (and films) do.

    Example:
        >>> is_boxed(b"\0\0\0\x18ftypheic...."), is_boxed(b"\xff\xd8\xff")
        (True, False)
    """
    return content[4:8] == b"ftyp"


def read_still(content: bytes) -> StillImage:
    """Return what the header says.

    Raises:
        BoxError: boxes do not fit into each other, or are too many.
    """
    reader = _BoxReader(content)
    still, meta = StillImage(), _Meta()
    for kind, start, end in reader.boxes(0, len(content)):
        if kind == b"meta":
            reader.read_meta(meta, start + 4, end)
        still.is_sequence |= kind == b"moov"
    kinds = set(meta.kinds.values())
    codecs = sorted(PICTURES[kind] for kind in kinds & set(PICTURES))
    still.codec = codecs[0] if len(codecs) == 1 else ""
    still.unread = tuple(sorted(kind.decode("latin-1") for kind in kinds - ALLOWED))
    for kind, start, end in meta.properties:
        if kind == b"ispe" and end - start >= 12:
            width, height = struct.unpack_from(">LL", content, start + 4)
            still.most_pixels = max(still.most_pixels, width * height)
    for place in meta.links.get(meta.primary, []):
        if not 1 <= place <= len(meta.properties):
            continue
        kind, start, end = meta.properties[place - 1]
        if kind == b"ispe" and end - start >= 12:
            still.width, still.height = struct.unpack_from(">LL", content, start + 4)
        elif kind == b"colr" and content[start : start + 4] == b"nclx" and end - start >= 10:
            still.primaries, still.transfer = struct.unpack_from(">HH", content, start + 4)
    return still


class _BoxReader:
    """A walk over boxes; what it has counted counts for all of them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._left = MOST_BOXES

    def boxes(self, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        """Yield kind, start and end of the content of each box of one level.

        Raises:
            BoxError: one does not fit.
        """
        while end - start >= 8:
            self.count(1)
            length, kind = struct.unpack_from(">L4s", self.content, start)
            head = 8
            if length == 1 and end - start >= 16:
                (length,), head = struct.unpack_from(">Q", self.content, start + 8), 16
            if length == 0:  # up to the end
                length = end - start
            if length < head or length > end - start:
                raise BoxError(f"one of its boxes claims {length:,} bytes and {end - start:,} are left")
            yield kind, start + head, start + length
            start += length

    def count(self, n: int) -> None:
        """Refuse what has too many parts.

        Raises:
            BoxError: see above.
        """
        self._left -= n
        if self._left < 0:
            raise BoxError(f"it has more than {MOST_BOXES:,} parts")

    def number(self, start: int, end: int, size: int) -> int:
        """Return a number of so many bytes.

        Raises:
            BoxError: it does not fit.
        """
        if end - start < size:
            raise BoxError("one of its boxes is cut off")
        return int.from_bytes(self.content[start : start + size], "big")

    def read_meta(self, meta: _Meta, start: int, end: int) -> None:
        """Fill in what a box of metadata says about items."""
        for kind, first, last in self.boxes(start, end):
            version = self.content[first]
            if kind == b"pitm":
                meta.primary = self.number(first + 4, last, 4 if version else 2)
            elif kind == b"iinf":
                self._read_items(meta, first + (8 if version else 6), last)
            elif kind == b"iprp":
                for inner, begin, stop in self.boxes(first, last):
                    if inner == b"ipco":
                        meta.properties.extend(self.boxes(begin, stop))
                    elif inner == b"ipma":
                        self._read_links(meta, begin, stop)

    def _read_items(self, meta: _Meta, start: int, end: int) -> None:
        for kind, first, last in self.boxes(start, end):
            version = self.content[first] if last > first else 0
            if kind != b"infe" or version < 2:
                continue
            size = 4 if version == 3 else 2
            item = self.number(first + 4, last, size)
            meta.kinds[item] = self.content[first + 6 + size : first + 10 + size]

    def _read_links(self, meta: _Meta, start: int, end: int) -> None:
        version, is_wide = self.content[start], bool(self.number(start, end, 4) & 1)
        n_items, position = self.number(start + 4, end, 4), start + 8
        self.count(min(n_items, MOST_BOXES + 1))
        for _ in range(n_items):
            size = 4 if version else 2
            item, n_links = self.number(position, end, size), self.number(position + size, end, 1)
            position += size + 1
            links = []
            for _ in range(n_links):
                width = 2 if is_wide else 1
                links.append(self.number(position, end, width) & (0x7FFF if is_wide else 0x7F))
                position += width
            meta.links[item] = links
