"""Lesion ids that are only numbers within a patient, as registries count them: "lesion 2 of patient 17"."""

import logging
from typing import Final

import pandas as pd

from lentigo.data.manifest import LESION_NUMBER, Column, as_text
from lentigo.errors import clip

logger = logging.getLogger(__name__)

# An id that is unique in itself is longer; a few real ones stand under two patients by mistake (docs/data.md).
WITHIN_PATIENT: Final = r"\D{0,10}\d{1,2}|[A-Za-z]"
MOST_SHARED: Final = 0.3  # of the lesions, counted for each patient, whose id another patient has too
_MOST_IMAGES: Final = 5  # of a lesion, on average, before its id is doubted where it also has several diagnoses


def _without_numbers(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return the table without ids that can only be numbers within a patient, where nobody says which patient.

    As ids they would join the first lesions of all patients into one: many images, with many diagnoses.
    """
    ids = as_text(table["lesion_id"])
    label = next((name for name in ("diagnosis", "label", "target") if name in table), None)
    n_diagnoses = None if label is None else as_text(table[label]).groupby(ids).nunique()
    if not _are_numbers(ids, n_diagnoses):
        return table
    what = "numbers within a patient (1, 2, ...)"
    if len(ids.dropna().unique()) == 1:
        what = f"one value in all rows ('{clip(ids.dropna().iloc[0])}')"
    logger.warning(
        "%s: lesion ids are %s, and no column names the patients: they are not used. "
        "Name it with --set data.columns.patient_id=COLUMN.",
        origin,
        what,
    )
    return table.rename(columns={"lesion_id": LESION_NUMBER})


def _are_numbers(ids: Column, n_diagnoses: "Column | None") -> bool:
    """Return whether ids are too few for their images, and most images are of an id with several diagnoses.

    One value for many images is no id whatever their diagnoses are: it holds nothing apart.
    """
    images = ids.value_counts()
    many = len(images) > 0 and images.sum() > _MOST_IMAGES * len(images)
    if len(images) == 1:
        return bool(many or (n_diagnoses is not None and n_diagnoses.max() > 1))
    if not many or n_diagnoses is None or not images.index.to_series().str.fullmatch(WITHIN_PATIENT).all():
        return False
    return bool(images[n_diagnoses.reindex(images.index) > 1].sum() > images.sum() / 2)


def settle_lesions(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return the table with lesion ids that name one lesion each, also where its own count within a patient.

    Such ids get the patient's in front, also where every patient has one lesion, "1".
    A row without a patient then has no lesion either: nobody knows which it is.

    Args:
        table: under the contract's names.
        origin: the file, for the log.
    """
    if "lesion_id" not in table:
        return table
    if "patient_id" not in table or table["patient_id"].isna().all():
        return _without_numbers(table, origin)
    first = as_text(table["lesion_id"].head(1000)).dropna()
    if len(first.unique()) > 1 and not first.str.fullmatch(WITHIN_PATIENT).all():  # nearly always: most ids are longer
        return table
    ids = pd.DataFrame({name: as_text(table[name]) for name in ("patient_id", "lesion_id")})
    n_patients = ids.dropna().drop_duplicates()["lesion_id"].value_counts()
    if n_patients[n_patients > 1].sum() < MOST_SHARED * n_patients.sum() or n_patients.max() < 2:
        return table
    if len(n_patients) > 1 and not n_patients.index.to_series().str.fullmatch(WITHIN_PATIENT).all():
        return table
    logger.info(
        "%s: lesion ids are numbers within a patient (1, 2, ...); patient and number together identify a lesion.",
        origin,
    )
    whole = (ids["patient_id"] + "-" + ids["lesion_id"]).where(ids["patient_id"].notna() & ids["lesion_id"].notna())
    return table.assign(lesion_id=whole.astype(object))
