"""A photograph as a browser can show it and as it was judged: upright, without metadata, whatever its format."""

import io
from pathlib import Path
from typing import Literal

from PIL import Image

from lentigo.config import ImageConfig
from lentigo.images._decode import open_image

QUALITY = 90


def preview(
    source: Path | bytes,
    *,
    side: int = 1024,
    limits: ImageConfig | None = None,
    kind: Literal["JPEG", "PNG"] = "JPEG",
) -> bytes:
    r"""Return a photograph (DICOM, HEIC, AVIF, ...) as the bytes of a JPEG or PNG file.

    The pixels are those of `open_image`, scaled down where they are larger than `side`, so that the page shows what was
    judged: turned by EXIF, colours converted as the model has them, the window of DICOM applied.

    Args:
        source: a path, or the bytes of a file.
        side: longest side of the result in pixels.
        limits: see `lentigo.images.open_image`; those of the model.
        kind: PNG is without loss.

    Raises:
        ImageError: as for `open_image`.

    Example:
        >>> preview(photo, side=64)[:3]
        b'\xff\xd8\xff'
    """
    image = open_image(source, limits=limits, draft_side=side)
    image.thumbnail((side, side), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    image.save(stream, kind, **({"quality": QUALITY, "subsampling": 0} if kind == "JPEG" else {}))
    return stream.getvalue()
