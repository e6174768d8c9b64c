"""One-hot label columns: a column a class, one 1 a row, as the ISIC challenges have their ground truths."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import pandas as pd

from lentigo.data.manifest import Column, Problems, as_text
from lentigo.data.sources._aliases import ONE_HOT, ONE_HOT_2017
from lentigo.taxonomy import Taxonomy

_MARKS: Final[Mapping[str, float]] = {"true": 1.0, "yes": 1.0, "y": 1.0, "x": 1.0, "false": 0.0, "no": 0.0, "n": 0.0}


class OneHot(NamedTuple):
    """What one-hot columns say: which columns they are, and the name of the marked one for each row."""

    columns: tuple[str, ...]
    marked: Column


def find_one_hot(
    table: pd.DataFrame, problems: Problems, *, taxonomy: Taxonomy, is_labelled: bool, side: Column
) -> OneHot:
    """Return the name of the column that holds the 1, for each row; nothing where there are no such columns.

    Columns called by ISIC's codes are taken in any table. Where nothing else labels the rows, so are columns with any
    name of a class (`nevus`, `benign`), if they hold nothing but marks.

    Args:
        table: under the contract's names.
        problems: where rows without a single mark are noted.
        taxonomy: the meaning of the columns' names.
        is_labelled: whether other columns say what the rows show.
        side: what a benign/malignant column says of each row; a row with a side may be without a mark.
    """
    nothing = pd.Series([None] * len(table), index=table.index, dtype=object)
    is_2017 = all(name in table for name in ONE_HOT_2017)
    names = [name for name in ONE_HOT if name in table]
    if is_2017:
        names = list(ONE_HOT_2017)
    if len(names) < 2 and not is_labelled:
        names = [str(name) for name in table.columns if taxonomy.has_name(str(name)) and _holds_marks(table[name])]
    elif len(names) > 1 and not is_2017:  # "benign" beside codes is one more of them
        further = [str(name) for name in table.columns if name not in names and taxonomy.has_name(str(name))]
        names += [name for name in further if name not in {"side", "target"} and _holds_marks(table[name])]
    if len(names) < 2:
        return OneHot((), nothing)
    marks = table[names].apply(_numbers)
    n_ones = (marks == 1).sum(axis=1)
    may_be_none = side.notna() | is_2017
    is_wrong = ~marks.isin([0, 1]).all(axis=1) | (n_ones > 1) | ((n_ones == 0) & ~may_be_none)
    remedy = "Predictions are not ground truth: give 0 and 1, with one 1 per row."
    problems.add(is_wrong, f"the columns {', '.join(names)} do not mark exactly one diagnosis", remedy=remedy)
    marked: Column = marks.fillna(0).idxmax(axis=1).astype(object)
    # ISIC 2017 task 3 has two questions; a lesion that is neither is a nevus.
    return OneHot(tuple(names), marked.where(n_ones == 1, "nevus" if is_2017 else None))


def _holds_marks(values: Column) -> bool:
    distinct = _numbers(values.drop_duplicates())
    return bool(len(distinct)) and bool(distinct.isin([0, 1]).all())


def _numbers(values: Column) -> Column:
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().all():
        return numbers
    return numbers.where(numbers.notna(), as_text(values).str.casefold().map(_MARKS))
