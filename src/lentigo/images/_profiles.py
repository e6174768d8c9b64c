"""ICC profiles of the two wide colour spaces that photographs come in, for files that name theirs without embedding it.

A profile says where red, green and blue lie and how numbers grow with light; both are a page of numbers, so they are
written here rather than shipped as files. Colorants are adapted to D50 by Bradford's matrix, as the ICC asks.
"""

import functools
import struct
from typing import Final

Space = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float], float]

# X, Y, Z of red, green and blue; then the exponent, 0 for the curve of sRGB.
DISPLAY_P3: Final[Space] = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407), 0)
ADOBE_RGB: Final[Space] = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
    563 / 256,
)
SRGB: Final[Space] = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141), 0)
_D50: Final = (0.9642, 1.0, 0.8249)


@functools.cache
def matrix_profile(space: Space) -> bytes:
    """Return an ICC profile (version 4, display, RGB) of a colour space.

    Args:
        space: colorants and exponent, such as `DISPLAY_P3`.

    Example:
        >>> matrix_profile(DISPLAY_P3)[36:40]
        b'acsp'
    """
    red, green, blue, exponent = space
    if exponent:
        curve = b"para" + bytes(4) + struct.pack(">HH", 0, 0) + _fixed(exponent)
    else:
        curve = (
            b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        )
    tags = {
        b"desc": _text("RGB"),
        b"cprt": _text("none"),
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50),
        b"rXYZ": b"XYZ " + bytes(4) + _fixed(*red),
        b"gXYZ": b"XYZ " + bytes(4) + _fixed(*green),
        b"bXYZ": b"XYZ " + bytes(4) + _fixed(*blue),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">L", len(tags)), b""
    for name, value in tags.items():
        table += struct.pack(">4sLL", name, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">L4sL4s4s4s", start + len(body), b"none", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _fixed(*_D50)
    return head.ljust(128, b"\0") + table + body


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">l", round(value * 65536)) for value in values)


def _text(text: str) -> bytes:
    written = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">LL2s2sLL", 1, 12, b"en", b"US", len(written), 28) + written
