"""The folder of a bundle: which files may lie in it, read and verified before anyone looks into them.

bundle.json names every other file with its size and SHA-256, and carries a seal: the SHA-256 of its own content. The
seal and the hashes tell damage and careless edits; they are not a signature, and whoever may write a folder may write a
new bundle.
"""

import contextlib
import hashlib
import json
import os
import re
import stat
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

from lentigo.errors import BundleError, name_offenders
from lentigo.model._json_reader import Fields, parse_strict
from lentigo.storage import jsonable, write_text

RECORD: Final = "bundle.json"
MODEL: Final = "model.onnx"
CARD: Final = "model_card.md"
REFERENCES: Final = "references.npy"
REFERENCE_TABLE: Final = "references.json"
PICTURES: Final = "pictures.npy"
TYPICAL: Final = "typical.npy"
MARKS: Final = "calibrated_on.npy"

# The largest size of each file that a bundle may have, in bytes. No other name is ever opened.
KNOWN_FILES: Final[dict[str, int]] = {
    MODEL: 2**31 - 1,  # protobuf's own limit
    CARD: 2**20,
    REFERENCES: 2**28,
    REFERENCE_TABLE: 2**25,
    PICTURES: 2**28,
    TYPICAL: 2**30,
    MARKS: 2**26,
}
LARGEST_RECORD: Final = 2**20  # bundle.json of the shipped model has 40 kB; more than 1 MiB is refused unread
_SHA256: Final = re.compile("[0-9a-f]{64}")


def refuse_inside_bundle(place: Path) -> None:
    """Refuse a place within a bundle's folder: with a foreign file in it that could not be opened any more.

    Raises:
        BundleError: it lies in one.

    Example:
        >>> refuse_inside_bundle(folder / "results")
    """
    for parent in place.resolve().parents:
        if (parent / RECORD).is_file():
            raise BundleError(
                f"{place} is inside the bundle {parent}, which may contain only its own files. Choose another place."
            )


@dataclass(frozen=True, slots=True)
class BundleFolder:
    """A bundle's folder of which every file is as bundle.json says.

    Args:
        payload: the parsed bundle.json, without `seal` and `files`.
        contents: of every other file that was read, by name.
        listed: size and SHA-256 of every other file, by name.
        seal: the SHA-256 of what bundle.json says, so of all that the bundle is.
    """

    payload: dict[str, Any]
    contents: dict[str, bytes]
    listed: dict[str, tuple[int, str]]
    seal: str


