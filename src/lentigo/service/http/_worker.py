"""The process that decodes: one photograph after the other from a socket, fitted pixels back, within hard limits.

It has little memory, no token, no right to write a file, and nothing to lose (`lentigo.isolation`). It imports numpy,
Pillow and what looks at pixels; that takes a third of a second.

Frames: the parent sends a length (`!Q`) and the bytes of a file. The answer is `ANSWER` (kind and two numbers): first
`BEGUN`, so that the parent knows whose fault a death may be, then `SEEN` (width, height) with the pixels and the
measures, or `REFUSED` (place in `CODES`, length) with a sentence.
"""

import io
import json
import struct
import sys
from typing import Any, Final

from lentigo.isolation import Parent, limit_time, restrict, silence
from lentigo.model import FAULTS, STYLE
from lentigo.service.http._heap import return_large_blocks

ANSWER: Final = struct.Struct("!BII")
HELLO, BEGUN, SEEN, REFUSED = 0, 1, 2, 3
CODES: Final = ("image_unreadable", "image_damaged", "image_too_large")
LONGEST_MESSAGE: Final = 2000
LOOK_BYTES: Final = 4 * (len(FAULTS) + len(STYLE))


def main() -> None:
    """Decode what comes over standard input, a socket, until it ends; the one argument holds the limits as JSON."""
    limits: dict[str, Any] = json.loads(sys.argv[1])
    parent = Parent(has_socket=True)
    from lentigo.config import ImageConfig
    from lentigo.images import Preprocess
    from lentigo.model import decode_image

    return_large_blocks()
    preprocess = Preprocess(ImageConfig(**limits["image"]))
    restrict(limits["memory_bytes"])
    silence(2)  # no decoder's complaint about a file ends up in a log
    _warm_up(preprocess, decode_image)
    parent.send(ANSWER.pack(HELLO, 0, 0))
    while (content := parent.receive()) is not None:
        parent.send(ANSWER.pack(BEGUN, 0, 0))
        limit_time(limits["seconds"])
        parent.send(_answer(content, preprocess, decode_image))
        del content


def _answer(content: bytes, preprocess: Any, decode_image: Any) -> bytes:
    from lentigo.errors import LentigoError

    try:
        seen = decode_image(content, preprocess)
    except LentigoError as error:  # an ImageError, or a decoder of DICOM that is not installed
        message, code = str(error), getattr(error, "code", CODES[0])
    except MemoryError:
        message, code = "the image needs more memory than decoding may take. Scale it down first.", "image_too_large"
    else:
        return b"".join((ANSWER.pack(SEEN, *seen.size), seen.pixels.tobytes(), seen.statistics.astype("<f4").tobytes()))
    text = message.encode()[:LONGEST_MESSAGE]
    return ANSWER.pack(REFUSED, CODES.index(code) if code in CODES else 0, len(text)) + text


def _warm_up(preprocess: Any, decode_image: Any) -> None:
    """Let Pillow load its readers now, and not while somebody waits."""
    from PIL import Image

    for name in ("JPEG", "PNG"):
        stream = io.BytesIO()
        Image.new("RGB", (64, 48), "tan").save(stream, name)
        _answer(stream.getvalue(), preprocess, decode_image)


if __name__ == "__main__":
    main()
