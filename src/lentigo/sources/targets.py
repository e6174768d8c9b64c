"""From diagnoses and benign/malignant labels to the target of a task."""

from typing import Literal

import pandas as pd

from lentigo.errors import DataError, name_offenders
from lentigo.manifest.checks import SIDES
from lentigo.manifest.columns import Column, either
from lentigo.manifest.problems import Problems
from lentigo.taxonomy import CODES, Taxonomy

__all__ = ["Task", "add_target"]

Task = Literal["auto", "binary", "diagnosis"]

# The archive's own column takes no account of the stated side of AK and AKIEC, so it is not held against them.
SWITCHED = ("AK", "AKIEC")


def add_target(table: pd.DataFrame, origin: str, *, taxonomy: Taxonomy, task: Task) -> pd.DataFrame:
    """Return the table with `target` set for the task and the columns `stated` and `side` used up.

    Args:
        table: `diagnosis` (codes), `stated` (a target written in the data: side or code) and `side` (a benign/malignant
            column beside a diagnosis), each missing where not known.
        origin: the file or folder, for messages.
        taxonomy: the side of each code.
        task: "diagnosis", "binary", or "auto": what the data state; without that, the diagnosis when every image has
            one and there are more than two (or two of one side).

    Raises:
        DataError: rows lack what the task needs, labels contradict the diagnosis, or there is one class only.
    """
    problems = Problems(origin)
    diagnosis, stated = table["diagnosis"], table["stated"]
    sides = {code: taxonomy.side(code) for code in CODES}
    by_taxonomy = diagnosis.map(sides).astype(object)
    stated_side = stated.where(stated.isin(SIDES))
    _check_agreement(table, by_taxonomy, problems)
    side = either(either(by_taxonomy, stated_side), table["side"])
    chosen = _choose(diagnosis, stated, side) if task == "auto" else task
    target = side if chosen == "binary" else diagnosis
    if chosen == "binary":
        _check_sides(side, diagnosis, problems)
    else:
        problems.add(diagnosis.isna(), "no diagnosis", remedy="Fill it in, or train with --set data.task=binary.")
    problems.raise_any(DataError)
    _check_two_classes(target, origin)
    return table.drop(columns=["stated", "side"]).assign(target=target)


def _choose(diagnosis: Column, stated: Column, side: Column) -> Literal["binary", "diagnosis"]:
    if stated.notna().any():
        return "binary" if stated.isin(SIDES).any() else "diagnosis"
    is_complete = diagnosis.notna().all() and not (diagnosis == "UNK").any()
    n_diagnoses = diagnosis.nunique()
    has_one_side = len(set(side.dropna())) == 1
    is_diagnosis = is_complete and (n_diagnoses > len(SIDES) or (n_diagnoses > 1 and has_one_side))
    return "diagnosis" if is_diagnosis else "binary"


def _check_agreement(table: pd.DataFrame, by_taxonomy: Column, problems: Problems) -> None:
    for column in ("stated", "side"):
        label = table[column].where(table[column].isin(SIDES))
        is_wrong = label.notna() & by_taxonomy.notna() & (label != by_taxonomy)
        if column == "side":
            is_wrong &= ~table["diagnosis"].isin(SWITCHED)
        pairs = table["diagnosis"].astype(str) + " labelled " + label.astype(str)
        remedy = "Correct the rows, or state the side with --set data.ak=... or data.akiec=..."
        problems.add(is_wrong, "label contradicts the diagnosis", values=pairs, remedy=remedy)
    codes = table["stated"].where(table["stated"].isin(CODES))
    is_wrong = codes.notna() & table["diagnosis"].notna() & (codes != table["diagnosis"])
    pairs = table["diagnosis"].astype(str) + " with target " + codes.astype(str)
    problems.add(is_wrong, "target contradicts the diagnosis", values=pairs, remedy="Correct the rows.")


def _check_sides(side: Column, diagnosis: Column, problems: Problems) -> None:
    names = name_offenders(sorted(set(diagnosis[side.isna()].dropna())))
    what = f"neither benign nor malignant by the diagnosis ({names})" if names else "no diagnosis and no label"
    remedy = (
        "Fill in a column 'benign_malignant', leave these rows out, "
        "or map their diagnosis with --set data.aliases.NAME=CODE."
    )
    problems.add(side.isna(), what, remedy=remedy)


def _check_two_classes(target: Column, origin: str) -> None:
    found = target.unique().tolist()
    if len(found) == 1:
        raise DataError(f"{origin}: all {len(target)} images are '{found[0]}'. A classifier needs two classes or more.")
