"""Signatures of the compiled loops' arguments, by the names that the loops' docstrings use."""

from typing import Any, Final

import numba as nb

TYPES: Final[Any] = nb.types

_SEEN: Final[dict[str, Any]] = {"readonly": True}
# What Pillow hands out may only be read.
RGB: Final = TYPES.Array(nb.uint8, 3, "C", **_SEEN)
GREY: Final = TYPES.Array(nb.uint8, 2, "C", **_SEEN)
LEVELS: Final = nb.int16[:, ::1]
MASK: Final = nb.uint8[:, ::1]
MAP: Final = nb.float32[:, ::1]
SQUARES: Final = MAP
VALUES: Final = nb.float32[::1]
NUMBERS: Final = nb.float64[::1]
TABLE: Final = nb.float64[:, ::1]
COUNTS: Final = nb.int64[::1]
OFFSETS: Final = nb.int64[:, ::1]
PLACES: Final = nb.int32[::1]
SHORT: Final = nb.int16
INT: Final = nb.int64
REAL: Final = nb.float64
