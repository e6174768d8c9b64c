"""Which tables of a folder describe images and say what they show, and for each other one, why it does not."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.sources._aliases import field_of, has_images, has_labels
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.data.sources.layouts import _roboflow as roboflow
from lentigo.data.sources.layouts._forms import is_published
from lentigo.errors import LentigoError, name_offenders
from lentigo.images import list_folder
from lentigo.table_files import TABLE_SUFFIXES, open_text, read_header, separator_of

TEXTS: Final = (".txt",)  # readme files, lists, class names
UNREADABLE: Final = (".xls", ".ods", ".numbers", ".sav", ".rds", ".db", ".sqlite")
FIRST_ROWS: Final = 20
DEPTH: Final = 2


@dataclass(frozen=True, slots=True)
class CandidateTables:
    """The tables of one folder.

    Args:
        usable: that name images and labels; of several with one name (`a.csv`, `a.xlsx`) the first kind.
        unlabelled: that name images and say nothing about what they show.
        others: why each other table is not used.
    """

    usable: list[Path] = field(default_factory=list)
    unlabelled: list[Path] = field(default_factory=list)
    others: dict[Path, str] = field(default_factory=dict)


def candidates_in(folder: Path, choices: Choices = NOBODY) -> CandidateTables:
    r"""Return what the tables directly in a folder are good for; only their first lines are read.

    Example:
        >>> _ = (folder / "a.csv").write_text("image_id,dx\nx,nv\n")
        >>> _ = (folder / "sample_submission.csv").write_text("image_id,target\nx,0.5\n")
        >>> found = candidates_in(folder)
        >>> [path.name for path in found.usable], list(found.others.values())
        (['a.csv'], ['holds scores and no classes (0.5)'])
    """
    found = CandidateTables()
    stems: dict[str, Path] = {}
    tables = [path for path in list_folder(folder) if path.is_file() and is_table(path)]
    for path in sorted(tables, key=lambda path: TABLE_SUFFIXES.index(path.suffix.lower())):
        try:
            columns = read_header(path)
        except LentigoError as error:
            found.others[path] = f"cannot be read: {error}"
            continue
        if is_published(columns) or path.name == roboflow.TABLE:
            names, labels, why = True, True, ""
        else:
            names, labels, why = (
                has_images(columns, choices),
                has_labels(columns, choices),
                _holds_scores(path, columns),
            )
        if path.stem in stems:
            found.others[path] = f"has the name of {stems[path.stem].name}, which is used"
        elif why and names:
            found.others[path] = why
        elif not names:
            found.others[path] = f"no column names images; its columns: {name_offenders(map(repr, columns), limit=8)}"
        elif not labels:
            found.unlabelled.append(path)
        else:
            found.usable.append(path)
            stems[path.stem] = path
    return CandidateTables(sorted(found.usable), sorted(found.unlabelled), found.others)


def is_table(path: Path) -> bool:
    """Return whether a file's name is one of a table: not of a text, which may be anything."""
    return path.suffix.lower() in TABLE_SUFFIXES and path.suffix.lower() not in TEXTS


def tables_seen(folder: Path) -> str:
    r"""Return a line for each table in a folder and two folders deep, with why it was not used; empty without any.

    Example:
        >>> _ = (folder / "list.csv").write_text("number,finding\n1,mole\n")
        >>> print(tables_seen(folder).splitlines()[0])
        Tables that were found and not used:
    """
    lines = []
    for place in folders_to(folder):
        found = candidates_in(place)
        reasons = dict(found.others)
        reasons |= dict.fromkeys(found.unlabelled, "names images but has no column of diagnoses or labels")
        reasons |= dict.fromkeys(found.usable, "describes images; give it instead of the folder")
        reasons |= {
            path: f"{path.suffix} files are not read; save it as CSV or .xlsx"
            for path in list_folder(place)
            if path.suffix.lower() in UNREADABLE
        }
        lines += [f"- {path.relative_to(folder)}: {reason}" for path, reason in sorted(reasons.items())]
    if not lines:
        return ""
    more = [f"- and {len(lines) - 10} more"] if len(lines) > 10 else []
    remedy = (
        "If one of them describes the images, name its columns, such as "
        "--set data.columns.image_id=COLUMN --set data.columns.diagnosis=COLUMN."
    )
    return "\n".join(["Tables that were found and not used:", *lines[:10], *more, remedy])


def folders_to(folder: Path, depth: int = DEPTH) -> list[Path]:
    """Return a folder and those in it, so many folders deep."""
    inner = [path for path in list_folder(folder) if path.is_dir()] if depth else []
    return [folder, *(place for path in inner for place in folders_to(path, depth - 1))]


def _holds_scores(path: Path, columns: tuple[str, ...]) -> str:
    """Return why a table is one of predictions, "" when it is not: its target is a number that is not a class."""
    place = next((place for place, name in enumerate(columns) if field_of(name) == "target"), None)
    if place is None or path.suffix.lower() not in {".csv", ".tsv", ".tab"}:
        return ""
    with open_text(path) as stream:
        separator = separator_of(stream.readline())
        rows = [line.rstrip("\r\n").split(separator) for line in itertools.islice(stream, FIRST_ROWS)]
    values = pd.to_numeric(pd.Series([row[place] for row in rows if len(row) == len(columns)]), errors="coerce")
    is_score = values.notna() & ~values.isin([0, 1])
    return (
        f"holds scores and no classes ({values[is_score].iloc[0]:g})" if is_score.any() and values.notna().all() else ""
    )
