"""Which columns of somebody's table name its images."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from lentigo.errors import DataError, name_offenders
from lentigo.images._column_names import ALIASES, STRONG, field_of_name, rank_of_name

_FIELDS: Final = ("image_id", "path")


def image_columns(table: Mapping[str, Sequence[Any]], origin: str) -> dict[str, str]:
    """Return the table's own name of `image_id` and of `path`, of those that it has; the first alias is taken.

    Raises:
        DataError: it has neither, or several columns stand for the id and say different things.

    Example:
        >>> image_columns({"ISIC ID": ["a"], "file": ["a.jpg"]}, "a.csv")
        {'image_id': 'ISIC ID', 'path': 'file'}
    """
    if not has_images(list(table)):
        refuse_no_images(list(table), origin)
    found = {}
    for field in _FIELDS:
        known = [name for name in table if field_of_name(name) == field]
        names = sorted(known, key=lambda name: rank_of_name(field, name))
        firm = [name for name in names if rank_of_name(field, name) < STRONG.get(field, 0)]
        for other in firm[1:]:
            if list(table[firm[0]]) != list(table[other]):
                raise DataError(
                    f"{origin}: columns '{firm[0]}' and '{other}' both mean '{field}', but their values differ. "
                    "Rename one of them."
                )
        if names:
            found[field] = names[0]
    return found


def has_images(columns: Sequence[str]) -> bool:
    """Return whether a table of these columns names images at all.

    Example:
        >>> has_images(["dx", "ISIC-ID"]), has_images(["dx"])
        (True, False)
    """
    return any(field_of_name(name) in _FIELDS for name in columns)


def refuse_no_images(columns: Sequence[str], origin: str) -> NoReturn:
    """Raise because none of these columns names an image.

    Raises:
        DataError: always.
    """
    raise DataError(
        f"{origin} is not a table of images: it has no column 'image_id' (or {', '.join(ALIASES['image_id'][1:6])}, "
        "...) and no 'path'. Name the column with --set data.columns.image_id=COLUMN (or data.columns.path=COLUMN). "
        f"Its columns are: {name_offenders(columns, limit=12)}."
    )
