"""What a large request needed goes back to the system."""

import subprocess
import sys

import pytest

# Blocks of 16 MB are freed beneath a small one that stays: on the heap, all of them stay with the process. The small
# one is larger than any gap that imports have left lower down, where it would not stay above them.
CODE = """
import ctypes, sys
from lentigo.service.http._heap import return_large_blocks
from lentigo.service.http._meters import memory_bytes
if sys.argv[1] == "asked":
    return_large_blocks()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def block(size):
    place = libc.malloc(ctypes.c_size_t(size))
    ctypes.memset(place, 1, size)
    return place
libc.free(block(30 << 20))
before = memory_bytes()
large = [block(16 << 20) for _ in range(10)]
small = block(2 << 20)
for place in large:
    libc.free(place)
print((memory_bytes() - before) / 2**20)
"""


def kept_mib(word):
    return float(subprocess.run([sys.executable, "-c", CODE, word], capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps them")
def test_large_blocks_go_back_when_they_are_freed():
    assert kept_mib("not asked") > 100
    assert kept_mib("asked") < 20
