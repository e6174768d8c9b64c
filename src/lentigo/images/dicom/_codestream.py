"""What a compressed frame says about itself: JPEG, JPEG-LS and JPEG 2000 headers, read before a decoder sees them.

A decoder allocates what the codestream says, not what the DICOM header says: a 64 x 64 image can hold a frame of
60,000 x 60,000. So both have to agree, and this is the only reason for which these few markers are read here.
"""

import struct
from dataclasses import dataclass
from typing import Final

from lentigo.images.dicom._elements import DamageError

MOST_TILES: Final = 4096  # of JPEG 2000, of 65,535 possible: each costs the decoder some kilobytes
_START_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}


@dataclass(frozen=True, slots=True)
class Frame:
    """One compressed picture.

    Args:
        process: the marker that names it: 0xC0 baseline, 0xC3 lossless, 0xF7 JPEG-LS; 0x51 for JPEG 2000.
        rows: height.
        columns: width.
        bits: a sample.
        samples: a pixel.
        is_signed: whether samples may be negative.
        is_marked: whether it says itself what its colours are (JFIF, Adobe, components R, G, B).
        is_mixed: whether a JPEG 2000 decoder undoes a colour transform by itself.
    """

    process: int
    rows: int
    columns: int
    bits: int
    samples: int
    is_signed: bool = False
    is_marked: bool = False
    is_mixed: bool = False


def read_jpeg(stream: bytes) -> Frame:
    """Return what a JPEG or JPEG-LS stream says about itself.

    Raises:
        DamageError: it is none.

    Example:
        >>> read_jpeg(photo.read_bytes()).samples
        3
    """
    if stream[:2] != b"\xff\xd8":
        raise DamageError("its pixel data are not a JPEG, as the transfer syntax says they are")
    position, is_marked = 2, False
    while position + 4 <= len(stream):
        if stream[position] != 0xFF:
            break
        marker = stream[position + 1]
        if marker in {0xFF, 0x01} or 0xD0 <= marker <= 0xD8:  # fill bytes and markers without content
            position += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", stream, position + 2)
        body = stream[position + 4 : position + 2 + length]
        if marker in _START_OF_FRAME:
            return _start_of_frame(marker, body, is_marked=is_marked)
        if marker in {0xD9, 0xDA} or length < 2:
            break
        is_marked |= (marker == 0xE0 and body[:4] == b"JFIF") or (
            marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12
        )
        position += 2 + length
    raise DamageError("its JPEG has no start of a frame")


def read_j2k(stream: bytes) -> Frame:
    """Return what a JPEG 2000 codestream says about itself.

    Raises:
        DamageError: it is none, or of a kind that no photograph is.
    """
    if stream[:4] != b"\xff\x4f\xff\x51" or len(stream) < 42:
        raise DamageError("its pixel data are not a JPEG 2000, as the transfer syntax says they are")
    length, _, right, bottom, left, top, tile_w, tile_h, tile_x, tile_y, n_parts = struct.unpack_from(
        ">HHLLLLLLLLH", stream, 4
    )
    if n_parts not in {1, 3} or length != 38 + 3 * n_parts or len(stream) < 4 + length:
        raise DamageError(f"its JPEG 2000 has {n_parts} components")
    parts = [struct.unpack_from("BBB", stream, 42 + 3 * k) for k in range(n_parts)]
    if len(set(parts)) > 1 or parts[0][1:] != (1, 1):
        raise DamageError("the components of its JPEG 2000 differ in size or depth")
    columns, rows = right - left, bottom - top
    if min(columns, rows, tile_w, tile_h) < 1:
        raise DamageError("its JPEG 2000 has no pixels")
    n_tiles = -(-(right - tile_x) // tile_w) * -(-(bottom - tile_y) // tile_h)
    if n_tiles > MOST_TILES:
        raise DamageError(f"its JPEG 2000 is cut into {n_tiles:,} tiles, more than {MOST_TILES:,}")
    depth = parts[0][0]
    mixed = _is_mixed(stream, 4 + length)
    return Frame(0x51, rows, columns, (depth & 0x7F) + 1, n_parts, is_signed=depth > 0x7F, is_mixed=mixed)


def without_boxes(stream: bytes) -> bytes:
    r"""Return the bare codestream of a JPEG 2000 frame; some writers leave the file format's boxes around it.

    Raises:
        DamageError: there are boxes, and no codestream in them.

    Example:
        >>> without_boxes(b"\xff\x4f\xff\x51...")[4:]
        b'...'
    """
    if stream[4:8] != b"jP  ":
        return stream
    position = 0
    while position + 16 <= len(stream):
        length, kind = struct.unpack_from(">L4s", stream, position)
        if kind == b"jp2c":
            return stream[position + 8 :]
        if length < 8:
            break
        position += length
    raise DamageError("its JPEG 2000 file has no codestream")


def _start_of_frame(marker: int, body: bytes, *, is_marked: bool) -> Frame:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise DamageError("its JPEG is cut off in the start of its frame")
    bits, rows, columns, samples = struct.unpack_from(">BHHB", body)
    names = bytes(body[6 + 3 * k] for k in range(samples))
    return Frame(marker, rows, columns, bits, samples, is_marked=is_marked or names == b"RGB")


def _is_mixed(stream: bytes, position: int) -> bool:
    """Return whether the coding style says that the components were transformed.

    Raises:
        DamageError: there is no coding style.
    """
    while position + 9 <= len(stream) and stream[position] == 0xFF:
        marker, length = struct.unpack_from(">BH", stream, position + 1)
        if marker == 0x52:
            return stream[position + 8] == 1
        if marker in {0x90, 0x93, 0xD9} or length < 2:
            break
        position += 2 + length
    raise DamageError("its JPEG 2000 has no coding style")
