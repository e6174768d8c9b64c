"""What tables say of images beside their paths: the columns that a model uses, and whose photographs they are.

Names are matched as everywhere (`age_approx` is `age`), images by their id. What a table holds that the model does not
know counts as unknown, and is counted in a warning; nothing stops a thousand other rows.
"""

import logging
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lentigo.errors import DataError
from lentigo.images import field_of_name, rank_of_name, squeezed, strip_suffix
from lentigo.model.decision import Columns, Fusion, FusionTerm, plain
from lentigo.table_files import TABLE_SUFFIXES, as_plain_texts, read_columns

logger = logging.getLogger(__name__)

Table = Mapping[str, Sequence[Any]]


def columns_by_image(given: Any, names: Sequence[str], fusion: Fusion) -> tuple[list[Columns] | None, list[str] | None]:
    """Return what tables among the inputs say of each image, and the patient of each; None where there is no table.

    Args:
        given: inputs of `predict`, or tables with columns of their own.
        names: of the images, in order.
        fusion: whose columns are wanted.
    """
    tables = list(_tables(given))
    if not tables:
        return None, None
    columns: list[dict[str, object]] = [{} for _ in names]
    patients = [""] * len(names)
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(_key(name), []).append(row)
    found: set[str] = set()
    for origin, table in tables:
        ids = _ids(table, origin)
        for term in fusion.terms:
            if term.is_asked and (own := _column(table, term.name)) is not None:
                found.add(term.name)
                _fill(columns, rows, ids, as_plain_texts(table[own]), term)
        patient = _column(table, "patient_id")
        for name, value in zip(ids, as_plain_texts(table[patient]) if patient else (), strict=False):
            for row in rows.get(_key(name), ()):
                patients[row] = value or ""
    absent = [name for name in fusion.asked if name not in found]
    if absent:
        logger.warning("No table has %s, which the model uses: unknown for every image.", " or ".join(absent))
    return list(columns), patients


def read_lesions(given: Any, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lesion of each image by the tables among the inputs, itself where none says, and its kind.

    Raises:
        DataError: no table has a lesion_id.
    """
    lesions, kinds = list(names), [""] * len(names)
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(_key(name), []).append(row)
    n_found = 0
    for origin, table in _tables(given):
        ids = _ids(table, origin)
        for field, into in (("lesion_id", lesions), ("image_type", kinds)):
            own = _column(table, field)
            for name, value in zip(ids, as_plain_texts(table[own]) if own else (), strict=False):
                for row in rows.get(_key(name), ()):
                    into[row] = value or into[row]
                    n_found += field == "lesion_id"
    if not n_found:
        raise DataError("no table among the inputs says which lesion an image shows (lesion_id). Name one.")
    return lesions, kinds


def _fill(
    columns: list[dict[str, object]],
    rows: Mapping[str, Sequence[int]],
    ids: Sequence[str],
    values: Sequence[str | None],
    term: FusionTerm,
) -> None:
    """Write the values of one column to the images that it names; count those that the model does not know."""
    strange: Counter[str] = Counter()
    for name, value in zip(ids, values, strict=True):
        if value is None:
            continue
        if term.problem(value):
            strange[plain(value)] += 1
            continue
        for row in rows.get(_key(name), ()):
            columns[row][term.name] = value
    if strange:
        shown = ", ".join(f"'{value}' ({n:,})" for value, n in strange.most_common(5))
        logger.warning(
            "%s: values that the model does not know count as unknown: %s. Known: %s.", term.name, shown,
            ", ".join(term.values) if term.values else "numbers",
        )  # fmt: skip


def _tables(given: Any) -> Iterable[tuple[str, Table]]:
    """Yield the tables and data frames among what is given, each as columns by name."""
    pandas: Any = sys.modules.get("pandas")
    is_frame = pandas is not None and isinstance(given, pandas.DataFrame)
    if is_frame:
        yield "the data frame", {str(name): list(given[name]) for name in given.columns}
    elif isinstance(given, str | Path):
        path = Path(given)
        if path.is_file() and path.suffix.lower() in TABLE_SUFFIXES and path.suffix.lower() != ".txt":
            yield str(path), read_columns(path)
    elif isinstance(given, list | tuple):
        for one in given:
            yield from _tables(one)


def _ids(table: Table, origin: str) -> list[str]:
    """Return the id of each row, else its path.

    Raises:
        DataError: it has neither.
    """
    for field in ("image_id", "path"):
        own = _column(table, field)
        if own is not None:
            return [str(value or "") for value in as_plain_texts(table[own])]
    raise DataError(f"{origin} has no column image_id or path, so that its rows cannot be matched with the images.")


def _column(table: Table, wanted: str) -> str | None:
    """Return the table's own name of a column: the same one, or an alias of it."""
    same = [name for name in table if squeezed(name) == squeezed(wanted)]
    if same or field_of_name(wanted) != wanted:
        return same[0] if same else None
    others = [name for name in table if field_of_name(name) == wanted]
    return min(others, key=lambda name: rank_of_name(wanted, name), default=None)


def _key(name: str) -> str:
    return strip_suffix(name.replace("\\", "/").rsplit("/", 1)[-1])
