"""From the ids of a table to image files: by name, and where a name differs, by the rules that say so."""

import filecmp
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from lentigo.data.manifest import Column, Problems
from lentigo.data.sources.layouts import find_hdf5, images_in_hdf5
from lentigo.errors import name_offenders
from lentigo.images import IMAGE_SUFFIXES, images_by_id, is_dicom_name, strip_suffix
from lentigo.wording import counted

logger = logging.getLogger(__name__)

Files = Mapping[str, Sequence[Path]]

# Zeros that a spreadsheet takes off a number: "000123" is read as 123.
LEADING_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")


def look_up(ids: Column, folder: Path, problems: Problems) -> Column:
    """Return the file of each id as text: the image below `folder` that is named <image_id>.jpg, .png, ...

    Ids may hold folders (`images/a.jpg`). Ids without a file are looked for without regard to case, then to leading
    zeros, where that is unambiguous, and then in HDF5 files; how many were found so is logged. Of files with one name,
    those with equal bytes are one picture, and a DICOM file gives way to another format.

    Args:
        ids: of the images, labelled as the table's rows.
        folder: searched to the bottom.
        problems: where ids without a file, or with several pictures, are noted.
    """
    found = images_by_id(folder)
    wanted = ids.map(strip_suffix, na_action="ignore")
    files: dict[str, list[Path]] = {name: found[name] for name in dict.fromkeys(wanted.dropna()) if name in found}
    missing = [name for name in dict.fromkeys(wanted.dropna()) if name not in files]
    for rule in (_below, _by_case, _by_zeros):
        if missing:  # a file that another id names is not guessed at
            files |= rule(missing, {name: paths for name, paths in found.items() if name not in files})
            missing = [name for name in missing if name not in files]
    if missing and (containers := find_hdf5(folder)):
        files |= {name: [path] for name, path in images_in_hdf5(containers, missing).items()}
    chosen, torn = _one_each(files, folder)
    _note(ids, wanted, files, torn, folder, problems)
    return wanted.map(lambda name: str(chosen[name]) if name in chosen else None, na_action="ignore").astype(object)


def plain_ids(ids: Column) -> Column:
    """Return ids without image suffixes, and without folders where they stay different without them."""
    names = ids.map(strip_suffix, na_action="ignore")
    if not names.str.contains(r"[/\\]", na=False).any():
        return names
    last = names.map(lambda text: re.split(r"[/\\]", text)[-1], na_action="ignore")
    if not last.dropna().duplicated().any():
        return last
    return names.map(lambda text: re.sub(r"[/\\]+", "-", text.strip("/\\")), na_action="ignore")


def _below(names: Sequence[str], found: Files) -> dict[str, list[Path]]:
    """Return the files of names with folders in them: those that end so, else the only one of that last name."""
    split = {name: [part for part in re.split(r"[/\\\\]+", name.casefold()) if part not in {"", "."}] for name in names}
    split = {name: parts for name, parts in split.items() if len(parts) > 1}
    if not split:
        return {}
    by_last = _gathered(str.casefold, found)
    files = {}
    for name, (*folders, last) in split.items():
        candidates = [path for same in by_last.get(last, ()) for path in found[same]]
        exact = [
            path for path in candidates if [part.casefold() for part in path.parts[-len(folders) - 1 : -1]] == folders
        ]
        if exact or len(candidates) == 1:
            files[name] = exact or candidates
    return files


def _by_case(names: Sequence[str], found: Files) -> dict[str, list[Path]]:
    return _by(str.casefold, "by case", names, found)


def _by_zeros(names: Sequence[str], found: Files) -> dict[str, list[Path]]:
    return _by(lambda text: LEADING_ZEROS.sub("", text.casefold()), "by leading zeros", names, found)


def _by(key: Callable[[str], str], how: str, names: Sequence[str], found: Files) -> dict[str, list[Path]]:
    """Return the files of the names that equal one file name, and no other wanted name, under a key."""
    named, wanted = _gathered(key, found), _gathered(key, names)
    pairs = {of[0]: named[same][0] for same, of in wanted.items() if len(of) == 1 and len(named.get(same, ())) == 1}
    if pairs:
        first = next(iter(pairs))
        logger.warning(
            "%s from their file names %s but matched, such as %s: %s",
            counted(len(pairs), "id differs", "ids differ"),
            how,
            first,
            found[pairs[first]][0].name,
        )
    return {name: list(found[other]) for name, other in pairs.items()}


def _gathered(key: Callable[[str], str], names: Iterable[str]) -> dict[str, list[str]]:
    gathered = defaultdict(list)
    for name in names:
        gathered[key(name)].append(name)
    return gathered


def _one_each(files: Files, folder: Path) -> tuple[dict[str, Path], dict[str, Sequence[Path]]]:
    """Return the file of each name, and those of names that stand for different pictures."""
    chosen: dict[str, Path] = {}
    torn: dict[str, Sequence[Path]] = {}
    n_equal = n_dicom = 0
    for name, paths in files.items():
        if len(paths) == 1:
            chosen[name] = paths[0]
            continue
        plain = [path for path in paths if not is_dicom_name(path.name)] or list(paths)
        n_dicom += len(plain) < len(paths)
        if not all(filecmp.cmp(plain[0], path, shallow=False) for path in plain[1:]):
            torn[name] = plain
            continue
        n_equal += len(plain) > 1
        chosen[name] = plain[0]
    if n_equal:
        logger.warning(
            "%s: %s there more than once, byte for byte the same; one of each is used",
            folder,
            counted(n_equal, "image is", "images are"),
        )
    if n_dicom:
        logger.warning(
            "%s: %s there as DICOM too; the other format is used", folder, counted(n_dicom, "image is", "images are")
        )
    return chosen, torn


def _note(ids: Column, wanted: Column, files: Files, torn: Files, folder: Path, problems: Problems) -> None:
    is_missing = wanted.notna() & ~wanted.isin(list(files))
    shown = ", ".join(IMAGE_SUFFIXES[:3])
    remedy = (
        f"An image is searched for below {folder} as its image_id with a suffix of photographs ({shown}, ...). Move "
        "the images there, or add a column 'path'."
    )
    problems.add(
        is_missing, f"{counted(int(is_missing.sum()), 'image is', 'images are')} not found", values=ids, remedy=remedy
    )
    if torn:
        name, paths = next(iter(torn.items()))
        example = name_offenders(path.relative_to(folder) for path in paths)
        remedy = f"{name} is at {example}, which differ. Remove one, or add a column 'path'."
        problems.add(wanted.isin(list(torn)), "different images with the same name", values=ids, remedy=remedy)
