"""`--groups`: lentigo's own manifest, or a published table of lesions or patients as it is."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lentigo.data.manifest import Manifest, as_text, read_table
from lentigo.data.sources import read_labelled
from lentigo.errors import PredictionsError, clip, name_offenders
from lentigo.numbers.predictions import Predictions
from lentigo.table_files import read_header
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

_MOST_NAMES = 2000  # of a column of diagnoses; one with more is a column of ids or remarks

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class LesionTable:
    """A table that says which images show one lesion or one patient.

    Args:
        manifest: the predicted images, for groups and subgroups; from a published table its paths are only names.
        images: image_id and lesion_id (or patient_id, where no image has a lesion) of all images of the table.
        unit: "lesion" or "patient", "" where the table has ids of neither.
    """

    manifest: Manifest
    images: pd.DataFrame
    unit: str

    def shared(self, images: NDArray[np.str_]) -> tuple[NDArray[np.bool_], int, int]:
        """Return which of some images share their lesion with an image of the table outside them, and two counts.

        Args:
            images: the test list.

        Returns:
            A flag an image, shape (N,); how many lesions these are; how many photographs of them lie outside the list.
        """
        is_listed = self.images["image_id"].isin(images.tolist())
        group = self.images["group"]
        torn = set(group[is_listed].dropna()) & set(group[~is_listed].dropna())
        is_torn = group.isin(torn)
        sharing = set(self.images["image_id"][is_listed & is_torn])
        return np.array([image in sharing for image in images.tolist()]), len(torn), int((is_torn & ~is_listed).sum())


def read_lesion_table(path: str | Path, predictions: Predictions, taxonomy: Taxonomy) -> LesionTable:
    """Return the groups of the predicted images by a manifest, or by a published table that has ids.

    Args:
        path: a manifest, or any table with a column of images and one of lesions or patients.
        predictions: whose images must be in it.
        taxonomy: spellings of classes and diagnoses.

    Raises:
        PredictionsError: an image is not in the table.
    """
    path = Path(path)
    if {"image_id", "path", "target"} <= set(read_header(path)):
        manifest = Manifest.read(path)
        return LesionTable(manifest, *_images(manifest.table))
    table = read_labelled(path, taxonomy=taxonomy, needs_labels=False)
    images, unit = _images(table)
    if not unit:
        logger.warning("%s has no ids of lesions or patients: images are resampled one by one", path)
    place = pd.Index(table["image_id"]).get_indexer(pd.Index(predictions.image))
    if (place < 0).any():
        absent = predictions.image[place < 0].tolist()
        raise PredictionsError(
            f"{counted(len(absent), 'predicted image is', 'predicted images are')} not in {path}: "
            f"{name_offenders(absent)}. Give a table that lists them all."
        )
    _say_what_is_unread(path, table, place, taxonomy)
    names = np.array([*map(taxonomy.target, predictions.classes), "UNK"], dtype=object)
    rows = table.iloc[place].drop(columns=["stated", "side"])
    folder = path.absolute().parent
    rows = rows.assign(
        target=names[predictions.target],
        path=[str(folder / image) for image in predictions.image.tolist()],
        split=None,
    )
    rows["age"] = pd.to_numeric(rows["age"], errors="coerce") if "age" in rows else None
    return LesionTable(Manifest(rows.reset_index(drop=True), origin=str(path)), images, unit)


def _say_what_is_unread(path: Path, table: pd.DataFrame, place: NDArray[np.intp], taxonomy: Taxonomy) -> None:
    """Log which texts of predicted images are no diagnosis that lentigo knows: their images make no subgroup.

    Args:
        path: of the table.
        table: as it was read, with codes for diagnoses.
        place: (N,) rows of the predicted images.
        taxonomy: that read them.
    """
    raw, codes = read_table(path), table["diagnosis"].iloc[place].reset_index(drop=True)
    if len(raw) != len(table) or not codes.isna().any():
        return
    for name in raw.columns:
        texts = as_text(raw[name]).iloc[place].reset_index(drop=True)
        if name in table.columns or texts.nunique() > _MOST_NAMES:
            continue
        known = {text: taxonomy.target(text) for text in texts.dropna().unique() if taxonomy.has_target(text)}
        if not (texts.map(known) == codes).any():
            continue  # not the column that the diagnoses are from
        unread = texts[codes.isna() & texts.notna() & ~texts.isin(list(known))].value_counts()
        if len(unread):
            shown = name_offenders([f"{clip(str(text))} ({n:,})" for text, n in unread.items()])
            logger.warning(
                "%s: the diagnosis of %s cannot be read and counts as not recorded: %s. A manifest with the names "
                "mapped ('lentigo split') has them all.",
                path,
                counted(int(unread.sum()), "image"),
                shown,
            )
            return


def _images(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return image_id and group of a table, and what a group is."""
    unit = next((name for name in ("lesion", "patient") if table[f"{name}_id"].notna().any()), "")
    group = table[f"{unit}_id"] if unit else None
    return pd.DataFrame({"image_id": table["image_id"], "group": group}), unit
