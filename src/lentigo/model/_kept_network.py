"""A bundle's network as onnxruntime has optimised it, kept in the cache folder: the second process starts without that.

An entry is a folder `networks/<key>`: the graph, its weights, and a stamp with the SHA-256 of both. The key names
everything that the graph follows from: bundle.json (which holds the hash of model.onnx), the versions, the processor.
The stamp is written after the network has given the bundle's known answer, so that it need not be asked for it again.

Whoever opens an entry hashes it first: what was damaged is not used, and made again. What others could have written
(another owner, a folder open to others) is not used either. `LENTIGO_KEEP_NETWORKS=0` turns all of it off, and deleting
the folder is always safe.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import lentigo
from lentigo.images import cache_folder
from lentigo.model._processor import cpu_flags

SWITCH: Final = "LENTIGO_KEEP_NETWORKS"
GRAPH: Final = "graph.onnx"
WEIGHTS: Final = "weights.bin"
STAMP: Final = "stamp.json"
# Bytes of model.onnx. Below it (heads, drawings of networks) optimising costs less than reading the entry.
WORTH_KEEPING: Final = 2**22
MOST: Final = 8  # entries; the shipped network is 45 MB of them
ABANDONED_AFTER_S: Final = 600  # a process that makes an entry takes a second


@dataclass(frozen=True, slots=True)
class KeptNetwork:
    """The place of a network in the cache folder.

    Args:
        folder: of the entry.
    """

    folder: Path

    @classmethod
    def place(cls, seal: str, n_bytes: int, runtime: str) -> "KeptNetwork | None":
        """Return where the network of a bundle is kept; None where it is not worth keeping, or not wanted.

        Args:
            seal: of bundle.json, which names every other file by its hash.
            n_bytes: of model.onnx.
            runtime: version of onnxruntime.
        """
        if n_bytes < WORTH_KEEPING or os.environ.get(SWITCH, "").lower() in {"0", "no", "off", "false"}:
            return None
        flags = cpu_flags()
        # onnxruntime lays weights out for the vectors of the processor
        processor = platform.processor() if flags is None else " ".join(sorted(flags))
        facts = [seal, runtime, lentigo.__version__, platform.machine(), platform.system(), processor]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
        try:
            return cls(cache_folder().absolute() / "networks" / key)
        except RuntimeError:  # there is no home
            return None

    def verified(self) -> Path | None:
        """Return the graph if it is as it was when its stamp was written; None, and no entry any more, if not."""
        if not self.folder.is_dir() or not _is_safe(self.folder.parent) or not _are_own(self.folder):
            return None
        files = [self.folder / name for name in (GRAPH, WEIGHTS, STAMP)]
        try:
            is_whole = _are_own(*files) and json.loads(files[2].read_bytes()) == _stamp(self.folder)
        except (OSError, ValueError):
            is_whole = False
        if not is_whole:
            shutil.rmtree(self.folder, ignore_errors=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(self.folder)  # the entry used last goes last
        return files[0]

    @contextlib.contextmanager
    def made(self) -> Iterator[Path | None]:
        """Yield a folder to write graph and weights to; the entry is there when the block ends without an error.

        None where the cache cannot be written, where others may write to it, or while another process makes the same.
        """
        partial = self.folder.with_name(f".{self.folder.name}.partial")
        is_mine = _make_private(partial)
        try:
            yield partial if is_mine else None
            if is_mine and (partial / WEIGHTS).is_file():
                with contextlib.suppress(OSError):
                    self._finish(partial)
        finally:
            if is_mine:
                shutil.rmtree(partial, ignore_errors=True)

    def _finish(self, partial: Path) -> None:
        for name in (GRAPH, WEIGHTS):
            (partial / name).chmod(0o600)
        stamp = partial / STAMP
        stamp.touch(mode=0o600)
        stamp.write_text(json.dumps(_stamp(partial)), encoding="utf-8")
        partial.rename(self.folder)
        _prune(self.folder)


def _stamp(folder: Path) -> dict[str, str]:
    found = {}
    for name in (GRAPH, WEIGHTS):
        with (folder / name).open("rb") as stream:
            found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def _make_private(partial: Path) -> bool:
    """Return whether this process has made the folder; it then belongs to nobody else."""
    parent = partial.parent
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_safe(parent):
            return False
        partial.mkdir(mode=0o700)
    except FileExistsError:  # another process makes it, or was killed while it did
        with contextlib.suppress(OSError):
            if partial.stat().st_mtime < time.time() - ABANDONED_AFTER_S:
                shutil.rmtree(partial, ignore_errors=True)
        return False
    except OSError:  # a read-only or full disk costs time at the next start, and no more
        return False
    return True


def _is_safe(folder: Path) -> bool:
    """Return whether a folder is closed to others, and none of them can put another in its place."""
    try:
        above = folder.parent.stat().st_mode
    except OSError:
        return False
    return _are_own(folder) and (not hasattr(os, "getuid") or not above & 0o022 or bool(above & stat.S_ISVTX))


def _are_own(*places: Path) -> bool:
    """Return whether nobody but this user can have written there: no link, own, closed to all others."""
    for place in places:
        try:
            status = place.lstat()
        except OSError:
            return False
        is_plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        is_closed = not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o077)
        if not (is_plain and is_closed):
            return False
    return True


def _prune(keep: Path) -> None:
    """Delete the entries that were used least recently, and what killed processes left."""
    entries = []
    for entry in keep.parent.iterdir():
        with contextlib.suppress(OSError):
            entries.append((entry.stat().st_mtime, entry))
    old = time.time() - ABANDONED_AFTER_S
    whole = sorted((used, entry) for used, entry in entries if not entry.name.startswith("."))
    left = [entry for used, entry in entries if entry.name.startswith(".") and used < old]
    for entry in [*(entry for _, entry in whole[:-MOST]), *left]:
        if entry != keep:
            shutil.rmtree(entry, ignore_errors=True)
