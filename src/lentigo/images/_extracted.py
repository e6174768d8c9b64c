"""Images that lie inside other files (Parquet, tar shards, HDF5) as files of their own, named by their content.

Everything behind a manifest works on image files, and the folder of the data may be read-only (Kaggle's is). So such
images are written once into the cache folder, `extracted/<2 digits>/<sha256>.<suffix>`: the same picture is one file,
whatever it came from, and a second command finds it there. Deleting the folder is safe: reading the data again writes
the files again.
"""

import contextlib
import hashlib
import secrets
from pathlib import Path
from typing import Final

from lentigo.errors import LentigoError
from lentigo.images import cache_folder

# By their first bytes; anything else is kept as it is and named when it is decoded.
MAGIC: Final = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG", ".png"),
    (b"BM", ".bmp"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"RIFF", ".webp"),
    (b"GIF8", ".gif"),
)


def extracted_folder() -> Path:
    """Return the folder that extracted images are kept in.

    Example:
        >>> extracted_folder().name
        'extracted'
    """
    return cache_folder().absolute() / "extracted"


def keep_image(content: bytes) -> Path:
    """Return the file that holds these bytes, written now unless it is there.

    It is not flushed to the disk, which would take minutes for 400,000 crops; a file of another length than its content
    (after a power failure) is written again.

    Raises:
        LentigoError: the cache cannot be written.

    Example:
        >>> keep_image(photo.read_bytes()).read_bytes() == photo.read_bytes()
        True
    """
    digest = hashlib.sha256(content).hexdigest()
    path = extracted_folder() / digest[:2] / f"{digest}{_suffix(content)}"
    with contextlib.suppress(OSError):
        if path.stat().st_size == len(content):
            return path
    partial = path.with_name(f".{digest}.{secrets.token_hex(4)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise LentigoError(
            f"{path} cannot be written: {error.strerror or error}. Free some space, or choose another place with the "
            "environment variable LENTIGO_CACHE."
        ) from error
    return path


def _suffix(content: bytes) -> str:
    other = ".dcm" if content[128:132] == b"DICM" else ".img"
    return next((suffix for magic, suffix in MAGIC if content.startswith(magic)), other)
