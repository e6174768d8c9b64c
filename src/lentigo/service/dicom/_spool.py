"""Answers that wait on the disk: complete files or none, oldest first, never more than a set number of bytes."""

import hashlib
import threading
import time
from pathlib import Path
from typing import Final

from lentigo.errors import DicomError
from lentigo.storage import write_bytes

SUFFIX: Final = ".dcm"
FAILED: Final = "failed"
MOST_FAILED: Final = 1000


def file_name(kind: str, uid: str) -> str:
    """Return the name of an object's file: a hash of its UID, which itself never becomes part of a path.

    Example:
        >>> file_name("report", "../../etc/passwd")
        'report-3754d6cb3a38e1185e5b382d5f3ef3f1.dcm'
    """
    return f"{kind}-{hashlib.sha256(uid.encode()).hexdigest()[:32]}{SUFFIX}"


class Spool:
    """A folder of answers to be sent.

    Args:
        folder: made when missing.
        max_bytes: of all files in it, those that failed for good included.

    Example:
        >>> spool = Spool(folder / "spool", max_bytes=1000)
        >>> spool.put("report", "1.2.3", b"...")
        >>> spool.oldest().name.endswith("-report-c47f5b18b8a430e698b9fe15e51f6119.dcm")
        True
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self.folder, self.max_bytes = folder, max_bytes
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # answers carry the patient's name
        (folder / FAILED).mkdir(mode=0o700, exist_ok=True)
        for partial in folder.glob(".*.partial"):  # of a process that was killed
            partial.unlink(missing_ok=True)

    def put(self, kind: str, uid: str, content: bytes) -> None:
        """Keep an answer until it is sent; one that waits already is not kept twice.

        Raises:
            DicomError: the spool is full.
            LentigoError: the disk is.
        """
        name = file_name(kind, uid)
        with self._lock:
            if any(self.folder.glob(f"*-{name}")):
                return
            if self.n_bytes() + len(content) > self.max_bytes:
                raise DicomError("the spool of answers is full. Check why its peer does not accept them.")
            write_bytes(self.folder / f"{time.time_ns():020d}-{name}", content, is_private=True)

    def oldest(self) -> Path | None:
        """Return the answer that has waited longest; None where none waits."""
        return min(self.folder.glob(f"*{SUFFIX}"), default=None)

    def done(self, path: Path) -> None:
        """Forget an answer that was sent."""
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path) -> None:
        """Keep an answer that the peer will never take apart from the others."""
        aside = self.folder / FAILED
        for old in sorted(aside.glob(f"*{SUFFIX}"))[: -(MOST_FAILED - 1)]:
            old.unlink(missing_ok=True)
        path.replace(aside / path.name)

    def n_bytes(self) -> int:
        """Return how many bytes lie in it."""
        return sum(path.stat().st_size for path in self.folder.rglob(f"*{SUFFIX}"))
