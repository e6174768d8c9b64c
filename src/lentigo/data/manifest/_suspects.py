"""Columns that nobody uses and that behave like ids of patients or lesions: a split can tear what they hold together.

A registry's `Fall-Nr` or a clinic's `visit_no` is found by two signs: its values stand on several images that nothing
else keeps together, and its name, its relation to the ids of lesions, or the values themselves are those of an id.
`_id_values` judges values, for a hospital calls its numbers as it likes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest._columns import COLUMNS, LESION_NUMBER, METADATA, Column
from lentigo.data.manifest._grouping import group_images
from lentigo.data.manifest._id_values import are_ids, unaccented
from lentigo.errors import clip
from lentigo.wording import counted

# Words of a name that speak for the id of a person, a lesion or a visit, however few values there are.
FIRM: Final = frozenset(
    (
        "patient",
        "patients",
        "pat",
        "subject",
        "person",
        "participant",
        "proband",
        "mrn",
        "pid",
        "case",
        "cases",
        "lesion",
    )
)
# Words that also name things that are not a group, so that there have to be many values.
LOOSE: Final = frozenset(
    (
        *("id", "ids", "nr", "no", "num", "number", "uid", "guid", "key", "identifier", "record", "visit", "exam"),
        *("study", "encounter", "accession", "episode", "admission", "biopsy", "specimen", "fall", "akte", "series"),
        *("sample", "chart", "cartella", "dossier", "processo", "expediente"),
    )
)
# Words that say that the column is about something else.
OTHER: Final = frozenset(
    (
        *("image", "img", "file", "filename", "photo", "picture", "isic", "device", "camera", "dermatoscope"),
        *("dermoscope", "doctor", "physician", "reader", "annotator", "rater", "site", "location", "center", "centre"),
        *("hospital", "clinic", "institution", "batch", "fold", "license", "licence", "software", "serial", "model"),
        *("count", "type", "width", "height", "pixels", "size", "age", "sex", "year", "date", "time", "day", "month"),
        *("label", "class", "diagnosis", "score", "thickness", "diameter", "history", "hx", "status", "management"),
        *("manufacturer", "truth", "area", "bytes", "exposure", "iso", "zip", "zipcode", "postcode", "postal", "phone"),
        *("dob", "birth", "born", "breslow", "thickness", "duration", "price", "cost", "latitude", "longitude"),
        *("alter", "jahr", "datum", "geburtsdatum", "geburtsjahr", "grosse", "plz", "telefon", "zeit", "arzt", "bild"),
        *("datei", "gerat", "kamera", "annee", "naissance", "taille", "heure", "medecin", "appareil", "fichier"),
        *("edad", "ano", "fecha", "nacimiento", "tamano", "hora", "medico", "camara", "archivo", "imagen", "telefono"),
        *("idade", "data", "nascimento", "tamanho", "camera", "ficheiro", "arquivo", "imagem", "telefone", "cep"),
        *("eta", "anno", "nascita", "dimensione", "ora", "immagine", "diametro", "diametre", "durchmesser", "cap"),
    )
)
AMOUNTS: Final = frozenset(("n", "num", "number", "no"))  # "num_lesions" counts, "lesion_num" names
MOST_IMAGES: Final = 50  # of one value, on average: a column of ten wards in a thousand images is not an id
LEAST_VALUES: Final = 20  # of a column that only its relation to lesions gives away
WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column that behaves like the id of a group.

    Args:
        column: its name.
        n_values: distinct values.
        n_images: images that share their value with another image.
        n_torn: values whose images nothing else keeps together.

    Example:
        >>> Suspect("case_id", 40, 90, 31).title
        "Column 'case_id' behaves like an id of patients or lesions and is not used."
    """

    column: str
    n_values: int
    n_images: int
    n_torn: int

    @property
    def title(self) -> str:
        """What is seen, in a sentence."""
        return f"Column '{clip(self.column)}' behaves like an id of patients or lesions and is not used."

    @property
    def detail(self) -> str:
        """How it shows, in a sentence."""
        return (
            f"{counted(self.n_images, 'image shares', 'images share')} one of its {self.n_values:,} values with "
            f"another image; the images of {self.n_torn:,} values can land in different splits."
        )

    @property
    def remedy(self) -> str:
        """What settles it, in a sentence."""
        name = self.column
        options = (f"data.columns.patient_id={name}", f"data.columns.lesion_id={name}", f"data.columns.{name}=none")
        patient, lesion, nothing = (
            f"--set '{text}'" if re.search(r"[^\w.=-]", text) else f"--set {text}" for text in options
        )
        return f"Declare what it is: {patient} (patients), {lesion} (lesions), or {nothing} (neither)."

    @property
    def sentence(self) -> str:
        """All three sentences."""
        return f"{self.title} {self.detail} {self.remedy}"


