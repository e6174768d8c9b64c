"""What each column of a table was taken for, in one line: nothing is used, or left aside, in silence."""

import logging
from collections.abc import Sequence

import pandas as pd

from lentigo.data.manifest import as_text
from lentigo.data.sources._aliases import HIERARCHY, LABELS, assign_fields
from lentigo.data.sources._choices import Choices
from lentigo.data.sources._side_words import BY_CONTEXT
from lentigo.errors import clip, name_offenders
from lentigo.images import squeezed

logger = logging.getLogger(__name__)


def report_roles(
    origin: str, columns: Sequence[str], table: pd.DataFrame, labelled: pd.DataFrame, choices: Choices
) -> None:
    """Log which column was taken for which field, and which are kept as metadata only.

    Args:
        origin: the file.
        columns: as it calls them.
        table: under the contract's names.
        labelled: the same with labels understood, without the one-hot columns that were used up.
        choices: what the user says about columns.
    """
    fields = assign_fields(columns, choices)
    taken = {names[0]: field for field, names in fields.items() if field != "lesion_id" or field in table}
    said = [_said(field, name) + _how_sides(table, field) for name, field in taken.items()]
    levels = [name for name in columns if name in HIERARCHY or name.startswith("iddx_")]
    marks = [name for name in columns if name in table and name not in labelled and name not in taken]
    if levels:
        said.append(f"diagnosis from {name_offenders(levels)}" + " where it has none" * ("diagnosis" in fields))
    if marks:
        said.append(f"diagnosis from the one-hot columns {name_offenders(marks, limit=12)}")
    rest = [name for name in columns if name not in {*taken, *levels, *marks}]
    metadata = f"; metadata only: {name_offenders(rest, limit=12)}" if rest else ""
    logger.info("%s: %s%s.", origin, ", ".join(said), metadata)


def _said(field: str, name: str) -> str:
    plain = "benign or malignant" if field == "side" else field
    return plain if squeezed(field) == squeezed(name) else f"{plain} from '{clip(name)}'"


def _how_sides(table: pd.DataFrame, field: str) -> str:
    """Return how a column tells the sides where it does so by number or by yes and no; empty where it does not."""
    if field not in LABELS or field not in table:
        return ""
    values = as_text(table[field].drop_duplicates()).dropna().str.casefold()
    if not len(values) or not values.isin(list(BY_CONTEXT)).all():
        return ""
    return f" ({'; '.join(f'{value} = {BY_CONTEXT[value]}' for value in sorted(values))})"
