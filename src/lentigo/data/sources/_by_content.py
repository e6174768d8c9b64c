"""Which columns hold the images and the diagnoses of a table whose column names are not known: told by their values.

A name always decides where there is one. A value decides only where a single column can be meant, and the log says so.
"""

import dataclasses
import logging
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import pandas as pd

from lentigo.data.manifest import Column, as_text
from lentigo.data.sources._aliases import HIERARCHY, LABELS, ONE_HOT, ONE_HOT_2017, assign_fields
from lentigo.data.sources._choices import Choices
from lentigo.data.sources._pathology import pathology_before, speaks_of_clinic, speaks_of_pathology
from lentigo.errors import DataError, clip, name_offenders
from lentigo.images import images_by_id, strip_suffix
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

logger = logging.getLogger(__name__)

# Nearly all rows: a few files may be missing, which is then named as such; a row number that happens to be a file name
# of some images is not a column of images.
_SHARE_FOUND: Final = 0.9
# A third, in two meanings: half of the rows of an export may be unusual spellings, or not diagnosed.
_SHARE_KNOWN: Final = 1 / 3
_MOST_VALUES: Final = 200  # more than any list of diagnoses; free text is not read as one


def completed(raw: pd.DataFrame, path: Path, root: Path, choices: Choices, taxonomy: Taxonomy) -> Choices:
    """Return the choices with columns for images and diagnoses, found by their values where no name says them.

    Args:
        raw: the table, under its own names.
        path: of the table, for messages; its relative paths start there.
        root: images are looked for anywhere below this folder.
        choices: what the user says about columns.
        taxonomy: the meaning of diagnoses.

    Raises:
        DataError: several columns hold images or diagnoses, and nothing says which is meant.
    """
    columns = [str(name) for name in raw.columns]
    fields = assign_fields(columns, choices)
    taken = {name for names in fields.values() for name in names}
    free = [name for name in columns if name not in taken and not choices.is_ignored(name)]
    found: dict[str, str] = {}
    if not {"image_id", "path"} & set(fields) and choices.needs_images:
        found |= _images(raw, free, path, root)
    if not _says_labels(columns, fields, taxonomy) and not any(choices.is_closed(name) for name in LABELS):
        found |= _labels(raw, [name for name in free if name not in found.values()], path, taxonomy)
    better = dataclasses.replace(choices, columns={**choices.columns, **found})
    if not choices.is_closed("diagnosis"):
        better = with_pathology(raw, path, better, taxonomy)
    for field, name in found.items():
        if better.columns[field] != name:  # said where it was found
            continue
        what = "diagnoses" if field in LABELS else "images of this folder"
        logger.warning(
            "%s: '%s' is read as %s, because its values are %s; another column: --set 'data.columns.%s=COLUMN'",
            path, clip(name), field, what, field,
        )  # fmt: skip
    return better


def with_pathology(raw: pd.DataFrame, path: Path, choices: Choices, taxonomy: Taxonomy) -> Choices:
    """Return the choices with a column of pathology as diagnosis where a clinical diagnosis would be read.

    Args:
        raw: the table, under its own names.
        path: of the table, for messages.
        choices: which column is which, by the user or by values.
        taxonomy: the meaning of diagnoses.

    Raises:
        DataError: several columns may be the pathology.
    """
    fields = assign_fields([str(name) for name in raw.columns], choices)
    chosen = fields.get("diagnosis", [""])[0]
    if not chosen:
        return choices
    taken = {name for field, names in fields.items() if field != "diagnosis" for name in names}
    others = [name for name in map(str, raw.columns) if name not in {chosen, *taken} and not choices.is_ignored(name)]
    found = pathology_before(raw, chosen, others, path, taxonomy)
    return choices if found is None else dataclasses.replace(choices, columns={**choices.columns, "diagnosis": found})


def _images(raw: pd.DataFrame, free: Sequence[str], path: Path, root: Path) -> dict[str, str]:
    """Return the only column whose values are image files, under `path` or `image_id`.

    Raises:
        DataError: there are several.
    """
    names = {name.casefold() for name in images_by_id(root)} if free else set()
    if not names:
        return {}
    folder = path.absolute().parent
    found: dict[str, str] = {}
    for column in free:
        if pd.api.types.is_float_dtype(raw[column]):  # of embeddings there are hundreds
            continue
        texts = as_text(raw[column]).dropna()
        if len(texts) < 2 or texts.nunique() < _SHARE_FOUND * len(texts):
            continue
        if not _is_mostly([_stem(text) in names for text in texts]):
            continue
        is_file = _is_mostly([os.path.isfile(os.path.join(folder, text.replace("\\", "/"))) for text in texts])  # noqa: PTH113, PTH118
        found[column] = "path" if is_file else "image_id"
    if len(found) > 1:
        first, field = next(iter(found.items()))
        raise DataError(
            f"{path} has no column with a known name of images, and the values of several are images below {root}: "
            f"{name_offenders(map(repr, found))}. Choose one: --set 'data.columns.{field}={first}'. Two photographs "
            "of one lesion are two rows with one lesion_id."
        )
    return {field: column for column, field in found.items()}


def _stem(text: str) -> str:
    return strip_suffix(PurePosixPath(text.replace("\\", "/")).name).casefold()


def _is_mostly(hits: Sequence[bool]) -> bool:
    return sum(hits) >= _SHARE_FOUND * len(hits)


def _says_labels(columns: Sequence[str], fields: dict[str, list[str]], taxonomy: Taxonomy) -> bool:
    """Return whether a name says what the images show: a column of labels, or one-hot columns called by classes."""
    plain = {name.strip().lower() for name in columns} | {name.strip() for name in columns}
    is_named = bool({*LABELS} & set(fields) or plain & {*HIERARCHY, *ONE_HOT, *ONE_HOT_2017})
    return is_named or sum(taxonomy.has_name(name) for name in columns) > 1


def _labels(raw: pd.DataFrame, free: Sequence[str], path: Path, taxonomy: Taxonomy) -> dict[str, str]:
    texts = [name for name in free if not pd.api.types.is_numeric_dtype(raw[name])]
    found = [name for name in texts if _holds_diagnoses(as_text(raw[name]).dropna(), taxonomy)]
    guesses = [name for name in found if speaks_of_clinic(name)]
    proofs = [name for name in found if speaks_of_pathology(name)]
    if guesses and proofs and len(guesses) + len(proofs) == len(found):
        found = guesses[:1]  # `pathology_before` weighs the others against it
    if len(found) > 1:
        raise DataError(
            f"{path} has no column with a known name of diagnoses, and the values of several are diagnoses: "
            f"{name_offenders(map(repr, found))}. Choose one: --set 'data.columns.diagnosis={found[0]}'."
        )
    return {"diagnosis": found[0]} if found else {}


def _holds_diagnoses(texts: Column, taxonomy: Taxonomy) -> bool:
    counts = texts.value_counts()
    if not 1 < len(counts) <= _MOST_VALUES:
        return False
    meanings = {text: _meaning(str(text), taxonomy) for text in counts.index}
    n_known = sum(int(counts[text]) for text, code in meanings.items() if code is not None)
    n_meanings = len({code for code in meanings.values() if code not in {None, "UNK"}})
    is_side_only = {code for code in meanings.values() if code is not None} <= {BENIGN, MALIGNANT}
    return n_meanings > 1 and n_known >= _SHARE_KNOWN * len(texts) and not (is_side_only and None in meanings.values())


def _meaning(text: str, taxonomy: Taxonomy) -> str | None:
    try:
        return taxonomy.target(text)
    except DataError:
        return None
