"""One process at a time in a folder of scores."""

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from lentigo.errors import LentigoError

__all__ = ["LOCK", "locked"]

logger = logging.getLogger(__name__)
LOCK: Final = ".lock"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder and keep other processes from scoring into it.

    Raises:
        LentigoError: the folder cannot be made, or another process is at work in it.

    Example:
        >>> with locked(folder / "scores"):
        ...     [path.name for path in (folder / "scores").iterdir()]
        ['.lock']
    """
    lock = folder / LOCK
    stream = _open(lock)
    _take(stream, folder)
    while not _is_the_one(stream, lock):  # the one before has just removed its own
        stream.close()
        stream = _open(lock)
        _take(stream, folder)
    with stream:
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _open(lock: Path) -> IO[str]:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("a")
    except OSError as error:
        raise LentigoError(f"{lock.parent} cannot be written: {error.strerror}. Choose another place.") from error


def _take(stream: IO[str], folder: Path) -> None:
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise LentigoError(f"another process is scoring into {folder}. Wait for it, or choose another place.") from None
    except (ImportError, OSError):  # Windows, and file systems without locks
        logger.debug("no lock on %s", folder)


def _is_the_one(stream: IO[str], lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), lock.stat())
    except FileNotFoundError:
        return False
