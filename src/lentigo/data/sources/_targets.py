"""From diagnoses and benign/malignant labels to the target of a task."""

import logging
from typing import Literal

import pandas as pd

from lentigo.data.manifest import SIDES, Column, Manifest, Problems, as_text, either
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.data.sources._labels import SAID, one_spelling
from lentigo.errors import DataError, clip, name_offenders
from lentigo.taxonomy import CODES, GATHERED, Taxonomy, is_undiagnosed
from lentigo.wording import counted

logger = logging.getLogger(__name__)

Task = Literal["auto", "binary", "diagnosis"]

# The archive's own column takes no account of the stated side of AK and AKIEC, so it is not held against them.
SWITCHED = ("AK", "AKIEC")
WITHOUT = "without a diagnosis"
WITHOUT_OR_MAPPED = "without a diagnosis, or mapped to UNK"  # an alias of UNK excludes a class as well


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
        is_bare = what in {WITHOUT, WITHOUT_OR_MAPPED}
        said = f": {_quoted(table[_is_bare(table, _side(table, taxonomy))])}" if is_bare else ""
        logger.warning("%s: excluded %s %s%s (data.undiagnosed=drop).", origin, counted(n, "image"), what, said)
    if len(kept) == 0:
        raise DataError(f"{origin}: no image has a diagnosis or a label. Fill some in.")
    return Manifest(add_target(kept, origin, taxonomy=taxonomy, task=task), origin=origin, left_out=left_out)


def _without_undiagnosed(
    table: pd.DataFrame, taxonomy: Taxonomy, task: Task
) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...]]:
    """Return the rows that have what the task needs, and what was left out: why and how many."""
    side = _side(table, taxonomy)
    is_bare = _is_bare(table, side)
    is_named = table["diagnosis"].notna() & ~is_bare
    chosen = task if task != "auto" else _choose(table[~is_bare], side[~is_bare])
    is_torn = is_named & side.isna() if chosen == "binary" else ~is_bare & ~is_named
    why_torn = (
        "neither benign nor malignant" if chosen == "binary" else "labelled benign or malignant but without a diagnosis"
    )
    why_bare = WITHOUT_OR_MAPPED if _names_lesions(table[is_bare]) else WITHOUT
    counts = ((why_bare, int(is_bare.sum())), (why_torn, int(is_torn.sum())))
    return table[~(is_bare | is_torn)], tuple((why, n) for why, n in counts if n)


def _is_bare(table: pd.DataFrame, side: Column) -> Column:
    """Return which rows have neither a diagnosis nor a label: empty, or with a text that says so ("pending")."""
    says_nothing = table["undiagnosed"] == True if "undiagnosed" in table else False  # noqa: E712 - missing is not
    return (table["diagnosis"].isna() | says_nothing) & side.isna()


def _names_lesions(rows: pd.DataFrame) -> bool:
    """Return whether one of these texts is without a diagnosis by an alias alone: it may be the name of a lesion."""
    if SAID not in rows or "undiagnosed" not in rows:
        return False
    texts = rows.loc[rows["undiagnosed"] == True, SAID].dropna().unique()  # noqa: E712 - missing is not
    return not all(is_undiagnosed(str(text)[1:-1]) for text in texts)


def _quoted(rows: pd.DataFrame) -> str:
    """Return what rows say in place of a diagnosis, each text with its number: "'pending' (14), empty (3)"."""
    texts = one_spelling(rows[SAID].str[1:-1] if SAID in rows else rows["diagnosis"])
    named = [f"'{clip(str(text))}' ({n:,})" for text, n in texts.value_counts().items()]
    n_empty = int(texts.isna().sum())
    return name_offenders([*named, *([f"empty ({n_empty:,})"] if n_empty else [])], limit=8)


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
        _check_sides(table, side, problems)
    else:
        remedy = "Fill it in, or train with --set data.task=binary, or exclude these rows: data.undiagnosed=drop."
        problems.add(diagnosis.isna(), "no diagnosis", remedy=remedy)
        _warn_of_undiagnosed(table, origin)
    problems.raise_any(DataError)
    _check_two_classes(target, origin)
    _name_gathered(diagnosis, origin, taxonomy, is_binary=chosen == "binary")
    return table.drop(columns=["stated", "side", "undiagnosed", SAID], errors="ignore").assign(target=target)


def _warn_of_undiagnosed(table: pd.DataFrame, origin: str) -> None:
    """Log that rows without a diagnosis would be a class of their own, unless the data or an alias call them UNK."""
    if SAID not in table or "undiagnosed" not in table:
        return
    said = table.loc[(table["undiagnosed"] == True) & (table["diagnosis"] == "UNK"), SAID].str[1:-1]  # noqa: E712
    pending = table.loc[said[said.map(is_undiagnosed, na_action="ignore").eq(True) & (said.str.upper() != "UNK")].index]  # noqa: FBT003
    if len(pending):
        logger.warning(
            "%s: %s without a diagnosis %s as the class UNK: %s. Exclude them with --set data.undiagnosed=drop.",
            origin, counted(len(pending), "image"), "counts" if len(pending) == 1 else "count", _quoted(pending),
        )  # fmt: skip


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


def note_also_undiagnosed(table: pd.DataFrame, taxonomy: Taxonomy, choices: Choices, problems: Problems) -> None:
    """Note rows without a diagnosis beside other problems, so that one look at the table mends both.

    Args:
        table: labelled rows.
        taxonomy: the side of each code.
        choices: whether such rows are left out.
        problems: of these rows; nothing is noted where there are none.
    """
    if problems.sentences and choices.undiagnosed == "error" and table[SAID].notna().any():
        # named as an unknown diagnosis already, which "N/A" is not
        is_unread = as_text(table[SAID].str[1:-1]).notna() & table["diagnosis"].isna()
        note_undiagnosed(table, _is_bare(table, _side(table, taxonomy)) & ~is_unread, problems)


def _check_sides(table: pd.DataFrame, side: Column, problems: Problems) -> None:
    is_bare = _is_bare(table, side)
    note_undiagnosed(table, is_bare, problems)
    is_torn = side.isna() & ~is_bare
    codes = ", ".join(sorted(set(table["diagnosis"][is_torn].dropna())))
    remedy = (
        "Fill in a column 'benign_malignant', exclude these rows with --set data.undiagnosed=drop, "
        "or map their diagnosis with --set data.aliases.NAME=CODE (or =benign, =malignant)."
    )
    what = f"neither benign nor malignant by the diagnosis ({codes}): {_quoted(table[is_torn])}"
    problems.add(is_torn, what, remedy=remedy)


def note_undiagnosed(table: pd.DataFrame, is_bare: Column, problems: Problems) -> None:
    """Note the rows without a diagnosis, with what they say in its place."""
    what = f"{counted(int(is_bare.sum()), 'image')} without a diagnosis or a label: {_quoted(table[is_bare])}"
    remedy = "Fill in a column 'diagnosis' or 'benign_malignant', or exclude them with --set data.undiagnosed=drop."
    problems.add(is_bare, what, remedy=remedy)


def _check_two_classes(target: Column, origin: str) -> None:
    found = target.unique().tolist()
    if len(found) == 1:
        raise DataError(f"{origin}: every image is '{found[0]}'. A classifier needs images of two classes or more.")
