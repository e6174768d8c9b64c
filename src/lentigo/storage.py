"""Files that are complete or absent: every file and folder lentigo writes goes through here.

A file is written under a temporary name beside its place, flushed to the disk and moved into place; a folder is built
under a temporary name and moved when its last file is written. A kill at any moment therefore leaves either the old
state or the new one, never half of one.
"""

import contextlib
import csv
import hashlib
import json
import logging
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from lentigo.errors import DataError, LentigoError, StorageError
from lentigo.folders import cannot_write, flush_to_disk, new_folder, recover_folder, refuse_existing, refuse_foreign
from lentigo.locks import is_abandoned, make_held

__all__ = [
    "FORMULAS",
    "is_formula",
    "json_bytes",
    "jsonable",
    "new_file",
    "new_folder",
    "read_json",
    "recover_folder",
    "refuse_existing",
    "refuse_foreign",
    "row_writer",
    "sha256_of",
    "sha256_of_names",
    "write_bytes",
    "write_json",
    "write_text",
]


logger = logging.getLogger(__name__)

# Cells are written as they are: an image id that was changed would belong to no image any more (SECURITY.md).
FORMULAS: Final = (
    "%s has cells that begin with = + - or @, which spreadsheets may run as formulas. "
    "Import it with all columns as text, or rename the files."
)


_FIGURE: Final = re.compile(r"[+\-−]\d+(\.\d+)? \([+\-−]?\d+(\.\d+)? to [+\-−]?\d+(\.\d+)?\)")


@contextlib.contextmanager
def new_file(path: str | Path, *, is_private: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it into place when the block ends without an error.

    The parent folder is made when missing. An error, a full disk for one, removes the temporary file.

    Args:
        path: of the file.
        is_private: let nobody but the owner read the file, and a folder that is made for it.

    Raises:
        StorageError: the file cannot be written (no space, no permission).

    Example:
        >>> with new_file(folder / "a.txt") as partial:
        ...     _ = partial.write_text("all of it")
    """
    path = Path(path)
    try:
        path.parent.mkdir(mode=0o700 if is_private else 0o777, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(cannot_write(path, error)) from error
    if not is_private:  # folders of answers grow without end, and the spool clears itself
        _remove_left_over(path)
    partial = path.with_name(f".{path.name}.{os.urandom(4).hex()}.partial")
    try:
        with make_held(partial):
            if is_private:  # before anything is in it
                partial.chmod(0o600)
            yield partial
        flush_to_disk(partial)
        partial.replace(path)
        flush_to_disk(path.parent)
    except OSError as error:
        raise StorageError(cannot_write(path, error)) from error
    finally:
        partial.unlink(missing_ok=True)


def row_writer(stream: TextIO) -> Callable[[Sequence[object]], object]:
    r"""Return a function that writes a row of a CSV file; a carriage return within a field is part of the field.

    Before 3.13 Python leaves such a field without quotes, and readers take it for the end of the row.

    Example:
        >>> with (folder / "rows.csv").open("w", newline="") as stream:
        ...     _ = row_writer(stream)(["a\rb", "c"])
        >>> (folder / "rows.csv").read_bytes()
        b'"a\rb","c"\n'
    """
    plain = csv.writer(stream, lineterminator="\n")
    quoted = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    is_told = False

    def write(row: Sequence[object]) -> object:
        nonlocal is_told
        if not is_told and any(map(is_formula, row)):
            is_told = True
            logger.warning(FORMULAS, getattr(stream, "name", "the table"))
        has_return = any(isinstance(field, str) and "\r" in field for field in row)
        return (quoted if has_return else plain).writerow(row)

    return write


def is_formula(cell: object) -> bool:
    """Return whether a spreadsheet would take a text for a formula; a number, or one with its interval, is none.

    Example:
        >>> [is_formula(text) for text in ("=1+1", "@a", "-0.5", "+0.1 (-0.2 to +0.4)", "a=b")]
        [True, True, False, False, False]
    """
    if isinstance(cell, str) and _FIGURE.fullmatch(cell):  # a column of differences is lentigo's own
        return False
    if not isinstance(cell, str) or not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False


def _remove_left_over(path: Path) -> None:
    """Remove the temporary files of this very file that killed processes have left."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.partial")
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if name.fullmatch(entry.name) and entry.is_file(follow_symlinks=False) and is_abandoned(Path(entry)):
                Path(entry).unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, all of it or nothing.

    Example:
        >>> write_text(folder / "a.txt", "text")
    """
    write_bytes(path, text.encode())


def write_bytes(path: str | Path, content: bytes, *, is_private: bool = False) -> None:
    """Write `content`, all of it or nothing; for the owner's eyes only if it is private.

    Example:
        >>> write_bytes(folder / "a.bin", b"12")
    """
    with new_file(path, is_private=is_private) as partial:
        partial.write_bytes(content)


def write_json(path: str | Path, payload: dict[str, Any]) -> None:
    """Write `payload` as strict JSON: NaN and infinity become null, numpy values become plain ones.

    Example:
        >>> write_json(folder / "a.json", {"schema_version": 1, "auroc": float("nan")})
    """
    write_bytes(path, json_bytes(payload))


def json_bytes(payload: dict[str, Any]) -> bytes:
    """Return what `write_json` writes.

    Example:
        >>> json_bytes({"auroc": float("nan")}).decode().split()
        ['{', '"auroc":', 'null', '}']
    """
    return (json.dumps(jsonable(payload), allow_nan=False, indent=2, ensure_ascii=False) + "\n").encode()


def read_json(path: str | Path, *, error: type[LentigoError] = DataError) -> dict[str, Any]:
    """Return the JSON object in `path`.

    Raises:
        LentigoError: (of the class given as `error`) the file is missing or holds no JSON object.
    """
    try:
        payload = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise error(f"{path} does not exist. Check the path.") from None
    except (OSError, ValueError) as cause:
        raise error(f"{path} cannot be read as JSON: {cause}. Restore the file, or write it again.") from cause
    if not isinstance(payload, dict):
        raise error(f"{path} does not contain a JSON object. Restore the file, or write it again.")
    return payload


def jsonable(value: Any) -> Any:
    """Return `value` as plain JSON types; an undefined number (NaN, infinity) becomes None, never 0 or 1.

    Raises:
        TypeError: a value has no JSON form.

    Example:
        >>> jsonable({"x": float("nan"), "y": (1, 2)})
        {'x': None, 'y': [1, 2]}
    """
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits.

    Example:
        >>> write_bytes(folder / "empty", b"")
        >>> sha256_of(folder / "empty")[:8]
        'e3b0c442'
    """
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_names(names: Iterable[str]) -> str:
    """Return the SHA-256 of names, sorted and one a line, as 64 hex digits.

    Example:
        >>> sha256_of_names(["b", "a"]) == sha256_of_names(["a", "b"])
        True
    """
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
