"""Which columns of somebody's table name its images."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lentigo.errors import DataError

__all__ = ["IMAGE_COLUMNS", "image_columns", "plain_name", "refuse_no_images"]

# The contract's own name first, then the others in order of preference.
IMAGE_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "image_id": (
        "image_id",
        "isic_id",
        "image",
        "image_name",
        "img_id",
        "filename",
        "file_name",
        "sop_instance_uid",
        "sopinstanceuid",
    ),
    "path": ("path", "image_path", "file_path", "filepath", "file"),
}


def image_columns(table: Mapping[str, Sequence[Any]], origin: str) -> dict[str, str]:
    """Return the table's own name of `image_id` and of `path`, of those that it has; the first alias is taken.

    Raises:
        DataError: it has neither, or several columns stand for the id and say different things.

    Example:
        >>> image_columns({"ISIC ID": ["a"], "file": ["a.jpg"]}, "a.csv")
        {'image_id': 'ISIC ID', 'path': 'file'}
    """
    refuse_no_images(list(table), origin)
    found = {}
    for field, aliases in IMAGE_COLUMNS.items():
        names = sorted(
            (name for name in table if plain_name(name) in aliases), key=lambda n: aliases.index(plain_name(n))
        )
        for other in names[1:] if field == "image_id" else ():
            if list(table[names[0]]) != list(table[other]):
                raise DataError(
                    f"{origin}: columns '{names[0]}' and '{other}' both stand for '{field}' and differ. "
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
    return any(plain_name(name) in aliases for name in columns for aliases in IMAGE_COLUMNS.values())


def refuse_no_images(columns: Sequence[str], origin: str) -> None:
    """Raise unless a table of these columns names images.

    Raises:
        DataError: it does not.
    """
    if not has_images(columns):
        ids = IMAGE_COLUMNS["image_id"]
        raise DataError(
            f"{origin} is no table of images: it has no column 'image_id' (or {', '.join(ids[1:])}) "
            f"and no 'path'. Its columns are: {', '.join(columns[:12])}."
        )


def plain_name(column: str) -> str:
    """Return a column's name as aliases are written.

    Example:
        >>> plain_name(" ISIC-ID")
        'isic_id'
    """
    return column.strip().casefold().replace(" ", "_").replace("-", "_")
