"""Images as a caller has them: names of files, folders and tables, bytes, PIL images, arrays and data frames."""

import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image, ImageOps

from lentigo.errors import DataError
from lentigo.images._columns import image_columns
from lentigo.images._inputs import find_images

if TYPE_CHECKING:
    import pandas as pd

Source = Path | bytes
TAKEN: Final = (
    "paths (files, folders, tables) as text or Path, the bytes of image files, PIL images, arrays (H, W, 3) of uint8 "
    "in RGB, data frames with a column path, and lists of these"
)
# What a PNG can hold as it is; every other mode becomes RGB first, as it does when a file is read.
_PNG_MODES: Final = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


def gather_images(given: Any) -> tuple[list[str], list[Source]]:
    """Return a name and a source for each image among what is given, in order.

    Files keep the names that `find_images` gives them; images without a name are called "image 1", "image 2", ... by
    their place. A PIL image or an array is handed on as the bytes of a PNG, which loses nothing.

    Args:
        given: one of what `TAKEN` lists, or several in a list or another iterable.

    Raises:
        DataError: a file does not exist, or a data frame names none.
        TypeError: something else is among them.

    Example:
        >>> names, sources = gather_images([str(photo), np.zeros((32, 32, 3), np.uint8)])
        >>> names == [str(photo), "image 2"], type(sources[1]).__name__
        (True, 'bytes')
    """
    found: list[tuple[str | None, Source]] = []
    paths: list[str | Path] = []
    for one in _several(given):
        if isinstance(one, str | Path):
            paths.append(one)
            continue
        found += _files(paths)
        paths = []
        found += _table(one) if _is_frame(one) else [_image(one)]
    found += _files(paths)
    return [name or f"image {place}" for place, (name, _) in enumerate(found, 1)], [source for _, source in found]


def _several(given: Any) -> Iterable[Any]:
    """Return what is given, one after the other; a single thing alone.

    Raises:
        TypeError: nothing can be made of it.
    """
    if isinstance(given, str | Path | bytes | Image.Image | np.ndarray) or _is_frame(given):
        return [given]
    if isinstance(given, Iterable) and not isinstance(given, dict | set | frozenset | bytearray | memoryview):
        return given
    raise TypeError(f"{_kind(given)} cannot be used as images. Give {TAKEN}.")


def _files(paths: list[str | Path]) -> list[tuple[str | None, Source]]:
    return list(zip(*find_images(paths), strict=True)) if paths else []


def _table(frame: "pd.DataFrame") -> list[tuple[str | None, Source]]:
    """Return the images that a data frame names; relative paths start at the current folder.

    Raises:
        DataError: it has no column with paths.
    """
    named = image_columns({str(name): list(frame[name]) for name in frame.columns}, "the data frame")
    if "path" not in named:
        raise DataError(
            f"the data frame has no column path; it has {', '.join(map(str, frame.columns[:8]))}. "
            "Add the path of each image."
        )
    paths = frame[named["path"]]
    names = frame[named["image_id"]] if "image_id" in named else paths
    return [(str(name), Path(str(path))) for name, path in zip(names, paths, strict=True)]


def _image(given: Any) -> tuple[str | None, Source]:
    """Return one image.

    Raises:
        TypeError: it is none.
    """
    if isinstance(given, bytes):
        return None, given
    if isinstance(given, Image.Image):
        return str(getattr(given, "filename", "")) or None, _png(given)
    if isinstance(given, np.ndarray) and given.ndim == 3 and given.shape[2] == 3 and given.dtype == np.uint8:
        return None, _png(Image.fromarray(np.ascontiguousarray(given)))
    raise TypeError(f"{_kind(given)} cannot be used as an image. Give {TAKEN}.")


def _png(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image)
    stream = io.BytesIO()
    (upright if upright.mode in _PNG_MODES else upright.convert("RGB")).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def _is_frame(given: Any) -> bool:
    pandas: Any = sys.modules.get("pandas")  # who has a data frame has imported it; nobody else pays for that
    return pandas is not None and isinstance(given, pandas.DataFrame)


def _kind(given: Any) -> str:
    if isinstance(given, np.ndarray):
        return f"an array of shape {given.shape} and type {given.dtype}"
    return f"{type(given).__name__!r}" if not isinstance(given, type) else f"the class {given.__name__!r}"
