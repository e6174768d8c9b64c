"""The process that decodes: one photograph after the other from a socket, fitted pixels back, within hard limits.

Decoders are where hostile files do their harm, so they run here: a process with little memory, no token, no right to
write a file, and nothing to lose. It speaks frames of plain numbers with its parent, never pickles, because a decoder
that was taken over must not be believed. It imports numpy, Pillow and what looks at pixels; that takes a third of a
second.

Frames: the parent sends a length (`!Q`) and the bytes of a file. The answer is `ANSWER` (kind and two numbers): first
`BEGUN`, so that the parent knows whose fault a death may be, then `SEEN` (width, height) with the pixels and the
measures, or `REFUSED` (place in `CODES`, length) with a sentence.
"""

import contextlib
import io
import json
import os
import signal
import socket
import struct
import sys
from typing import Any, Final

from lentigo.model.look import FAULTS, STYLE
from lentigo.web.heap import return_large_blocks

__all__ = ["ANSWER", "BEGUN", "CODES", "HELLO", "LENGTH", "LONGEST_MESSAGE", "LOOK_BYTES", "REFUSED", "SEEN", "main"]

LENGTH: Final = struct.Struct("!Q")
ANSWER: Final = struct.Struct("!BII")
HELLO, BEGUN, SEEN, REFUSED = 0, 1, 2, 3
CODES: Final = ("image_unreadable", "image_damaged", "image_too_large")
LONGEST_MESSAGE: Final = 2000
LOOK_BYTES: Final = 4 * (len(FAULTS) + len(STYLE))


def main() -> None:
    """Decode what comes over standard input, a socket, until it ends; the one argument holds the limits as JSON."""
    for name in (signal.SIGINT, signal.SIGTERM):  # the parent says when it is time, by hanging up
        signal.signal(name, signal.SIG_IGN)
    limits: dict[str, Any] = json.loads(sys.argv[1])
    # A dup that no child and no library knows of; 0 to 2 lead nowhere from here on, so that no decoder's complaint
    # about a file ends up in a log.
    parent = socket.socket(fileno=os.dup(0))
    from lentigo.config import ImageConfig
    from lentigo.images import Preprocess
    from lentigo.model.decoding import look

    return_large_blocks()
    preprocess = Preprocess(ImageConfig(**limits["image"]))
    _restrict(limits["memory_bytes"])
    _silence()
    _warm_up(preprocess, look)
    parent.sendall(ANSWER.pack(HELLO, 0, 0))
    while (content := _receive(parent)) is not None:
        parent.sendall(ANSWER.pack(BEGUN, 0, 0))
        _limit_time(limits["seconds"])
        parent.sendall(_answer(content, preprocess, look))
        del content


def _answer(content: bytes, preprocess: Any, look: Any) -> bytes:
    from lentigo.errors import LentigoError

    try:
        seen = look(content, preprocess)
    except LentigoError as error:  # an ImageError, or a decoder of DICOM that is not installed
        message, code = str(error), getattr(error, "code", CODES[0])
    except MemoryError:
        message, code = "the image needs more memory than decoding may take. Scale it down first.", "image_too_large"
    else:
        return b"".join((ANSWER.pack(SEEN, *seen.size), seen.pixels.tobytes(), seen.look.astype("<f4").tobytes()))
    text = message.encode()[:LONGEST_MESSAGE]
    return ANSWER.pack(REFUSED, CODES.index(code) if code in CODES else 0, len(text)) + text


def _warm_up(preprocess: Any, look: Any) -> None:
    """Let Pillow load its readers now, and not while somebody waits."""
    from PIL import Image

    for name in ("JPEG", "PNG"):
        stream = io.BytesIO()
        Image.new("RGB", (64, 48), "tan").save(stream, name)
        _answer(stream.getvalue(), preprocess, look)


def _receive(parent: socket.socket) -> bytes | None:
    """Return the next file, or None when the parent is gone."""
    head = _exactly(parent, LENGTH.size)
    return None if head is None else _exactly(parent, int(LENGTH.unpack(head)[0]))


def _exactly(parent: socket.socket, n_bytes: int) -> bytes | None:
    content = bytearray(n_bytes)
    view, filled = memoryview(content), 0
    while filled < n_bytes:
        n_read = parent.recv_into(view[filled:])
        if n_read == 0:
            return None
        filled += n_read
    return bytes(content)


def _restrict(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows has no such limits; the parent's clock holds there, too
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the photograph
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _limit_time(seconds: float) -> None:
    """Let the kernel end this process when it has used that much more processor time."""
    with contextlib.suppress(ImportError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        end = int(usage.ru_utime + usage.ru_stime + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


if __name__ == "__main__":
    main()