def read_bundle_folder(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the parsed bundle.json, without `seal` and `files`, and the verified content of every other file.

    Raises:
        BundleError: a file is missing, foreign, altered, a link, or too large.
    """
    found = verify_bundle_folder(folder)
    return found.payload, found.contents


def verify_bundle_folder(folder: Path, *, unread: Container[str] = ()) -> BundleFolder:
    """Return a bundle's folder after hashing every file in it.

    Args:
        folder: of the bundle.
        unread: files that are verified like the others, but whose contents are not kept.

    Raises:
        BundleError: a file is missing, foreign, altered, a link, or too large.
    """
    _check_folder(folder)
    payload = parse_strict(_read(folder, RECORD, LARGEST_RECORD), str(folder / RECORD))
    fields = Fields(payload, str(folder / RECORD))
    version = fields.integer("schema_version", low=1, high=10**6)
    if version != 1:
        raise BundleError(f"{folder} has schema_version {version}; this lentigo reads 1. Update lentigo.")
    seal = fields.text("seal", longest=64)
    content = {key: value for key, value in payload.items() if key != "seal"}
    if seal != _seal(content):
        raise BundleError(f"{folder / RECORD} was altered since it was written. Restore it, or export again.")
    listed = fields.table("files", lambda f: (f.integer("bytes", low=0, high=2**31), f.text("sha256", longest=64)))
    _check_names(folder, set(listed))
    contents = {name: read_verified(folder, name, *about) for name, about in listed.items() if name not in unread}
    for name in listed.keys() - contents.keys():
        _verify(folder, name, *listed[name])
    payload = {key: value for key, value in content.items() if key not in {"files", "schema_version"}}
    return BundleFolder(payload, contents, listed, seal)


def write_record(folder: Path, payload: Mapping[str, Any]) -> None:
    """Write bundle.json, with size and hash of every file in the folder and its own seal; the last file to be written.

    Args:
        folder: of the bundle; model and card are there already.
        payload: everything else.
    """
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in sorted(folder.iterdir())
        if path.name != RECORD
    }
    content = jsonable({"schema_version": 1, **payload, "files": files})
    text = json.dumps({**content, "seal": _seal(content)}, allow_nan=False, indent=2, ensure_ascii=False)
    write_text(folder / RECORD, text + "\n")


def _seal(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the object as JSON with sorted keys and no spaces, ASCII only."""
    plain = json.dumps(content, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _check_folder(folder: Path) -> None:
    if not os.path.lexists(folder / RECORD):
        raise BundleError(f"{folder} is not a bundle: it has no {RECORD}. Make one with 'lentigo export'.")


def _check_names(folder: Path, listed: set[str]) -> None:
    unknown = sorted(listed - set(KNOWN_FILES))
    if unknown:
        shown = name_offenders(repr(name) for name in unknown)
        raise BundleError(f"{folder / RECORD} lists files that do not belong to a bundle: {shown}. Export it again.")
    absent = sorted({MODEL, CARD} - listed)
    if absent:
        raise BundleError(f"{folder / RECORD} does not name {name_offenders(absent)}. Export it again.")
    present = {path.name for path in folder.iterdir()} - {RECORD}
    if missing := sorted(listed - present):
        raise BundleError(f"{folder} is incomplete: {name_offenders(missing)} is missing. Copy the whole folder again.")
    if foreign := sorted(present - listed):
        raise BundleError(
            f"{folder} contains files that {RECORD} does not list: "
            f"{name_offenders(repr(name) for name in foreign)}. Remove it."
        )


def read_verified(folder: Path, name: str, size: int, sha256: str) -> bytes:
    """Return the content of a file of a bundle.

    Args:
        folder: of the bundle.
        name: of the file.
        size: in bytes, as bundle.json lists it.
        sha256: as bundle.json lists it.

    Raises:
        BundleError: it is another file than the listed one.
    """
    _refuse_impossible(folder, name, size, sha256)
    content = _read(folder, name, size)
    _refuse_altered(folder, name, len(content) == size and hashlib.sha256(content).hexdigest() == sha256)
    return content


def _verify(folder: Path, name: str, size: int, sha256: str) -> None:
    """Raise unless a file is the listed one; it is hashed piece by piece, which needs no memory for it.

    Raises:
        BundleError: see above.
    """
    _refuse_impossible(folder, name, size, sha256)
    with _opened(folder, name, size) as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        _refuse_altered(folder, name, stream.tell() == size and found == sha256)


def _refuse_impossible(folder: Path, name: str, size: int, sha256: str) -> None:
    if size > KNOWN_FILES[name] or not _SHA256.fullmatch(sha256):
        raise BundleError(f"{folder / RECORD} gives {name} an impossible size or hash. Export it again.")


def _refuse_altered(folder: Path, name: str, is_same: bool) -> None:  # noqa: FBT001 - what the callers have found
    if not is_same:
        raise BundleError(f"{folder / name} was altered since the export. Copy the whole folder again.")


def _read(folder: Path, name: str, limit: int) -> bytes:
    with _opened(folder, name, limit) as stream:
        return stream.read(limit + 1)


@contextlib.contextmanager
def _opened(folder: Path, name: str, limit: int) -> Iterator[BufferedReader]:
    """Yield a plain file of at most `limit` bytes, to be read.

    Raises:
        BundleError: it is a link or no file, is larger, or cannot be read.
    """
    path = folder / name
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if path.is_symlink():
            raise BundleError(f"{path} is a symbolic link; a bundle holds plain files only. Copy it with its content.")
        with open(os.open(path, flags), "rb") as stream:  # noqa: PTH123 - from a descriptor that follows no link
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise BundleError(f"{path} is not a plain file. Restore the bundle, or export it again.")
            if about.st_size > limit:
                raise BundleError(f"{path} has {about.st_size:,} bytes, more than the {limit:,} expected. Restore it.")
            yield stream
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror or error}. Check its permissions.") from error
