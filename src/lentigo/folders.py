"""Folders that are complete or absent: built beside their place, flushed, and given their name when all is written.

A folder that stands at the place already is moved aside, the new one takes its name, and only then is the old one
deleted. A kill between the two renames leaves the place empty; whoever writes or looks there next puts the old folder
back. What is put back or deleted is what the killed process had noted in its lock, and nothing else.
"""

import contextlib
import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from lentigo.errors import LentigoError, StorageError, name_offenders
from lentigo.locks import HeldLock, lock_beside, locked

__all__ = ["cannot_write", "flush_to_disk", "new_folder", "recover_folder", "refuse_existing", "refuse_foreign"]

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def new_folder(path: str | Path, *, force: bool = False, held: HeldLock | None = None) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; give it its name when the block ends without an error.

    Args:
        path: where the folder will stand.
        force: replace the folder or file that stands there already; one that another process has put there since is
            not replaced.
        held: the lock of the place, where the caller has it already.

    Raises:
        BusyError: another process is writing the same folder.
        LentigoError: `path` exists and `force` is not set.
        StorageError: it cannot be written.

    Example:
        >>> with new_folder(folder / "bundle") as partial:
        ...     _ = (partial / "a.txt").write_text("a")
    """
    path = Path(path)
    refuse_existing(path, force=force)
    path = path.resolve()  # "." has no name, and what a link points to is replaced, not the link
    with contextlib.ExitStack() as stack:
        if held is None:
            held = stack.enter_context(locked(lock_beside(path), doing=f"writing {path}"))
            recover_folder(path, held=held)
            refuse_existing(path, force=force)
        before = _identity(path)
        token = os.urandom(4).hex()
        partial, aside = _partial(path, token), _aside(path, token)
        try:
            held.note(token=token)
            partial.mkdir(parents=True)
            held.note(token=token, made=_identity(partial))
            yield partial
            for written in (*partial.rglob("*"), partial):
                flush_to_disk(written)
            _swap(partial, path, aside, before, force=force)
        except OSError as error:
            raise StorageError(cannot_write(path, error)) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        _remove(aside)
        held.note()


def _swap(partial: Path, path: Path, aside: Path, before: str, *, force: bool) -> None:
    """Give the finished folder its name.

    Raises:
        LentigoError: another folder has come to the place.
    """
    if _identity(path) != before:
        raise LentigoError(f"another process has written {path} in the meantime. Its folder is unchanged.")
    refuse_existing(path, force=force)
    if path.exists():
        path.rename(aside)
    try:
        partial.rename(path)  # fails where a folder with content has come to the place
        flush_to_disk(path.parent)
    except BaseException:
        if not path.exists() and aside.exists():
            aside.rename(path)
        raise


def _remove(aside: Path) -> None:
    """Delete the folder that was replaced; one that resists stays, because the new one is in place."""
    try:
        if aside.is_dir():
            shutil.rmtree(aside)
        else:
            aside.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("The overwritten folder %s could not be deleted: %s.", aside, error.strerror or error)


def recover_folder(path: Path, *, held: HeldLock | None = None) -> None:
    """Undo a replacement by `new_folder(path, force=True)` that was killed half way: the old folder gets its name back.

    Nothing happens where another process is at work, or where no killed one has left its lock.

    Args:
        path: the folder.
        held: the lock of the place, where the caller has it.

    Example:
        >>> recover_folder(folder / "bundle")
    """
    path = path.resolve()
    lock = lock_beside(path)
    if held is not None:
        _undo(path, held.left)
        return
    if not lock.is_file():
        return
    with contextlib.suppress(StorageError), locked(lock, doing=f"writing {path}") as found:
        _undo(path, found.left)


def _undo(path: Path, left: dict[str, str]) -> None:
    """Put back what the killed process moved aside, or delete it where the new folder is in place."""
    token = left.get("token", "")
    if not token:
        return
    partial, aside = _partial(path, token), _aside(path, token)
    if aside.exists() and not path.exists():
        logger.warning("Overwriting %s was interrupted; the previous version was restored.", path)
        aside.rename(path)
    elif aside.exists() and _identity(path) == left.get("made"):
        _remove(aside)
    elif aside.exists():
        logger.warning(
            "%s was being overwritten when lentigo was interrupted; its previous version is now at %s.", path, aside
        )
    shutil.rmtree(partial, ignore_errors=True)


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise unless `path` is free, an empty folder, or `force` is set.

    Raises:
        LentigoError: something stands there already.
    """
    recover_folder(path)
    is_taken = path.exists() and not (path.is_dir() and not any(path.iterdir()))
    if is_taken and not force:
        raise LentigoError(f"{path} exists already. Choose another place, or overwrite it with --force.")


def refuse_foreign(folder: Path, *, kind: str, is_ours: Callable[[str], bool], force: bool, mark: str = "") -> None:
    """Raise unless `folder` is free, or `force` is set and it holds nothing but what lentigo writes there.

    Args:
        folder: to be made.
        kind: what it will be, for the message: "audit".
        is_ours: whether a file of that name belongs to one.
        force: replace one that stands there.
        mark: the file that every finished one has; a folder without it only looks like one.

    Raises:
        LentigoError: something stands there already; something else is not replaced even by force.

    Example:
        >>> refuse_foreign(folder / "audit", kind="audit", is_ours={"audit.json"}.__contains__, force=True)
    """
    recover_folder(folder)
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in there if not is_ours(name)]
    if there and mark and mark not in there:
        others = there
    if others or (folder.exists() and not folder.is_dir()):
        found = f"; it holds {name_offenders(others)}" if others else ""
        article = "an" if kind[0] in "aeiou" else "a"
        raise LentigoError(
            f"{folder} exists and is not {article} {kind}, so --force does not overwrite it{found}. Choose "
            "another place."
        )
    refuse_existing(folder, force=force)


def flush_to_disk(path: Path) -> None:
    """Return when what was written to a file or folder is on the disk.

    Example:
        >>> flush_to_disk(Path.cwd())
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cannot_write(path: Path, error: OSError) -> str:
    """Return what to tell the user of a file or folder that cannot be written.

    Example:
        >>> cannot_write(Path("run"), OSError(errno.EACCES, "Permission denied"))
        'run cannot be written: Permission denied. Choose a place where you may write. ...'
    """
    reason = error.strerror or str(error)
    remedies = {
        errno.ENOSPC: "Free some space, or choose another place.",
        errno.EDQUOT: "Free some space, or choose another place.",
        errno.ENOENT: f"{path.parent} was removed while lentigo wrote there.",
    }
    remedy = remedies.get(error.errno or 0, "Choose a place where you may write.")
    return f"{path} cannot be written: {reason}. {remedy} What was there before is unchanged."


def _identity(path: Path) -> str:
    """Return what tells a folder from another of the same name; empty when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_dev}:{status.st_ino}"


def _partial(path: Path, token: str) -> Path:
    return path.with_name(f".{path.name}.{token}.partial")


def _aside(path: Path, token: str) -> Path:
    return path.with_name(f".{path.name}.{token}.old")
