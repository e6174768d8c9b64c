"""Which column of somebody's table is which column of the contract."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.errors import DataError
from lentigo.images import ALIASES, STRONG, field_of_name, is_weak_label, rank_of_name, refuse_no_images, squeezed

HIERARCHY: Final = tuple(f"diagnosis_{level}" for level in range(5, 0, -1))
_LEVEL_OF: Final = {f"iddx_{level}": f"diagnosis_{level}" for level in range(1, 6)}  # ISIC 2024
ONE_HOT: Final = (
    "MEL",
    "NV",
    "BCC",
    "AK",
    "AKIEC",
    "BKL",
    "DF",
    "VASC",
    "SCC",
    "UNK",
    "SCCKA",
    "BEN_OTH",
    "MAL_OTH",
    "INF",
)
ONE_HOT_2017: Final = ("melanoma", "seborrheic_keratosis")
LABELS: Final = ("diagnosis", "target", "label", "side")
# A column of this name answers the opposite question: its 1 is benign.
_OPPOSITE: Final = frozenset(("benign", "isbenign", "noncancer", "nonmalignant"))
_TURNED: Final = {"0": "malignant", "0.0": "malignant", "1": "benign", "1.0": "benign"} | {
    **dict.fromkeys(("false", "no", "n"), "malignant"),
    **dict.fromkeys(("true", "yes", "y"), "benign"),
}


def field_of(column: str, choices: Choices = NOBODY) -> str | None:
    """Return the field of the contract that a column stands for, None for none.

    What the user has said comes first: a field with a column of its own, or with none, has no aliases any more.
    """
    if (chosen := choices.field_of(column)) is not None:
        return chosen
    field = field_of_name(column)
    if field is None or choices.is_closed(field) or choices.is_ignored(column):
        return None
    return field


def has_labels(columns: Sequence[str], choices: Choices = NOBODY) -> bool:
    """Return whether a table of these columns says what its images show."""
    names = {field_of(name, choices) for name in columns} | {name.strip().lower() for name in columns}
    return bool(names & {*LABELS, *HIERARCHY}) or len({name.strip() for name in columns} & set(ONE_HOT)) > 1


def has_images(columns: Sequence[str], choices: Choices = NOBODY) -> bool:
    """Return whether a table of these columns names images at all."""
    return bool({field_of(name, choices) for name in columns} & {"image_id", "path"})


def assign_fields(columns: Sequence[str], choices: Choices = NOBODY) -> dict[str, list[str]]:
    """Return the columns that stand for each field, the one that is taken first.

    Example:
        >>> assign_fields(["image", "Pat-Nr", "dx", "histology"])
        {'image_id': ['image'], 'diagnosis': ['dx'], 'patient_id': ['Pat-Nr']}
    """
    found: dict[str, list[str]] = {}
    for field in ALIASES:
        names = [name for name in columns if field_of(name, choices) == field]
        chosen = [name for name in names if choices.field_of(name) == field]
        names = chosen or sorted(names, key=lambda name: rank_of_name(field, name))
        if names:
            found[field] = names
    plain = {name.strip().lower() for name in columns} | set(columns)
    firm = any(not is_weak_label(name) for field in LABELS for name in found.get(field, ()))
    if firm or plain & set(HIERARCHY) or len(plain & set(ONE_HOT)) > 1:
        for field in LABELS:
            kept = [name for name in found.get(field, ()) if not is_weak_label(name) or choices.field_of(name)]
            found |= {field: kept}
    return {field: names for field, names in found.items() if names}


def rename_columns(table: pd.DataFrame, origin: str, choices: Choices = NOBODY) -> pd.DataFrame:
    """Return the table under the contract's names; columns that are not an alias keep theirs.

    Where several columns stand for one field, the first alias in `ALIASES` is taken and the others stay as metadata,
    unless they say different things about identity or split.

    Args:
        table: as it was read.
        origin: the file, for messages.
        choices: which column the user says is which.

    Raises:
        DataError: no column names the images, or two columns contradict each other.
    """
    columns = [str(name) for name in table.columns]
    found = assign_fields(columns, choices)
    if not {"image_id", "path"} & set(found):
        refuse_no_images(columns, origin)
    renames = {name: _LEVEL_OF[name] for name in columns if _LEVEL_OF.get(name) not in {None, *columns}}
    for field, names in found.items():
        firm = [name for name in names if field in STRONG and _rank(field, name) < STRONG[field]]
        if len(firm) > 1 and names[0] in firm:
            _check_same(table, firm, field, origin)
        renames[names[0]] = field
    clashes = [name for name in columns if name in ALIASES and name not in renames]
    renamed = table.rename(columns={**renames, **{name: f"{name}_given" for name in clashes}})
    for field in LABELS:
        if field in found and squeezed(found[field][0]) in _OPPOSITE:
            words = renamed[field].map(lambda value: _TURNED.get(str(value).strip().casefold(), value))
            renamed = renamed.assign(**{field: words})
    return renamed


def _rank(field: str, column: str) -> int:
    """Return the rank of an alias; beyond all of them for a column that only the user puts to the field."""
    return rank_of_name(field, column) if field_of_name(column) == field else 1_000


def _check_same(table: pd.DataFrame, names: Sequence[str], field: str, origin: str) -> None:
    first = table[names[0]]
    for name in names[1:]:
        if not first.equals(table[name]):
            raise DataError(
                f"{origin}: columns '{names[0]}' and '{name}' both mean '{field}', but their values differ. "
                f"Choose one: --set data.columns.{field}={names[0]} (or ={name})."
            )
