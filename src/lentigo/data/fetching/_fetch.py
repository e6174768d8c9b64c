"""A public set, file by file: download, verify, unpack, move into place, write down.

Work goes on in the hidden folder `.fetch` inside the set's own; a file or folder gets its final name when it is whole.
The journal there lists what is in place, so that a fetch that was killed goes on where it stopped.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from lentigo.data.fetching._archive import fetch_archive
from lentigo.data.fetching._catalogue import PublicSet, RemoteFile, find_set
from lentigo.data.fetching._download import Meter, download, no_meter, open_session
from lentigo.data.fetching._fetched import LOCK, SOURCE_JSON, FetchedFile, FetchedSet, read_files, write_record
from lentigo.data.fetching._unpack import unpack
from lentigo.errors import DataError, LentigoError, name_offenders
from lentigo.locks import locked
from lentigo.storage import read_json, write_json

logger = logging.getLogger(__name__)

WORK: Final = ".fetch"
JOURNAL: Final = "journal.json"


def fetch(
    name: str,
    out: str | Path | None = None,
    *,
    mirror: str = "",
    force: bool = False,
    meter: Meter = no_meter,
    pause_s: float = 1.0,
) -> FetchedSet:
    """Return a public set that is now complete on disk, ready for `read_data`.

    A folder that is complete already is left alone, without asking the network. A fetch that was cut or killed goes on
    where it stopped when it is called again.

    Args:
        name: one of `public_sets`.
        out: the folder; `./<name>` by default.
        mirror: take the files from this address instead of the publisher's, each under its plain name; for a set that
            is a collection of the ISIC archive, the address of an interface like the archive's.
        force: fetch again, and replace the files that stand there one by one.
        meter: hears of the progress.
        pause_s: the first pause after a network failure.

    Raises:
        DataError: no such set, a file that is not the published one, or files in the way.
        MissingExtraError: the set is a collection of the ISIC archive, and isic-cli is not installed.
        LentigoError: the network or the disk fails.

    Example:
        >>> from lentigo.data.fetching._fetched import write_record
        >>> about = find_set("isic2016")
        >>> for file in about.files:
        ...     (folder / file.target).touch()
        >>> write_record(folder, about, [FetchedFile(f.name, f.target, 0, "", "") for f in about.files])
        >>> fetch("isic2016", folder).is_new
        False
    """
    about = find_set(name)
    folder = Path(out).expanduser() if out is not None else Path(about.name)
    if about.collection:
        return fetch_archive(
            "", folder, collection=about.collection, about=about, force=force, mirror=mirror, meter=meter
        )
    if (folder / WORK).is_dir():
        with locked(folder / LOCK, doing=f"fetching into {folder}"):
            _recover(folder, about)
    earlier = read_files(folder / SOURCE_JSON)
    if earlier and not force:
        _refuse_other(folder, about)
    work = folder / WORK
    placed = read_files(work / JOURNAL) or ({} if force else earlier)
    missing = [file for file in about.files if not _is_placed(file, folder, placed)]
    if not missing and (folder / SOURCE_JSON).is_file() and not work.exists():
        return FetchedSet(about.name, folder, tuple(placed[file.name] for file in about.files), is_new=False)
    _refuse_strangers(folder, missing, force=force or bool(earlier))
    with locked(folder / LOCK, doing=f"fetching into {folder}"):
        _make(work)
        _check_space(folder, missing)
        bases = [mirror] if mirror else about.bases
        done = _fetch(about, folder, missing, placed, bases, is_mirror=bool(mirror), meter=meter, pause_s=pause_s)
        files = tuple(done[file.name] for file in about.files)
        _warn_unchecked(files)
        write_record(folder, about, files)
        shutil.rmtree(work)
    return FetchedSet(about.name, folder, files, is_new=True)


def _fetch(
    about: PublicSet,
    folder: Path,
    missing: list[RemoteFile],
    placed: dict[str, FetchedFile],
    bases: Sequence[str],
    *,
    is_mirror: bool,
    meter: Meter,
    pause_s: float,
) -> dict[str, FetchedFile]:
    """Return what is in place after the missing files have come, one by one."""
    work, earlier = folder / WORK, read_files(folder / SOURCE_JSON)
    session = open_session()
    for file in missing:
        addresses = file.addresses(bases, is_mirror=is_mirror)
        _tell(about, file, addresses[0])
        whole = work / file.name
        sha256 = download(addresses, whole, checksum=file.checksum, meter=meter, pause_s=pause_s, session=session)
        entry = FetchedFile(file.name, file.target, whole.stat().st_size, sha256, _checked(file))
        _warn_of_change(entry, earlier)
        ready = _unpacked(file, whole, meter)
        placed = {**placed, file.name: entry}
        write_json(work / JOURNAL, {"files": [asdict(each) for each in placed.values()]})
        _replace(ready, folder / file.target, work / f"{file.name}.old")
        whole.unlink(missing_ok=True)
    return placed


def _recover(folder: Path, about: PublicSet) -> None:
    """Put back what a killed call had moved aside and not yet replaced."""
    for file in about.files:
        aside = folder / WORK / f"{file.name}.old"
        if aside.exists() and not (folder / file.target).exists():
            aside.rename(folder / file.target)


def _is_placed(file: RemoteFile, folder: Path, placed: Mapping[str, FetchedFile]) -> bool:
    return file.name in placed and (folder / file.target).exists()


def _refuse_other(folder: Path, about: PublicSet) -> None:
    """Raise where another set lies.

    Raises:
        DataError: it does.
    """
    name = read_json(folder / SOURCE_JSON).get("name")
    if name != about.name:
        raise DataError(
            f"{folder} holds {name} already. Choose another place with --out, or overwrite its files with --force."
        )


def _refuse_strangers(folder: Path, missing: list[RemoteFile], *, force: bool) -> None:
    """Raise where something that this did not put there stands in the way.

    Raises:
        DataError: it does.
    """
    in_the_way = [file.target for file in missing if (folder / file.target).exists()]
    if in_the_way and not force:
        raise DataError(
            f"{folder} has {name_offenders(in_the_way)} already, which lentigo did not write. Choose another "
            "place with --out, or overwrite them with --force."
        )


def _make(work: Path) -> None:
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LentigoError(f"{work.parent} cannot be made: {error.strerror}. Choose another place.") from error


def _check_space(folder: Path, missing: list[RemoteFile]) -> None:
    """Raise where the files alone would not fit: better now than after a night.

    Raises:
        LentigoError: the disk is too small.
    """
    here = sum(path.stat().st_size for path in (folder / WORK).iterdir() if path.is_file())
    needed = sum(file.bytes for file in missing) - here
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise LentigoError(
            f"{folder} has {free / 1e9:.1f} GB left and {needed / 1e9:.1f} GB are needed, more when unpacked. "
            "Free some space, or choose another place with --out."
        )


def _unpacked(file: RemoteFile, whole: Path, meter: Meter) -> Path:
    """Return what is to be moved into place: the file, or the folder it was unpacked into.

    Raises:
        DataError: it is an archive and damaged or not to be trusted; it is removed.
    """
    if not file.is_archive:
        return whole
    ready = whole.with_suffix(".unpacked")
    shutil.rmtree(ready, ignore_errors=True)
    try:
        unpack(whole, ready, skip=file.skip, meter=meter)
    except DataError:
        whole.unlink()  # damaged: the next call downloads it anew
        raise
    return ready


def _replace(ready: Path, target: Path, aside: Path) -> None:
    """Move a file or folder into place; what stood there goes only when the new one has its name."""
    if target.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
        target.rename(aside)
    ready.replace(target)
    shutil.rmtree(aside, ignore_errors=True)


def _checked(file: RemoteFile) -> str:
    return f"{file.checksum.partition(':')[0].upper()} by {file.by}" if file.checksum else ""


def _tell(about: PublicSet, file: RemoteFile, address: str) -> None:
    number = about.files.index(file) + 1
    logger.info("%d of %d: %s (%.1f MB) from %s", number, len(about.files), file.name, file.bytes / 1e6, address)


def _warn_of_change(entry: FetchedFile, earlier: Mapping[str, FetchedFile]) -> None:
    before = earlier.get(entry.name)
    if before is not None and before.sha256 != entry.sha256:
        logger.warning("%s has changed: SHA-256 was %s, is %s", entry.name, before.sha256, entry.sha256)


def _warn_unchecked(files: tuple[FetchedFile, ...]) -> None:
    unchecked = [file.name for file in files if not file.is_verified]
    if unchecked:
        logger.warning(
            "no checksum is published for %s: these files were not verified; their SHA-256 is in %s",
            name_offenders(unchecked),
            SOURCE_JSON,
        )
