"""The one compressed frame of an image: its fragments put together, with every announced length kept.

A list of fragments announces how long it is in up to four places (offset table, extended offset table, lengths of the
items, the end marker of the stream itself). Where two of them disagree, some of the bytes belong to another picture,
and a decoder would answer with what it happens to meet first.
"""

import re
import struct
from typing import Final

from lentigo.images.dicom._elements import PIXEL_DATA, DamageError, Elements
from lentigo.images.dicom._header import Header

MOST_FRAGMENTS: Final = 10_000  # of one frame; encoders write one, or one for each 64 kB
MOST_PADDING: Final = 16  # zeros or 0xFF after a stream's end marker; the standard asks for one, some writers align
# Inside a scan these are data: a stuffed 0xFF 0x00 and restart markers; JPEG-LS stuffs a bit, not a byte.
_MARKER: Final = re.compile(rb"\xff(?![\x00\xd0-\xd7\xff])")
_MARKER_LS: Final = re.compile(rb"\xff(?![\x00-\x7f\xd0-\xd7\xff])")


def frame_of(content: bytes, header: Header, *, is_one_fragment: bool = False) -> bytes:
    """Return the bytes of the frame.

    Args:
        content: of the file.
        header: of the image.
        is_one_fragment: whether the transfer syntax wants a frame in one fragment (RLE).

    Raises:
        DamageError: there is none, or tables, fragments and what follows do not agree about one frame.
    """
    if not header.pixels.is_open:
        raise DamageError("its pixel data are not compressed and its transfer syntax says they are")
    elements = Elements(content)
    items = elements.fragments(header.pixels, header.encoding, most=MOST_FRAGMENTS)
    if len(items) < 2:
        raise DamageError("its pixel data have no frame")
    table, *fragments = items
    n_bytes = sum(fragment.length for fragment in fragments)
    _check_offsets(content[table.start : table.end], header, n_bytes)
    if is_one_fragment and len(fragments) > 1:
        raise DamageError(f"its frame is cut into {len(fragments)} fragments, and its transfer syntax allows one")
    last = fragments[-1].end
    if len(content) - last >= 8:
        (delimiter,) = struct.unpack_from(f"{header.encoding.order}L", content, last + 4)
        check_rest(content, last + 8 + delimiter, header)
    return b"".join(content[fragment.start : fragment.end] for fragment in fragments)


def check_rest(content: bytes, start: int, header: Header) -> None:
    """Refuse a file with something behind its pixel data that is neither elements nor zeros.

    Args:
        content: of the file.
        start: where the pixel data end.
        header: of the image.

    Raises:
        DamageError: see above; the pixel data are then longer than they say, or there is more than one.
    """
    if not content[start:].strip(b"\0"):
        return
    said = f"{len(content) - start:,} bytes follow its pixel data"
    try:
        tags = [element.tag for element in Elements(content).walk(start, len(content), header.encoding)]
    except DamageError as damage:
        raise DamageError(f"{said} ({damage})") from None
    if min(tags) <= PIXEL_DATA:
        raise DamageError(f"{said} (elements that must come before them)")


def refuse_rest(n_used: int, n_bytes: int, rest: bytes) -> None:
    """Refuse a stream that goes on behind its end.

    Args:
        n_used: bytes until its end marker.
        n_bytes: bytes that there are.
        rest: what follows the end marker.

    Raises:
        DamageError: it is more than padding.

    Example:
        >>> refuse_rest(100, 101, bytes(1))
    """
    if len(rest) > MOST_PADDING or rest.strip(b"\0\xff"):
        raise DamageError(
            f"its compressed picture ends after {n_used:,} of {n_bytes:,} bytes of pixel data; more than one picture, "
            "or something else, is in them"
        )


def end_of_jpeg(stream: bytes, *, is_ls: bool = False) -> int:
    r"""Return how many bytes a JPEG or JPEG-LS stream has up to the end of its end marker.

    Raises:
        DamageError: it has no end marker.

    Example:
        >>> end_of_jpeg(bytes.fromhex("FFD8 FFDA0002 12FF0034 FFD9 FFD8"))
        12
    """
    position, pattern = 2, _MARKER_LS if is_ls else _MARKER
    while position + 2 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker == 0xD9:
            return position + 2
        if marker in {0xFF, 0x01} or 0xD0 <= marker <= 0xD8:  # fill bytes and markers without content
            position += 1 if marker == 0xFF else 2
            continue
        if position + 4 > len(stream):
            break
        position += 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
        if marker == 0xDA:
            found = pattern.search(stream, position)
            position = found.start() if found else len(stream)
    raise DamageError("its compressed pixel data do not end where they should")


def end_of_j2k(stream: bytes) -> int:
    """Return how many bytes a JPEG 2000 codestream has up to the end of its end marker.

    Raises:
        DamageError: its parts do not follow each other up to an end marker.
    """
    position = 2
    while position + 4 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker == 0x90:  # a part of a tile, with its length; 0: up to the end
            if position + 12 > len(stream):
                break
            n_bytes = int.from_bytes(stream[position + 6 : position + 10], "big")
            if n_bytes == 0:
                position = stream.find(b"\xff\xd9", position)
                break
            if n_bytes < 12:
                raise DamageError("a part of its JPEG 2000 is shorter than its own header")
            position += n_bytes
        elif marker == 0xD9:
            break
        else:
            position += 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
    if position < 0 or stream[position : position + 2] != b"\xff\xd9":
        raise DamageError("its compressed pixel data do not end where they should")
    return position + 2


def _check_offsets(table: bytes, header: Header, n_bytes: int) -> None:
    """Refuse offset tables of other than one frame.

    Raises:
        DamageError: a table has another length than one frame needs, or does not begin at 0.
    """
    order = header.encoding.order
    if table and (len(table) != 4 or struct.unpack(f"{order}L", table)[0] != 0):
        raise DamageError(
            f"its offset table has {len(table):,} bytes; 4 are needed for one frame, which begins at offset 0"
        )
    offsets, lengths = header.extended_offsets
    if not offsets and not lengths:
        return
    if len(offsets) != 8 or len(lengths) != 8 or struct.unpack(f"{order}Q", offsets)[0] != 0:
        raise DamageError(
            f"its extended offset table has {len(offsets):,} and {len(lengths):,} bytes; 8 are needed in each for one "
            "frame, which begins at offset 0"
        )
    (said,) = struct.unpack(f"{order}Q", lengths)
    if said not in {n_bytes, n_bytes - 1}:
        raise DamageError(f"its extended offset table says {said:,} bytes of pixel data, and there are {n_bytes:,}")