def find_suspects(table: pd.DataFrame, settled: Mapping[str, str] | None = None) -> tuple[Suspect, ...]:
    """Return the unused columns of a manifest's table that behave like ids, in the table's order.

    Args:
        table: of a manifest.
        settled: what the user has said about columns (`data.columns`); `patient_id` set to none, or a column itself,
            ends the question.

    Example:
        >>> table = pd.DataFrame({"image_id": list("abcd"), "patient_id": None, "lesion_id": None})
        >>> [found.column for found in find_suspects(table.assign(CaseNo=[1, 1, 2, 3], ward=[1, 1, 2, 3]))]
        ['CaseNo']
    """
    said = {_plain(key): value.casefold() for key, value in (settled or {}).items()}
    if said.get("patientid") == "none":
        return ()
    found: list[Suspect] = []
    groups: npt.NDArray[np.int64] | None = None
    for name in map(str, table.columns):
        if name in {*COLUMNS, *METADATA, LESION_NUMBER} or said.get(_plain(name)) == "none":
            continue
        codes = _codes(table[name], name, table)
        if codes is None:
            continue
        if groups is None:
            groups = pd.factorize(group_images(table, "auto", "")[0])[0]
        suspect = _suspect(name, codes, groups)
        if suspect is not None:
            found.append(suspect)
    return tuple(found)


def independence(table: pd.DataFrame, unit: str) -> str:
    """Return what a split by `unit` keeps apart, and what nobody knows: "lesion, patients unknown".

    Example:
        >>> table = pd.DataFrame({"patient_id": [None, None], "lesion_id": ["1", "2"]})
        >>> independence(table, "lesion")
        'lesion, patients unknown'
    """
    gaps = []
    for word, column in (("patients", "patient_id"), ("lesions", "lesion_id")):
        n_missing = int(table[column].isna().sum()) if column in table else len(table)
        is_due = word == "patients" or unit == "image" or (unit == "lesion" and n_missing < len(table))
        if is_due and n_missing == len(table):
            gaps.append(f"{word} unknown")
        elif is_due and n_missing:
            gaps.append(f"{word} unknown for {n_missing:,} of {counted(len(table), 'image')}")
    if len(gaps) == 2 and all(gap.endswith(" unknown") for gap in gaps):
        gaps = ["lesions and patients unknown"]
    return ", ".join([unit, *gaps])


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _codes(values: Column, name: str, table: pd.DataFrame) -> npt.NDArray[np.int64] | None:
    """Return the value of each row as a number where the column may be an id, -1 where missing; None where not."""
    plain = unaccented(name)
    words = {word.casefold() for word in WORD.findall(plain)} | {plain.casefold()}
    is_amount = bool(words & AMOUNTS) and any(word.endswith("s") and len(word) > 3 for word in words)
    by_name = bool(words & (FIRM | LOOSE)) and not words & OTHER and not is_amount
    by_lesion = not words & OTHER and bool(table["lesion_id"].notna().any())
    if words & OTHER or not _may_be_id(values):
        return None
    codes, distinct = pd.factorize(values)
    n_known, n_values = int((codes >= 0).sum()), len(distinct)
    if n_values < 3 or n_values == n_known:
        return None
    most = 4 * MOST_IMAGES if words & FIRM else MOST_IMAGES
    if by_name and n_known / n_values <= most:
        return codes
    if not is_amount and are_ids(codes, distinct, table.get("sex")):
        return codes
    return codes if by_lesion and _holds_lesions(codes, distinct, table["lesion_id"]) else None


def _may_be_id(values: Column) -> bool:
    if pd.api.types.is_bool_dtype(values):
        return False
    if pd.api.types.is_float_dtype(values):
        present = values.dropna()
        return bool(len(present)) and bool((present == np.floor(present)).all())
    return True


def _holds_lesions(codes: npt.NDArray[np.int64], distinct: pd.Index, lesion: Column) -> bool:
    """Return whether every lesion lies in one value, many values hold several, and no value is an amount or a date."""
    lesions = pd.factorize(lesion)[0]
    known = (codes >= 0) & (lesions >= 0)
    pairs = pd.DataFrame({"value": codes[known], "lesion": lesions[known]}).drop_duplicates()
    n_lesions = pairs["lesion"].nunique()
    if len(pairs) != n_lesions or n_lesions < LEAST_VALUES or pairs["value"].nunique() < LEAST_VALUES:
        return False
    per_value = pairs["value"].value_counts()
    is_grouping = 1.1 <= per_value.mean() <= 5 and per_value.max() <= MOST_IMAGES
    return is_grouping and not _are_amounts_or_dates(distinct)


def _are_amounts_or_dates(distinct: pd.Index) -> bool:
    sample = pd.Series(distinct[:200].astype(str))
    numbers = pd.to_numeric(sample, errors="coerce")
    is_small = bool(numbers.notna().all()) and bool((numbers.abs() < 1000).all())
    return is_small or bool(sample.str.fullmatch(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*").all())


def _suspect(name: str, codes: npt.NDArray[np.int64], groups: npt.NDArray[np.int64]) -> Suspect | None:
    """Return the column as a suspect where images of a value stand in several groups; None where nothing can tear."""
    known = codes >= 0
    pairs = pd.DataFrame({"value": codes[known], "group": groups[known]})
    counts = pairs["value"].value_counts()
    n_groups = pairs.drop_duplicates()["value"].value_counts()
    n_torn = int((n_groups > 1).sum())
    if not n_torn:
        return None
    return Suspect(name, len(counts), int(counts[counts > 1].sum()), n_torn)
