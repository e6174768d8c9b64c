"""One process at a time at a place, and what a killed one left there.

The lock is a file that the kernel frees when its holder ends, however it ends. Where the file system has no such locks,
the file's own words decide: host, process and when that process began. The file goes when the work is done, so that one
that is found without a holder was left by a kill; it then says what was half done.
"""

import contextlib
import dataclasses
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lentigo.errors import BusyError, StorageError

__all__ = ["HeldLock", "is_abandoned", "lock_beside", "locked", "make_held"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that this process holds.

    Args:
        stream: the open file.
        left: what a killed holder had noted and not yet undone; empty when there was none.

    Example:
        >>> with locked(folder / ".a.lock", doing="work") as held:
        ...     held.note(token="1234abcd")
        ...     held.left
        {}
    """

    stream: IO[str]
    left: dict[str, str] = dataclasses.field(default_factory=dict)

    def note(self, **facts: str) -> None:
        """Write down what is about to be done, on the disk before it is done, for whoever comes after a kill."""
        self.stream.seek(0)
        self.stream.truncate()
        self.stream.write(json.dumps({**_who(os.getpid()), **facts}))
        self.stream.flush()
        with contextlib.suppress(OSError):  # a full disk does not keep anybody from trying
            os.fsync(self.stream.fileno())


def lock_beside(path: Path) -> Path:
    """Return where the lock of a file or folder lies: beside it, because the folder itself is replaced.

    Example:
        >>> lock_beside(folder / "first").name
        '.first.lock'
    """
    path = path.resolve()  # "." has no name
    return path.with_name(f".{path.name}.lock")


@contextlib.contextmanager
def locked(lock: Path, *, doing: str) -> Iterator[HeldLock]:
    """Yield a lock that keeps other processes from the same work until the block ends.

    Args:
        lock: the file; missing folders are made, and those that stay empty go again.
        doing: what is done, for the message to others: "training into runs/first".

    Raises:
        BusyError: another process is at it.
        StorageError: the lock cannot be written.

    Example:
        >>> with locked(folder / ".scores.lock", doing="scoring into scores"):
        ...     (folder / ".scores.lock").exists()
        True
    """
    missing = [parent for parent in lock.parents if not parent.exists()]
    stream = _open(lock)
    _take(stream, lock, doing)
    while not _is_the_one(stream, lock):  # the one before has just removed its own
        stream.close()
        stream = _open(lock)
        _take(stream, lock, doing)
    with stream:
        held = HeldLock(stream, _read(stream))
        if not held.left:  # else it stays on the disk until all of it is undone
            held.note()
        try:
            yield held
        finally:
            lock.unlink(missing_ok=True)
            for parent in missing:
                with contextlib.suppress(OSError):  # it holds something now
                    parent.rmdir()


def make_held(path: Path) -> IO[bytes]:
    """Return a new empty file, opened; as long as it is, `is_abandoned` says no.

    Example:
        >>> with make_held(folder / "a.partial"):
        ...     is_abandoned(folder / "a.partial")
        False
        >>> is_abandoned(folder / "a.partial")
        True
    """
    while True:
        stream = path.open("xb")
        with contextlib.suppress(ImportError, OSError):  # without locks nobody takes it for abandoned
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        if _is_the_one(stream, path):
            return stream
        stream.close()  # somebody has looked between the two, and removed it


def is_abandoned(path: Path) -> bool:
    """Return whether the process that made a file by `make_held` has ended without removing it.

    Example:
        >>> is_abandoned(folder / "of nobody")
        False
    """
    try:
        import fcntl

        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return _is_the_one(stream, path)
    except (ImportError, OSError):
        return False


def _open(lock: Path) -> IO[str]:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("a+", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{lock.parent} cannot be written: {error.strerror}. Choose another place.") from error


def _take(stream: IO[str], lock: Path, doing: str) -> None:
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        is_free, remedy = False, "Wait for it, or choose another place."
    except (ImportError, OSError):  # Windows, and file systems without locks
        is_free = _has_ended(_load(stream))
        remedy = f"Wait for it, or choose another place. If it has ended, remove {lock}."
        logger.debug("the file system has no locks for %s", lock)
    else:
        return
    if not is_free:
        holder = _load(stream)
        stream.close()
        name = f" (process {holder['pid']} on {holder['host']})" if {"pid", "host"} <= holder.keys() else ""
        raise BusyError(f"another process{name} is {doing}. {remedy}")


def _is_the_one(stream: IO[Any], lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), lock.stat())
    except FileNotFoundError:
        return False


def _read(stream: IO[str]) -> dict[str, str]:
    """Return what a killed holder was doing; nothing when it had noted nothing but itself."""
    return {key: value for key, value in _load(stream).items() if key not in _who(os.getpid())}


def _load(stream: IO[str]) -> dict[str, str]:
    stream.seek(0)
    try:
        said: Any = json.loads(stream.read() or "{}")
    except ValueError:  # killed while it noted, and therefore before it did anything
        return {}
    return {str(key): str(value) for key, value in said.items()} if isinstance(said, dict) else {}


def _who(pid: int) -> dict[str, str]:
    """Return what tells a process from all others, also from a later one of the same number."""
    try:
        # The 22nd field, counted behind the name in brackets, which may hold anything.
        began = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        began = ""
    return {"host": _host(), "pid": str(pid), "began": began}


def _has_ended(holder: dict[str, str]) -> bool:
    """Return whether the holder is surely gone; one on another host may be there."""
    if not {"pid", "host", "began"} <= holder.keys():
        return True
    if holder["host"] != _host():
        return False
    try:
        os.kill(int(holder["pid"]), 0)
    except (ProcessLookupError, ValueError):
        return True
    except PermissionError:
        pass
    return _who(int(holder["pid"]))["began"] != holder["began"]


def _host() -> str:
    import socket  # a lock is taken by those who write

    return socket.gethostname()
