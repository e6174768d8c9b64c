"""A file that grows by whole lines, each on the disk before anyone is told of it, put aside when it is large."""

import datetime as dt
import json
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lentigo.errors import ConfigError
from lentigo.storage import jsonable


class LineFile:
    """JSON objects, one a line; several threads may append.

    A file that reached its size is renamed to `NAME.<time>` and never touched again: what is kept, and for how long, is
    the owner's decision. Readable by its owner alone.

    Args:
        path: of the file; its folder has to exist.
        most_bytes: size at which a new file is begun.

    Raises:
        ConfigError: the file cannot be written.

    Example:
        >>> lines = LineFile(folder / "log.jsonl", most_bytes=4096)
        >>> lines.append([{"a": 1}])
        >>> list(lines.read())
        [{'a': 1}]
        >>> lines.close()
    """

    def __init__(self, path: Path, *, most_bytes: int) -> None:
        self.path, self.most_bytes = path, most_bytes
        self._lock = threading.Lock()
        try:
            self._descriptor = _open(path)
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}. Choose another place.") from error

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        """Write some records; they are on the disk when this returns.

        Raises:
            OSError: they are not.
        """
        lines = [json.dumps(jsonable(record), allow_nan=False, ensure_ascii=False) for record in records]
        content = "".join(f"{line}\n" for line in lines).encode()
        with self._lock:
            if os.fstat(self._descriptor).st_size + len(content) > self.most_bytes:
                self._put_aside()
            start = os.fstat(self._descriptor).st_size
            try:
                _write_all(self._descriptor, content)
                os.fsync(self._descriptor)
            except OSError:
                os.ftruncate(self._descriptor, start)  # no half line
                raise

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield the records of the current file, oldest first; lines that a crash left half are passed over."""
        with self.path.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def _put_aside(self) -> None:
        if os.fstat(self._descriptor).st_size == 0:
            return
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%f")
        self.path.rename(self.path.with_name(f"{self.path.name}.{stamp}"))
        os.close(self._descriptor)
        self._descriptor = _open(self.path)


def now() -> str:
    """Return the time in UTC, ISO 8601, to the millisecond.

    Example:
        >>> now()[-6:]
        '+00:00'
    """
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":  # a crash in the middle of a line
        _write_all(descriptor, b"\n")
    return descriptor


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
