"""From diagnoses and benign/malignant labels to the target of a task."""

import logging
from typing import Literal

import pandas as pd

from lentigo.data.manifest import SIDES, Column, Manifest, Problems, either
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.errors import DataError, name_offenders
from lentigo.taxonomy import CODES, GATHERED, Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)

Task = Literal["auto", "binary", "diagnosis"]

# The archive's own column takes no account of the stated side of AK and AKIEC, so it is not held against them.
SWITCHED = ("AK", "AKIEC")


def to_manifest(
    table: pd.DataFrame, origin: str, *, taxonomy: Taxonomy, task: Task, choices: Choices = NOBODY
) -> Manifest:
    """Return the manifest of labelled rows; rows without what the task needs are left out and counted if so chosen.

    Args:
        table: as for `add_target`.
        origin: the file or folder, for messages.
        taxonomy: the side of each code.
        task: see `read_data`.
        choices: whether rows without a diagnosis are left out.

    Raises:
        DataError: rows lack what the task needs, labels contradict the diagnosis, or there is one class only.
    """
    if choices.undiagnosed == "error":
        return Manifest(add_target(table, origin, taxonomy=taxonomy, task=task), origin=origin)
    kept, left_out = _without_undiagnosed(table, taxonomy, task)
    for what, n in left_out:
        logger.warning("%s: excluded %s %s (data.undiagnosed=drop).", origin, counted(n, "image"), what)
    if len(kept) == 0:
        raise DataError(f"{origin}: no image has a diagnosis or a label. Fill some in.")
    return Manifest(add_target(kept, origin, taxonomy=taxonomy, task=task), origin=origin, left_out=left_out)


def _without_undiagnosed(
    table: pd.DataFrame, taxonomy: Taxonomy, task: Task
) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...]]:
    """Return the rows that have what the task needs, and what was left out: why and how many."""
    side = _side(table, taxonomy)
    says_nothing = table["undiagnosed"] == True if "undiagnosed" in table else False  # noqa: E712 - missing is not
    is_bare = (table["diagnosis"].isna() | says_nothing) & side.isna()
    is_named = table["diagnosis"].notna() & ~is_bare
    chosen = task if task != "auto" else _choose(table[~is_bare], side[~is_bare])
    is_torn = is_named & side.isna() if chosen == "binary" else ~is_bare & ~is_named
    why_torn = (
        "that are neither benign nor malignant"
        if chosen == "binary"
        else "labelled benign or malignant but without a diagnosis"
    )
    counts = (("without a diagnosis", int(is_bare.sum())), (why_torn, int(is_torn.sum())))
    return table[~(is_bare | is_torn)], tuple((why, n) for why, n in counts if n)


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
    diagnosis = table["diagnosis"]
    _check_agreement(table, _by_taxonomy(table, taxonomy), problems)
    side = _side(table, taxonomy)
    chosen = _choose(table, side) if task == "auto" else task
    target = side if chosen == "binary" else diagnosis
    if chosen == "binary":
        _check_sides(side, diagnosis, problems)
    else:
        remedy = "Fill it in, or train with --set data.task=binary, or exclude these rows: data.undiagnosed=drop."
        problems.add(diagnosis.isna(), "no diagnosis", remedy=remedy)
    problems.raise_any(DataError)
    _check_two_classes(target, origin)
    _name_gathered(diagnosis, origin, taxonomy, is_binary=chosen == "binary")
    return table.drop(columns=["stated", "side", "undiagnosed"], errors="ignore").assign(target=target)


def _name_gathered(diagnosis: Column, origin: str, taxonomy: Taxonomy, *, is_binary: bool) -> None:
    """Log which classes gather unlike diagnoses (MILK10k's INF), and on which side they are counted."""
    n_of = {code: int((diagnosis == code).sum()) for code in GATHERED}
    named = [
        f"{code} ({taxonomy.name(code)}: {counted(n, 'image')}{f', counted as {taxonomy.side(code)}' * is_binary})"
        for code, n in n_of.items()
        if n
    ]
    if named:
        logger.warning("%s: each of these classes gathers several diagnoses: %s", origin, "; ".join(named))


def _by_taxonomy(table: pd.DataFrame, taxonomy: Taxonomy) -> Column:
    sides = {code: taxonomy.side(code) for code in CODES}
    return table["diagnosis"].map(sides).astype(object)


def _side(table: pd.DataFrame, taxonomy: Taxonomy) -> Column:
    stated_side = table["stated"].where(table["stated"].isin(SIDES))
    return either(either(_by_taxonomy(table, taxonomy), stated_side), table["side"])


def _choose(table: pd.DataFrame, side: Column) -> Literal["binary", "diagnosis"]:
    diagnosis, stated = table["diagnosis"], table["stated"]
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
        "Fill in a column 'benign_malignant', exclude these rows with --set data.undiagnosed=drop, "
        "or map their diagnosis with --set data.aliases.NAME=CODE (or =benign, =malignant)."
    )
    problems.add(side.isna(), what, remedy=remedy)


def _check_two_classes(target: Column, origin: str) -> None:
    found = target.unique().tolist()
    if len(found) == 1:
        raise DataError(f"{origin}: every image is '{found[0]}'. A classifier needs images of two classes or more.")
