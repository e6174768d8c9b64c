"""By what images are told apart into subgroups: the columns of a manifest, as one label an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import Column, Manifest, age_bands, size_bands
from lentigo.errors import ConfigError, PredictionsError, name_offenders, suggest
from lentigo.wording import counted

NOT_RECORDED: Final = "not recorded"
UNGROUPED: Final = (NOT_RECORDED, "uncertain")  # what is missing, or a tone that could not be told: no group of people

ATTRIBUTES: Final = {
    "sex": "sex",
    "age": "age",
    "site": "site",
    "skin_type": "skin type (Fitzpatrick)",
    "skin_tone": "skin tone (estimated from the image)",
    "source": "source",
    "image_type": "image type",
    "image_size": "image size (shorter side)",
    "diagnosis": "diagnosis",
}
"""Keys of the subgroups, and how people call them, in the order in which they are shown."""

NO_GROUP: Final = frozenset({"image_id", "path", "lesion_id", "patient_id", "split"})
"""Columns that name single images or lesions, or how they were used, and make no subgroups."""


@dataclass(frozen=True, slots=True, eq=False)
class AttributeLabels:
    """One attribute of N images.

    Args:
        key: of `ATTRIBUTES`, or another column of the manifest.
        values: the labels that occur, in order; "not recorded" last.
        group: (N,) place of each image's label in `values`.

    Example:
        >>> AttributeLabels("sex", ("female", "male"), np.array([0, 1])).values[0]
        'female'
    """

    key: str
    values: tuple[str, ...]
    group: npt.NDArray[np.int64]

    @property
    def name(self) -> str:
        """How people call the attribute."""
        return ATTRIBUTES.get(self.key, self.key.replace("_", " "))


def refuse_unknown_columns(manifest: Manifest, keys: Sequence[str], *, asked_by: str = "evaluate.subgroups") -> None:
    """Refuse subgroups by what the data do not have.

    Raises:
        ConfigError: a key is neither of `ATTRIBUTES` nor a column of the manifest.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": "NV", "device": ["x"]})
        >>> refuse_unknown_columns(Manifest(table, origin="memory"), ["device", "sex"])
    """
    own = [str(name) for name in manifest.table.columns if name not in NO_GROUP]
    for key in keys:
        if key not in ATTRIBUTES and key not in own:
            known = list(dict.fromkeys((*ATTRIBUTES, *own)))
            raise ConfigError(
                f"{asked_by}: {manifest.origin} has no column '{key}'.{suggest(key, known)} "
                f"Known here: {', '.join(known)}."
            )


def labels_of(
    manifest: Manifest,
    images: npt.NDArray[np.str_],
    *,
    keys: Sequence[str] = (),
    age_starts: Sequence[int] | None = None,
) -> tuple[list[AttributeLabels], dict[str, str]]:
    """Return the attributes that tell the images apart, and why the others do not.

    Args:
        manifest: with a row for every image; `skin_tone`, `width` and `height` are what `lentigo train` adds to it.
        images: (N,) image ids.
        keys: the attributes wanted, also other columns of the manifest; those of `ATTRIBUTES` when empty.
        age_starts: the ages at which the next age group begins; those of ten years when left out.

    Raises:
        ConfigError: the manifest has no column of a wanted name.
        PredictionsError: an image is not in the manifest.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": "NV"})
        >>> manifest = Manifest(table.assign(sex=["male", "female"]), origin="memory")
        >>> found, missing = labels_of(manifest, np.array(["a", "b"]))
        >>> found[0].values, missing["age"]
        (('female', 'male'), 'not recorded')
    """
    rows = pd.Index(manifest.table["image_id"]).get_indexer(pd.Index(images))
    if (rows < 0).any():
        unknown = images[rows < 0].tolist()
        raise PredictionsError(
            f"{counted(len(unknown), 'predicted image is', 'predicted images are')} not in {manifest.origin}: "
            f"{name_offenders(unknown)}. Its image_id and the predictions' image have to agree."
        )
    refuse_unknown_columns(manifest, keys)
    table = manifest.table.iloc[rows].reset_index(drop=True)
    found, missing = [], {}
    for key in keys or ATTRIBUTES:
        column = _column(table, key, age_starts)
        if column is None or not column.notna().any():
            missing[key] = NOT_RECORDED
        elif len(column.unique()) == 1:
            missing[key] = f"all images: {column.iloc[0]}"
        else:
            found.append(_labels(key, column))
    return found, missing


def _column(table: pd.DataFrame, key: str, age_starts: Sequence[int] | None) -> "Column | None":
    if key == "image_size":
        has_size = {"width", "height"} <= set(table.columns)
        return size_bands(_numbers(table["width"]), _numbers(table["height"])) if has_size else None
    if key not in table:
        return None
    if key == "age":
        return age_bands(table["age"]) if age_starts is None else age_bands(table["age"], age_starts)
    if key == "diagnosis" and not table["diagnosis"].notna().any():
        # a model of diagnoses has them as targets; benign and malignant are not diagnoses
        return table["target"] if table["target"].nunique() > 2 else None
    return table[key].astype(object)


def _numbers(column: Column) -> Column:
    return pd.to_numeric(column, errors="coerce")


def _labels(key: str, column: Column) -> AttributeLabels:
    texts = column.where(column.notna(), NOT_RECORDED).astype(str)
    order = sorted(set(texts), key=lambda text: (text == NOT_RECORDED, text in UNGROUPED, *_place(key, text), text))
    return AttributeLabels(key, tuple(order), pd.Index(order).get_indexer(pd.Index(texts)).astype(np.int64))


def _place(key: str, text: str) -> tuple[float]:
    """Return where a value stands in an order of its own: bands by their start, tones from light to dark."""
    if key in {"age", "image_size"}:
        number = text.removeprefix("under ").split(" ")[0]
        return (float(number) - text.startswith("under ") if number.isdigit() else np.inf,)
    tones = ("very light", "light", "intermediate", "tan", "brown", "dark")
    return (float(tones.index(text)),) if key == "skin_tone" and text in tones else (np.inf,)
