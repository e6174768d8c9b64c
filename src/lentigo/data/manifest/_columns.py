"""The column contract of a manifest, and how raw values become clean ones.

Text is kept as objects with None for what is missing (never an empty string), so that a table reads the same from CSV,
from Parquet and from memory, and the same under every pandas.
"""

from typing import Any, Final, TypeAlias

import pandas as pd

from lentigo.table_files import as_plain_texts

Column: TypeAlias = "pd.Series[Any]"

COLUMNS: Final = ("image_id", "path", "diagnosis", "target", "lesion_id", "patient_id", "split")
METADATA: Final = ("age", "sex", "site", "skin_type", "image_type", "source", "dx_type")
LESION_NUMBER: Final = "lesion_number"
"""Column of lesion numbers within patients whom nobody names: kept to be looked at, and no id of anything."""
SPLITS: Final = ("train", "val", "test")

TEXT_COLUMNS: Final = frozenset((*COLUMNS, *METADATA)) - {"age"}


def tidy(table: pd.DataFrame, *, has_types: bool = True) -> pd.DataFrame:
    """Return a table with every column of the contract first, clean text, and its row labels unchanged.

    Args:
        table: any columns; contract columns that are absent are added as missing.
        has_types: False for a table whose values are all text because it comes from a CSV: further columns of numbers
            or of True and False are then made such. A subset must not guess again, or it might guess otherwise.
    """
    columns = {name: as_text(table[name]) if name in table else _nothing(table.index) for name in COLUMNS}
    for name in (*METADATA, *map(str, table.columns)):
        if name not in table or name in columns:
            continue
        if name in TEXT_COLUMNS or (has_types and not _is_number(table[name])):
            columns[name] = as_text(table[name])
        else:
            columns[name] = as_values(table[name])
    if "age" in columns:
        columns["age"] = _as_years(columns["age"])
    return pd.DataFrame(columns, index=table.index)


def as_text(values: Column) -> Column:
    """Return the values as stripped strings, None where missing; 12.0 becomes "12" (an id read as a number)."""
    raw = values.tolist()
    if type(pd.NA) in set(map(type, raw)):
        raw = [None if value is pd.NA else value for value in raw]
    return pd.Series(as_plain_texts(raw), index=values.index, dtype=object)


def as_values(values: Column) -> Column:
    """Return numbers and booleans where every value present is one, text otherwise.

    "007" stays text: a leading zero belongs to a name, not to a number.
    """
    if _is_number(values):
        return values
    text = as_text(values)
    present = text.dropna()
    if present.isin(["True", "False"]).all() and len(present) == len(text) > 0:
        return text == "True"
    has_leading_zero = present.str.match(r"0\d") if len(present) else present.astype(bool)
    numbers = pd.to_numeric(text, errors="coerce")
    is_number = len(present) > 0 and numbers.notna().sum() == len(present) and not has_leading_zero.any()
    return numbers if is_number else text


def either(first: Column, second: Column) -> Column:
    """Return `first` where it has a value and `second` elsewhere (`fillna` guesses new types for objects)."""
    return first.where(first.notna(), second)


def _as_years(age: Column) -> Column:
    """Return ages as numbers; as they are when one is none, so that the check can name it."""
    years = pd.to_numeric(age, errors="coerce").astype(float)
    return years if years.notna().equals(age.notna()) else age


def _is_number(values: Column) -> bool:
    return pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)


def _nothing(index: pd.Index) -> Column:
    return pd.Series([None] * len(index), index=index, dtype=object)
