"""A ZIP archive into a folder, nothing beside it and no more than it says.

Names, links and sizes are judged before the first byte is written: an archive from the network is not trusted.
"""

import fnmatch
import os
import shutil
import stat
import zipfile
from collections.abc import Sequence
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import Final
from zlib import error as ZlibError

from lentigo.data.fetching._download import Meter, no_meter
from lentigo.errors import DataError, LentigoError, name_offenders
from lentigo.wording import counted

# Photographs hardly compress, tables tenfold; a bomb a thousandfold.
MAX_RATIO: Final = 100
SMALL: Final = 100 << 20
MAX_MEMBERS: Final = 2_000_000
ENCRYPTED: Final = 0x1  # general purpose bit 0 of a member's header
METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
JUNK: Final = ("__MACOSX", ".DS_Store", "Thumbs.db")


def unpack(archive: Path, folder: Path, *, skip: str = "", meter: Meter = no_meter) -> int:
    """Return how many files were unpacked into a new folder.

    Where all members lie in one folder, that folder's content is what is unpacked. What operating systems leave in
    archives (`__MACOSX`, `.DS_Store`) is left out.

    Args:
        archive: a ZIP file.
        folder: the folder to make; it must not exist.
        skip: a pattern of file names to leave out.
        meter: hears of the progress.

    Raises:
        DataError: no archive, a damaged one, one that is encrypted or packed in a way that is not known here, or one
            that would write outside its folder or fill the disk.
        LentigoError: the files cannot be written.

    Example:
        >>> with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        ...     archive.writestr("x/1.txt", "one")
        >>> unpack(folder / "x.zip", folder / "x"), (folder / "x" / "1.txt").read_text()
        (1, 'one')
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened, skip)
            _refuse_unreadable(archive, members)
            _check(archive, members, folder.parent)
            _write(opened, members, folder, meter)
    except NotImplementedError as error:  # a version or a method that the member's own header tells
        raise DataError(f"{archive.name} {_cannot_be_unpacked(str(error))}") from error
    except (zipfile.BadZipFile, ZlibError, LZMAError, EOFError) as error:
        raise DataError(f"{archive.name} is damaged or is not a ZIP archive: {error}. Download it again.") from error
    except OSError as error:
        if error.errno is None:  # bz2's word for damaged data
            raise DataError(f"{archive.name} is damaged: {error}. Download it again.") from error
        raise LentigoError(
            f"{archive.name} cannot be unpacked into {folder}: {error.strerror or error}. Free some space or choose "
            "another place, then run the command again."
        ) from error
    return len(members)


def _members(opened: zipfile.ZipFile, skip: str) -> list[zipfile.ZipInfo]:
    def is_wanted(member: zipfile.ZipInfo) -> bool:
        parts = PurePosixPath(member.filename).parts  # none of "", "." and "./."
        if not parts:
            return True  # to be refused
        is_junk = any(part in JUNK or part.startswith("._") for part in parts)
        return not (member.is_dir() or is_junk or (skip and fnmatch.fnmatch(parts[-1], skip)))

    return [member for member in opened.infolist() if is_wanted(member)]


def _refuse_unreadable(archive: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Raise where members are whole and still cannot be read here.

    Raises:
        DataError: they are encrypted, or compressed by a method that Python's library does not know.
    """
    encrypted = [member.filename for member in members if member.flag_bits & ENCRYPTED]
    if encrypted:
        raise DataError(
            f"{archive.name} is encrypted: {name_offenders(encrypted)}. lentigo takes no passwords. Unpack it with a "
            "program that does, such as 7-Zip, and give the folder."
        )
    unknown = [member for member in members if member.compress_type not in METHODS]
    if unknown:
        numbers = ", ".join(str(number) for number in sorted({member.compress_type for member in unknown}))
        names = name_offenders([member.filename for member in unknown])
        raise DataError(
            f"{archive.name} {_cannot_be_unpacked(f'compression method {numbers} is not supported')} Its files: {names}"
        )


def _cannot_be_unpacked(why: str) -> str:
    return f"cannot be unpacked here: {why}. Unpack it with another program, such as 7-Zip, and give the folder."


def _check(archive: Path, members: Sequence[zipfile.ZipInfo], place: Path) -> None:
    """Raise unless an archive keeps to its folder and to a size that its own explains.

    Raises:
        DataError: it does not.
    """
    remedy = "Nothing of it was unpacked. Do not trust this file."
    outside = [member.filename for member in members if not _is_inside(member.filename)]
    if outside:
        raise DataError(f"{archive.name} has members outside its folder: {name_offenders(outside)}. {remedy}")
    odd = [member.filename for member in members if not _is_file(member)]
    if odd:
        raise DataError(f"{archive.name} has members that are not plain files: {name_offenders(odd)}. {remedy}")
    n_bytes = sum(member.file_size for member in members)
    n_packed = archive.stat().st_size
    if len(members) > MAX_MEMBERS or n_bytes > max(SMALL, MAX_RATIO * n_packed):
        raise DataError(
            f"{archive.name} would grow from {n_packed:,} to {n_bytes:,} "
            f"bytes in {counted(len(members), 'file')}. {remedy}"
        )
    n_free = shutil.disk_usage(place).free
    if n_bytes > n_free:
        raise DataError(
            f"{archive.name} needs {n_bytes / 1e9:.1f} GB and {place} has {n_free / 1e9:.1f} GB left. Free some space "
            "or choose another place, then run the command again."
        )


def _write(opened: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], folder: Path, meter: Meter) -> None:
    tops = {PurePosixPath(member.filename).parts[0] for member in members}
    is_wrapped = len(tops) == 1 and all(len(PurePosixPath(member.filename).parts) > 1 for member in members)
    n_bytes, done = sum(member.file_size for member in members), 0
    folder.mkdir(parents=True)  # fails where a folder stands in the way, which is then left as it is
    try:
        for member in members:
            parts = PurePosixPath(member.filename).parts[1 if is_wrapped else 0 :]
            place = folder.joinpath(*parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(member) as source, place.open("xb") as stream:
                shutil.copyfileobj(source, stream, 1 << 20)
            done += member.file_size
            meter(f"unpacking {folder.name}", done, n_bytes)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if hasattr(os, "sync"):
        os.sync()  # once for all: a call for each of 400,000 files takes an hour on a hard disk


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not (
        name.startswith("/") or "\\" in name or ".." in parts or ":" in parts[0] or "\0" in name
    )


def _is_file(member: zipfile.ZipInfo) -> bool:
    mode = member.external_attr >> 16
    return stat.S_IFMT(mode) in {0, stat.S_IFREG}
