"""Kills at every step: each write, rename and deletion below a folder, one after the other.

An audit hook sees every file that is opened for writing, renamed, made or deleted before it happens. From the chosen
step on, none of them happens any more, whatever `finally` blocks try, just as after `kill -9`. An opened file is
emptied before the kill at every second step, so that also torn files are seen.
"""

import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ONE_PATH = {"os.remove", "os.mkdir", "os.rmdir", "os.truncate"}


class Killed(BaseException):
    """The process is dead."""


class _Killer:
    root = ""
    at = 0
    n = 0
    is_busy = False


def _folder_of(descriptor: Any) -> Path:
    if isinstance(descriptor, int) and descriptor >= 0:
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    return Path.cwd()


def _hook(event: str, given: tuple[Any, ...]) -> None:
    if not _Killer.root or _Killer.is_busy:
        return
    if event == "open" and isinstance(given[0], str | bytes | os.PathLike) and given[2] & _WRITES:
        path = Path.cwd() / os.fsdecode(given[0])
    elif event in _ONE_PATH and isinstance(given[0], str | bytes | os.PathLike):
        path = _folder_of(given[-1]) / os.fsdecode(given[0])
    elif event == "os.rename":
        path = Path.cwd() / os.fsdecode(given[1])
    else:
        return
    if not str(path).startswith(_Killer.root):
        return
    is_open = event == "open"
    _Killer.n += 1
    if _Killer.n >= _Killer.at:
        raise Killed
    if is_open:  # killed after the file was opened and before anything was written
        _Killer.n += 1
        if _Killer.n >= _Killer.at:
            _Killer.is_busy = True
            try:
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY | (given[2] & os.O_TRUNC), 0o644))
            except OSError:
                pass
            finally:
                _Killer.is_busy = False
            raise Killed


_is_hooked: list[bool] = []


def kill_at(root: Path, step: int, write: Callable[[], object]) -> bool:
    """Return whether `write` was killed at a step below `root`, counted from 1."""
    if not _is_hooked:
        sys.addaudithook(_hook)
        _is_hooked.append(True)
    _Killer.at, _Killer.n, _Killer.root = step, 0, str(root.resolve()) + os.sep
    try:
        write()
    except Killed:
        return True
    finally:
        _Killer.root = ""
    return False


def kills(
    root: Path, write: Callable[[], object], *, begin: Callable[[], object], every: int = 1, first: int = 1
) -> Iterator[int]:
    """Yield after each kill of `write`, at every step below `root`, which is empty and filled by `begin` before each.

    The last value is that of the step that was never reached; `write` has then ended by itself.
    """
    for step in itertools.count(first, every):
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        begin()
        is_killed = kill_at(root, step, write)
        yield step
        if not is_killed:
            return


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
