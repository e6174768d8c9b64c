"""From a table's diagnosis columns, in whichever form, to a code and a side for each row."""

from typing import Final

import pandas as pd

from lentigo.errors import DataError
from lentigo.manifest.checks import SIDES
from lentigo.manifest.columns import Column, as_text, either
from lentigo.manifest.problems import Problems
from lentigo.sources.aliases import HIERARCHY, ONE_HOT, ONE_HOT_2017
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

__all__ = ["add_labels"]

# How yes/no columns (ISIC 2020's `target`) and the archive's own words say the side.
SIDE_WORDS: Final = {
    "benign": BENIGN,
    "malignant": MALIGNANT,
    "0": BENIGN,
    "0.0": BENIGN,
    "1": MALIGNANT,
    "1.0": MALIGNANT,
    "false": BENIGN,
    "true": MALIGNANT,
}
# The ISIC archive's word for a lesion on neither side; such a row needs a diagnosis to be of use.
UNDECIDED: Final = ("indeterminate", "indeterminate/benign", "indeterminate/malignant")


def add_labels(table: pd.DataFrame, problems: Problems, *, taxonomy: Taxonomy) -> pd.DataFrame:
    """Return the table with `diagnosis` (code), `stated` (target written in the data) and `side` (benign/malignant).

    Args:
        table: columns under the contract's names, as `rename_columns` returns them; one of `diagnosis`, `label`,
            `target`, `side`, one-hot columns of codes, or the archive's `diagnosis_1` to `diagnosis_5` is needed.
        problems: where values that are not known are noted.
        taxonomy: the meaning of the names.
    """
    table = _place_label(table)
    nothing = pd.Series([None] * len(table), index=table.index, dtype=object)
    texts = {name: as_text(table[name]) if name in table else nothing for name in ("diagnosis", "target", "side")}
    if "diagnosis" not in table:
        texts["diagnosis"] = _one_hot(table, problems, nothing)
    codes = _codes(texts["diagnosis"], taxonomy, problems)
    stated = _targets(texts["target"], taxonomy, problems)
    side = _sides(texts["side"], problems)
    levels = [name for name in HIERARCHY if name in table]
    if levels:
        deepest = _deepest(table[levels].apply(as_text), taxonomy)
        codes = either(codes, deepest)
        shallowest = as_text(table[levels[-1]])
        side = either(side, shallowest.map(lambda text: SIDE_WORDS.get(text.casefold()), na_action="ignore"))
    is_code = stated.notna() & ~stated.isin(SIDES)
    if not (problems.sentences or codes.notna().any() or stated.notna().any() or side.notna().any()):
        problems.note(
            f"{problems.origin} says nothing about what the images show: no values in a column 'diagnosis' (or dx, "
            "label, class), 'target', 'benign_malignant', 'diagnosis_1' or in one-hot columns of codes. Add one."
        )
    used = [name for name in (*ONE_HOT, *ONE_HOT_2017) if name in table and "diagnosis" not in table]
    return table.drop(columns=used).assign(diagnosis=either(codes, stated.where(is_code)), stated=stated, side=side)


def _place_label(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with `label` moved to where its values belong; a diagnosis of sides only becomes the target."""
    for name in ("diagnosis", "label"):
        if name not in table:
            continue
        values = as_text(table[name]).dropna().str.casefold()
        is_side = bool(len(values)) and bool(values.isin(SIDES).all())
        place = "target" if is_side else "diagnosis"
        if name != place and place not in table:
            table = table.rename(columns={name: place})
    return table


def _one_hot(table: pd.DataFrame, problems: Problems, nothing: Column) -> Column:
    """Return the name of the column that holds the 1, for each row of an ISIC ground-truth table."""
    is_2017 = all(name in table for name in ONE_HOT_2017)
    names = [name for name in (ONE_HOT_2017 if is_2017 else ONE_HOT) if name in table]
    if len(names) < 2:
        return nothing
    marks = table[names].apply(pd.to_numeric, errors="coerce")
    n_ones = (marks == 1).sum(axis=1)
    is_wrong = ~marks.isin([0, 1]).all(axis=1) | (n_ones > 1) | ((n_ones == 0) & (not is_2017))
    remedy = "Predictions are no ground truth: give 0 and 1, with one 1 a row."
    problems.add(is_wrong, f"the columns {', '.join(names)} mark no single diagnosis", remedy=remedy)
    # ISIC 2017 task 3 has two questions; a lesion that is neither is a nevus.
    marked: Column = marks.fillna(0).idxmax(axis=1).astype(object)
    return marked.where(n_ones == 1, "nevus") if is_2017 else marked


def _codes(texts: Column, taxonomy: Taxonomy, problems: Problems) -> Column:
    """Return the code of each text, with every unknown one noted."""
    meanings: dict[str, str | None] = {}
    for text in dict.fromkeys(texts.dropna()):
        try:
            meanings[text] = taxonomy.code(text)
        except DataError as error:
            meanings[text] = None
            rows = texts.index[texts == text]
            problems.note(f"{problems.place(list(rows))}: {error}")
    return texts.map(meanings).astype(object)


def _targets(texts: Column, taxonomy: Taxonomy, problems: Problems) -> Column:
    """Return the side or the code of each text of a target column, where 0 is benign and 1 malignant."""
    sides = texts.str.casefold().map(SIDE_WORDS) if texts.notna().any() else texts
    return either(sides.astype(object), _codes(texts.where(sides.isna()), taxonomy, problems))


def _sides(texts: Column, problems: Problems) -> Column:
    if texts.isna().all():
        return texts
    words = texts.str.casefold()
    sides: Column = words.map(SIDE_WORDS).astype(object)
    is_unknown = texts.notna() & sides.isna() & ~words.isin(UNDECIDED)
    remedy = "Write benign or malignant, or leave it empty."
    problems.add(is_unknown, "neither benign nor malignant", values=texts, remedy=remedy)
    return sides


def _deepest(levels: pd.DataFrame, taxonomy: Taxonomy) -> Column:
    """Return the code of the deepest level that has one, for each row of the ISIC archive's hierarchy.

    The archive's vocabulary is closed, so a name without a code (a lipoma) is UNK and no mistake; its side still
    counts. A row that only says "Benign" has no diagnosis.
    """
    meanings: dict[str, str | None] = {}
    for text in pd.unique(levels.to_numpy(dtype=object).ravel()):
        if text is not None:
            try:
                code = taxonomy.code(text)
            except DataError:
                code = "UNK"
            meanings[text] = None if text.casefold() in (*SIDES, *UNDECIDED) else code
    known = named = pd.Series([None] * len(levels), index=levels.index, dtype=object)
    for name in levels.columns:
        codes = levels[name].map(meanings).astype(object)
        named = either(named, codes)
        known = either(known, codes.where(codes != "UNK"))
    return either(known, named)
