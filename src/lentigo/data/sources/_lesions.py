"""Lesion ids that are only numbers within a patient, as registries count them: "lesion 2 of patient 17"."""

import logging
from typing import Final

import pandas as pd

from lentigo.data.manifest import LESION_NUMBER, as_text

logger = logging.getLogger(__name__)

# An id that is unique in itself is longer; a few real ones stand under two patients by mistake (docs/data.md).
WITHIN_PATIENT: Final = r"\D{0,10}\d{1,2}|[A-Za-z]"
MOST_SHARED: Final = 0.3
_MOST_IMAGES: Final = 5  # of a lesion, on average, before its id is doubted where it also has several diagnoses


def _without_numbers(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return the table without ids that can only be numbers within a patient, where nobody says which patient.

    As ids they would join the first lesions of all patients into one: many images, with many diagnoses.
    """
    label = next((name for name in ("diagnosis", "label", "target") if name in table), None)
    ids = as_text(table["lesion_id"])
    n_lesions = ids.nunique()
    if label is None or not n_lesions or ids.notna().sum() <= _MOST_IMAGES * n_lesions:
        return table
    if not ids.dropna().str.fullmatch(WITHIN_PATIENT).all():
        return table
    n_diagnoses = as_text(table[label]).groupby(ids).nunique()
    if (n_diagnoses > 1).mean() <= 1 / 2:
        return table
    logger.warning(
        "%s: lesion ids are numbers within a patient (1, 2, ...), and no column names the patients: they are not used. "
        "Name it with --set data.columns.patient_id=COLUMN.",
        origin,
    )
    return table.rename(columns={"lesion_id": LESION_NUMBER})


def settle_lesions(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return the table with lesion ids that name one lesion each, also where its own count within a patient.

    Such ids get the patient's in front. A row without a patient then has no lesion either: nobody knows which it is.

    Args:
        table: under the contract's names.
        origin: the file, for the log.
    """
    if "lesion_id" not in table:
        return table
    if "patient_id" not in table or table["patient_id"].isna().all():
        return _without_numbers(table, origin)
    first = as_text(table["lesion_id"].head(1000)).dropna()
    if not first.str.fullmatch(WITHIN_PATIENT).all():  # nearly always: most ids are longer
        return table
    ids = pd.DataFrame({name: as_text(table[name]) for name in ("patient_id", "lesion_id")})
    pairs = ids.dropna().drop_duplicates()
    n_patients = pairs["lesion_id"].value_counts()
    if len(n_patients) < 2 or (n_patients > 1).mean() < MOST_SHARED or (n_patients > 1).sum() < 2:
        return table
    if not n_patients.index.to_series().str.fullmatch(WITHIN_PATIENT).all():
        return table
    logger.info(
        "%s: lesion ids are numbers within a patient (1, 2, ...); patient and number together identify a lesion.",
        origin,
    )
    whole = (ids["patient_id"] + "-" + ids["lesion_id"]).where(ids["patient_id"].notna() & ids["lesion_id"].notna())
    return table.assign(lesion_id=whole.astype(object))
