"""Which files lie below a folder: one walk, by content where the name says nothing, and every file accounted for."""

import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lentigo.errors import DataError, name_offenders

logger = logging.getLogger(__name__)

DICOM_SUFFIXES: Final = (".dcm", ".dicom", ".dic", ".ima")  # lentigo.images.dicom's, which is not imported for them
# Names that promise a photograph; whether the content keeps the promise, the decoder says, in the image's own row.
IMAGE_SUFFIXES: Final = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".png", ".apng", ".gif", ".bmp", ".dib", ".tif", ".tiff"),
    *(".webp", ".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".jxl"),
    *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf"),
    *DICOM_SUFFIXES,
)
# How archives name DICOM files without a suffix: by number, as on a CD, or by UID.
BARE: Final = re.compile(r"(IM|IMG|I)?[-_]?\d+|[A-Z]{2,3}[.\d]+|[0-9A-F]{8}|\d+(\.\d+)+")
HIDDEN: Final = (".", "__MACOSX")
UNLISTABLE: Final = "{folder} cannot be listed: {reason}. Check its permissions."


@dataclass(frozen=True, slots=True)
class FolderImages:
    """The image files below a folder, in sorted order, and every other file with the reason why it is none.

    Args:
        images: files whose name or content is that of a photograph, whether or not it can be read.
        others: the other files with a reason, such as "text", "video" or "hidden", in sorted order.
    """

    images: list[Path] = field(default_factory=list)
    others: list[tuple[Path, str]] = field(default_factory=list)


def walk_images(folder: Path) -> FolderImages:
    """Return the files at any depth below a folder, images and others; symbolic links are followed, each folder once.

    A file with the suffix of a photograph is an image. Of any other file the first bytes decide. Hidden files, links
    that lead nowhere and names that no CSV can hold are others; a hidden folder is one other, whatever is in it.

    Raises:
        DataError: a folder cannot be listed.
    """
    images: list[str] = []
    others: list[tuple[str, str]] = []
    for entry, reason in _walk(str(folder), set()):
        why = reason or _why_no_image(entry)
        if not why and not _is_unicode(entry):
            why = "its name is not Unicode"
        if why:
            others.append((entry, why))
        else:
            images.append(entry)
    return FolderImages([Path(image) for image in sorted(images)], [(Path(path), why) for path, why in sorted(others)])


def report_others(origin: Path | str, others: Sequence[tuple[Path, str]]) -> None:
    """Log how many files are not used, by reason and with the first names; it is a warning unless all are hidden.

    Example:
        >>> report_others("data", [(Path("data/notes.txt"), "text"), (Path("data/b.txt"), "text")])
    """
    if not others:
        return
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for path, reason in others:
        by_reason[reason].append(ascii(path.name) if not _is_unicode(path.name) else path.name)
    listed = "; ".join(f"{len(names)} {reason} ({name_offenders(names)})" for reason, names in by_reason.items())
    sentence = f"{origin}: {len(others)} file{'s' * (len(others) > 1)} not used: {listed}"
    logger.log(logging.INFO if set(by_reason) == {"hidden"} else logging.WARNING, "%s", sentence)


def loose_files(folder: Path) -> list[tuple[Path, str]]:
    """Return the files that lie in a folder of class folders itself, with the reason why none of them is used.

    Raises:
        DataError: the folder cannot be listed.

    Example:
        >>> (folder / "stray.jpg").touch()
        >>> [(path.name, reason) for path, reason in loose_files(folder)]
        [('stray.jpg', 'outside any class folder')]
    """
    outside = "outside any class folder"
    return [(path, _why_no_image(str(path)) or outside) for path in list_folder(folder) if path.is_file()]


def images_by_id(folder: Path) -> dict[str, list[Path]]:
    """Return the image files at any depth below a folder by their names without a suffix; one name may be there twice.

    Example:
        >>> [len(paths) for paths in images_by_id(photo.parent).values()][:3]
        [1, 1, 1]
    """
    found: dict[str, list[Path]] = {}
    for image in walk_images(folder).images:
        found.setdefault(strip_suffix(image.name), []).append(image)
    return found


def list_folder(folder: Path) -> list[Path]:
    """Return what stands in a folder, hidden things left out, sorted by name.

    Raises:
        DataError: the folder cannot be listed.
    """
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(HIDDEN))
    except OSError as error:
        raise DataError(UNLISTABLE.format(folder=folder, reason=error.strerror)) from error


def strip_suffix(name: str) -> str:
    """Return a file name or an image id without its image suffix; any other suffix belongs to the name."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - ten times faster than Path on ten thousand names
    return stem if suffix.lower() in IMAGE_SUFFIXES else name


def is_dicom_name(name: str) -> bool:
    """Return whether a file's name is one that DICOM files have: by its suffix, or as on a CD.

    Example:
        >>> is_dicom_name("a.dcm"), is_dicom_name("IM000001"), is_dicom_name("a.jpg")
        (True, True, False)
    """
    lowered = name.lower()
    return lowered.endswith(DICOM_SUFFIXES) or (not lowered.endswith(IMAGE_SUFFIXES) and bool(BARE.fullmatch(name)))


def is_dicom(path: Path | str) -> bool:
    """Return whether an image file is DICOM: by its suffix, or else by its first bytes where it has none of an image.

    Example:
        >>> is_dicom(photo), is_dicom("nowhere/a.dcm"), is_dicom("nowhere/IM000001")
        (False, True, False)
    """
    lowered = str(path).lower()
    if lowered.endswith(IMAGE_SUFFIXES):
        return lowered.endswith(DICOM_SUFFIXES)
    return _kind(str(path)) == "DICOM"


def _why_no_image(path: str) -> str:
    """Return why a file is not an image: what it is instead; empty for an image."""
    from lentigo.images._kinds import PHOTOGRAPHS

    if path.lower().endswith(IMAGE_SUFFIXES):
        return ""
    kind = _kind(path)
    if kind in PHOTOGRAPHS:
        return ""
    return kind or "of an unknown kind"


def _kind(path: str) -> str | None:
    """Return the kind of a file, in words of its own where it is empty or cannot be opened."""
    from lentigo.images._kinds import kind_of

    try:
        return kind_of(path) if os.path.getsize(path) else "empty"  # noqa: PTH202
    except OSError as error:
        return f"not readable ({error.strerror})"


def _walk(folder: str, seen: set[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    # Yields (path, why it cannot be an image or nothing) for all that is not a folder.
    try:
        status = os.stat(folder)  # noqa: PTH116
        identity = (status.st_dev, status.st_ino)
        if identity in seen:  # a link that leads back up
            return
        seen.add(identity)
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError as error:
        raise DataError(UNLISTABLE.format(folder=folder, reason=error.strerror)) from error
    for entry in listed:
        if entry.name.startswith(HIDDEN):
            yield entry.path, "hidden"
        elif entry.is_dir():
            yield from _walk(entry.path, seen)
        elif entry.is_file():
            yield entry.path, ""
        else:
            yield entry.path, "link that leads nowhere" if entry.is_symlink() else "not a regular file"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
