"""Images to be asked about: files, folders and tables, without any need for labels."""

import os
from collections.abc import Sequence
from pathlib import Path

from lentigo.errors import DataError, name_offenders
from lentigo.images._columns import has_images, image_columns
from lentigo.images._walking import IMAGE_SUFFIXES, images_by_id, report_others, strip_suffix, walk_images
from lentigo.table_files import TABLE_SUFFIXES


def find_images(inputs: str | Path | Sequence[str | Path]) -> tuple[list[str], list[Path]]:
    """Return a name and a path for each image among the inputs, in order.

    A file keeps the name it was given; an image below a folder is named by its path from that folder; a row of a table
    by its `image_id`, else its `path`; a line of a list by itself. Files that a table or a list names and that do not
    exist are returned all the same, so that they get an error row. Files below a folder that are not images are counted
    and named in a warning.

    Args:
        inputs: one or several: image files, folders (searched recursively), tables, and lists: .txt files without a
            header, one path per line. Relative paths start at the folder of the table or list.

    Raises:
        DataError: an input does not exist, or a table names no images.

    Example:
        >>> names, paths = find_images([photo])
        >>> paths == [photo]
        True
    """
    names: list[str] = []
    paths: list[Path] = []
    for given in [inputs] if isinstance(inputs, str | Path) else inputs:  # a text is not a list of letters
        path = Path(given)
        if not path.exists():
            raise DataError(
                f"{given} does not exist. Give image files, a folder of them, or a table with a path column."
            )
        if path.is_dir():
            found = walk_images(path)
            report_others(path, found.others)
            names += [str(image.relative_to(path)) for image in found.images]
            paths += found.images
        elif path.suffix.lower() in TABLE_SUFFIXES:
            from_table = _table_images(path)
            names += from_table[0]
            paths += from_table[1]
        else:
            names.append(str(given))
            paths.append(path)
    if len(set(names)) < len(names):  # the same name below two folders
        names = [str(path) for path in paths]
    return names, paths


def _table_images(source: Path) -> tuple[list[str], list[Path]]:
    from lentigo.images._embedded import extract_images, has_image_bytes, ids_of
    from lentigo.table_files import as_plain_texts, read_columns, read_header

    if source.suffix.lower() == ".txt" and not has_images(header := read_header(source)):
        files = [line for line in source.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        # os.path, because Path.is_file raises where a line is too long for a name
        if _is_a_file(header) or os.path.isfile(source.parent / files[0]):  # noqa: PTH113
            return files, _placed(files, source)
        if len(files) == 1:
            raise DataError(
                f"{source}: its only line is '{files[0]}', and {source.parent / files[0]} does not exist. "
                "Correct the path; a list has no header and one path per line."
            )
    if has_image_bytes(source):
        rows = [
            (file, name) for files, names, _ in extract_images(source) for file, name in zip(files, names, strict=True)
        ]
        return ids_of([name for _, name in rows], source), [file for file, _ in rows]
    table = read_columns(source)
    named = image_columns(table, str(source))
    values = {field: as_plain_texts(table[name]) for field, name in named.items()}
    if "path" in values:
        files = [value or "" for value in values["path"]]
        ids = values.get("image_id", files)
        return [str(name) for name in ids], _placed([file.replace("\\", "/") for file in files], source)
    ids = [str(name) for name in values["image_id"]]
    return ids, _looked_up(ids, source)


def _looked_up(ids: Sequence[str], source: Path) -> list[Path]:
    """Return the file of each id below the table's folder; where there is none, the one that would be.

    Raises:
        DataError: an id has several files, or leads out of the folder.
    """
    import filecmp

    folder = source.absolute().parent
    found = images_by_id(folder)
    files = [found.get(strip_suffix(name), [place]) for name, place in zip(ids, _placed(ids, source), strict=True)]
    for name, places in zip(ids, files, strict=True):
        if not all(filecmp.cmp(places[0], place, shallow=False) for place in places[1:]):
            listed = name_offenders(place.relative_to(folder) for place in places)
            raise DataError(f"{source}: {name} is at {listed}. Remove one, or add a column path.")
    return [places[0] for places in files]


def _is_a_file(line: Sequence[str]) -> bool:
    """Return whether a line, split at separators, looks like the path of an image."""
    return line[-1].lower().endswith(IMAGE_SUFFIXES) or any("/" in part for part in line)


def _placed(files: Sequence[str], source: Path) -> list[Path]:
    """Return the paths that a table or a list names.

    Raises:
        DataError: one of them leads up and out of the folder.
    """
    outside = [file for file in files if ".." in file and not Path(file).is_absolute() and ".." in Path(file).parts]
    if outside:
        raise DataError(
            f"{source}: paths lead outside the table's folder: {name_offenders(outside)}. "
            "Write absolute paths for another place."
        )
    folder = source.absolute().parent
    return [folder / file for file in files]
