"""Memory that was needed once for a large request goes back to the system, and does not stay with the process.

glibc answers the first large blocks with mappings that vanish when freed, learns from that to take the next ones, up to
32 MB, from the heap, and keeps an arena for every few threads. After 5,000 hostile inputs the service had grown by a
sixth and its workers by half (docs/experiments.md). Both habits can be switched off; elsewhere than on glibc this does
nothing.
"""

import contextlib
import ctypes
from typing import Final

# From malloc.h.
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
LARGE: Final = 4 << 20  # bytes; a photograph as it is sent and a small one decoded stay on the heap, which is faster


def return_large_blocks() -> None:
    """Ask the allocator of this process for it; before threads are started.

    Example:
        >>> return_large_blocks()
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(M_MMAP_THRESHOLD, LARGE)
        allocator.mallopt(M_ARENA_MAX, 2)
