"""Which column of somebody's table is which column of the contract."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from lentigo.errors import DataError
from lentigo.images.columns import IMAGE_COLUMNS, has_images, plain_name, refuse_no_images

__all__ = ["ALIASES", "HIERARCHY", "ONE_HOT", "ONE_HOT_2017", "has_images", "has_labels", "rename_columns"]

# First the contract's own name, then the others in order of preference. `side` and `label` are columns on the way.
ALIASES: Final[dict[str, tuple[str, ...]]] = {
    **IMAGE_COLUMNS,
    "diagnosis": ("diagnosis", "dx", "diagnostic"),
    "target": ("target",),
    "label": ("label", "class"),
    "side": ("benign_malignant", "malignant", "is_malignant"),
    "lesion_id": ("lesion_id", "lesion"),
    "patient_id": ("patient_id", "patient", "subject_id", "subject"),
    "split": ("split", "subset", "partition"),
    "age": ("age", "age_approx", "age_approximate"),
    "sex": ("sex", "gender"),
    "site": ("site", "localization", "anatom_site_general", "anatom_site_general_challenge", "location", "region"),
    "skin_type": ("skin_type", "fitzpatrick_skin_type", "fitzpatrick", "fitspatrick"),
    "image_type": ("image_type", "imaging_type"),
    "source": ("source", "dataset", "attribution", "device"),
    "dx_type": ("dx_type", "diagnosis_confirm_type"),
}
_FIELD_OF: Final = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
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


def field_of(column: str) -> str | None:
    """Return the field of the contract that a column's name stands for, None when it is no alias."""
    return _FIELD_OF.get(plain_name(column))


def has_labels(columns: Sequence[str]) -> bool:
    """Return whether a table of these columns says what its images show."""
    names = {field_of(name) for name in columns} | {plain_name(name) for name in columns}
    return bool(names & {"diagnosis", "target", "label", "side", *HIERARCHY}) or len(set(columns) & set(ONE_HOT)) > 1


def rename_columns(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return the table under the contract's names; columns that are no alias keep theirs.

    Where several columns stand for one field, the first alias in `ALIASES` is taken and the others stay as metadata,
    unless they say different things about identity or split.

    Raises:
        DataError: no column names the images, or two columns contradict each other.
    """
    refuse_no_images([str(name) for name in table.columns], origin)
    renames = {name: _LEVEL_OF[name] for name in table.columns if _LEVEL_OF.get(name) not in {None, *table.columns}}
    for field, aliases in ALIASES.items():
        candidates = [name for name in table.columns if field_of(str(name)) == field]
        candidates.sort(key=lambda name: aliases.index(plain_name(str(name))))
        if len(candidates) > 1 and field in {"image_id", "lesion_id", "patient_id", "split"}:
            _check_same(table, candidates, field, origin)
        if candidates:
            renames[candidates[0]] = field
    clashes = [name for name in table.columns if name in ALIASES and name not in renames]
    return table.rename(columns={**renames, **{name: f"{name}_given" for name in clashes}})


def _check_same(table: pd.DataFrame, names: Sequence[str], field: str, origin: str) -> None:
    first = table[names[0]]
    for name in names[1:]:
        if not first.equals(table[name]):
            raise DataError(
                f"{origin}: columns '{names[0]}' and '{name}' both stand for '{field}' and differ. Rename one of them."
            )
