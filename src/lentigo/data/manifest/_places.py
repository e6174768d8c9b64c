"""Paths below a manifest's own folder: relative in its file, absolute in its table; as texts, not as `Path` objects.

`Path` takes 5 us for each, which is the half of reading a million rows. A text that `Path` would change (a doubled or
trailing separator, a "." as a part) goes through it and comes out as it would.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from lentigo.data.manifest._columns import Column


def absolute_paths(texts: Iterable[str | None], place: Path) -> list[str | None]:
    """Return `place / text` of each, as text; None where there is none.

    Example:
        >>> absolute_paths(["a.jpg", "./b.jpg", None, "/c.jpg"], Path("/data"))
        ['/data/a.jpg', '/data/b.jpg', None, '/c.jpg']
    """
    start = f"{place}{os.sep}"
    if not _is_simple(start):
        return [None if text is None else str(place / text) for text in texts]
    return [
        None if text is None else str(place / text) if _changes(text) else text if text[0] == "/" else start + text
        for text in texts
    ]


def relative_paths(texts: Iterable[str], place: Path) -> list[str]:
    """Return each path relative to `place` where it is below it, with forward slashes, else as it is.

    Example:
        >>> relative_paths(["/data/x/a.jpg", "/other/b.jpg"], Path("/data"))
        ['x/a.jpg', '/other/b.jpg']
    """
    start = f"{place}{os.sep}"
    if not _is_simple(start):
        return [_relative(Path(text), place) for text in texts]
    n = len(start)
    return [
        _relative(Path(text), place)
        if _changes(text) or len(text) < n
        else text[n:]
        if text.startswith(start)
        else text
        for text in texts
    ]


def is_relative(path: Column) -> list[bool]:
    """Return which texts are paths that are not absolute; a missing one is none.

    Example:
        >>> import pandas as pd
        >>> is_relative(pd.Series(["/a", "b", None]))
        [False, True, False]
    """
    # without drives a leading slash is all there is to it: os.path.isabs takes ten times as long for a row
    return [
        isinstance(text, str) and text[:1] != "/" and not (os.sep != "/" and os.path.isabs(text))  # noqa: PTH117 - of texts
        for text in path.tolist()
    ]


def _is_simple(start: str) -> bool:
    return os.sep == "/" and not start.startswith("//")


def _changes(text: str) -> bool:
    # whether Path would write the text otherwise
    return "//" in text or "/./" in text or text[:2] == "./" or text[-2:] == "/." or text[-1:] in {"/", ".", ""}


def _relative(path: Path, place: Path) -> str:
    return path.relative_to(place).as_posix() if path.is_relative_to(place) else str(path)
