"""Whether a table keeps the column contract, with every problem named."""

from typing import Final

import pandas as pd

from lentigo.data.manifest._columns import SPLITS, Column, as_text
from lentigo.data.manifest._places import is_relative
from lentigo.data.manifest._problems import Problems
from lentigo.errors import suggest
from lentigo.taxonomy import BENIGN, CODES, MALIGNANT

SIDES: Final = (BENIGN, MALIGNANT)
MAX_AGE: Final = 120


def check_table(table: pd.DataFrame, origin: str) -> None:
    """Raise unless a tidy table keeps the column contract; row labels name the lines.

    Raises:
        ManifestError: it does not; every problem is named.
    """
    problems = Problems(origin)
    if len(table) == 0:
        problems.note(f"{origin} has no rows. Give at least one image.")
    note_problems(table, problems)
    path = table["path"]
    problems.add(path.isna(), "no path", remedy="Fill it in, or remove the row.")
    problems.add(
        pd.Series(is_relative(path), index=path.index),
        "path is not absolute",
        values=path,
        remedy="Put the folder in front.",
    )
    problems.add(table["target"].isna(), "no target", remedy="Fill it in, or remove the row.")
    _note_targets(table["target"], problems)
    problems.raise_any()


def note_problems(table: pd.DataFrame, problems: Problems) -> None:
    """Note what is wrong with ids, splits and ages: all that can be judged before files and targets are known."""
    ids = table["image_id"]
    problems.add(ids.isna(), "no image_id", remedy="Fill it in, or remove the row.")
    is_duplicate = ids.duplicated(keep=False) & ids.notna()
    problems.add(is_duplicate, "duplicate image_id", values=ids, remedy="Every image needs an id of its own.")
    _note_split(table["split"], problems)
    if "age" in table:
        _note_age(table["age"], problems)


def _note_targets(target: Column, problems: Problems) -> None:
    known = (*SIDES, *CODES)
    is_unknown = target.notna() & ~target.isin(known)
    problems.add(is_unknown, "unknown target", values=target, remedy=f"Known targets: {', '.join(known)}.")
    is_side = target.isin(SIDES)
    if is_side.any() and (target.isin(CODES)).any():
        problems.add(is_side, "benign/malignant among diagnosis codes", remedy="Use one kind of target for all rows.")


def _note_split(split: Column, problems: Problems) -> None:
    is_unknown = split.notna() & ~split.isin(SPLITS)
    for name in dict.fromkeys(split[is_unknown].tolist()):
        remedy = f"Known splits: {', '.join(SPLITS)}."
        problems.add(
            split == name, f"unknown split '{name}'", remedy=f"{suggest(str(name), SPLITS).strip()} {remedy}".strip()
        )
    if split.notna().any():
        problems.add(split.isna(), "no split", remedy="Give every image a split, or none of them.")


def _note_age(age: Column, problems: Problems) -> None:
    years = pd.to_numeric(age, errors="coerce")
    is_wrong = age.notna() & ~years.between(0, MAX_AGE)
    problems.add(
        is_wrong,
        f"age is not a number of years from 0 to {MAX_AGE}",
        values=as_text(age),
        remedy="Correct or empty it.",
    )
