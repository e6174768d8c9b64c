"""Metadata of the ISIC archive against the archive's own schema, the package isic-metadata.

A value outside the vocabulary, an age below 0, a thickness for a nevus, a lesion of two patients: data that came from
the archive can have them when somebody edited the table since. They are told, grouped, and nothing is refused.
"""

import importlib.util
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import as_text, read_table
from lentigo.errors import MissingExtraError, name_offenders

RENAMES: Final = {"age_approx": "age"}
IDS: Final = ("patient_id", "lesion_id")
ALONE: Final = ("age", "clin_size_long_diam_mm", "acquisition_day")  # judged without the rest of the row: many values
# What older exports say in words that the schema has given up; a `diagnosis` in LegacyDxEnum is one more.
OLDER: Final = {"image_type": {"clinical": "clinical: close-up", "overview": "clinical: overview"}}
LEVELS: Final = tuple(f"{field}_{level}" for field in ("diagnosis", "anatom_site") for level in range(1, 6))


def has_schema() -> bool:
    """Return whether isic-metadata is installed.

    Example:
        >>> isinstance(has_schema(), bool)
        True
    """
    return importlib.util.find_spec("isic_metadata") is not None


def is_archive_table(columns: Sequence[str]) -> bool:
    """Return whether a table of these columns is one of the archive's own.

    Example:
        >>> is_archive_table(["isic_id", "diagnosis_1", "sex"]), is_archive_table(["isic_id", "diagnosis"])
        (True, False)
    """
    return "isic_id" in columns and ("diagnosis_1" in columns or "copyright_license" in columns)


def metadata_problems(data: pd.DataFrame | str | Path) -> list[str]:
    """Return a sentence for each kind of problem in a table of the ISIC archive, with the first five images.

    Args:
        data: the table as published (before `read_data` renames columns), its file, or a folder with metadata.csv.

    Raises:
        MissingExtraError: isic-metadata is not installed.
        ManifestError: the file is not a table.

    Example:
        >>> table = pd.DataFrame({"isic_id": ["ISIC_1", "ISIC_2"], "sex": ["male", "mael"], "age_approx": [50, -5]})
        >>> for problem in metadata_problems(table):
        ...     problem
        'age: Number must be greater than or equal to 0. 1 image: ISIC_2'
        "sex: Input should be 'male' or 'female'. 1 image: ISIC_2"
    """
    if not has_schema():
        raise MissingExtraError("isic-metadata", extra="isic", purpose="check metadata of the ISIC archive")
    if not isinstance(data, pd.DataFrame):
        path = Path(data)
        data = read_table(path / "metadata.csv" if path.is_dir() else path)
    table = data.rename(columns={old: new for old, new in RENAMES.items() if new not in data})
    table = _in_current_words(table.apply(as_text))
    names = table["isic_id"].tolist() if "isic_id" in table else [f"row {row + 1}" for row in table.index]
    found = {key: images for columns in _groups(table) for key, images in _row_problems(table[columns], names).items()}
    sentences = [
        f"{column}: {message.rstrip('.')}. {len(images)} image{'s' if len(images) > 1 else ''}: "
        f"{name_offenders(images)}"
        for (column, message), images in sorted(found.items())
    ]
    return sentences + _batch_problems(table)


def _in_current_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the words of exports before the hierarchy of diagnoses, which are valid, in today's."""
    if "diagnosis" not in table or "diagnosis_1" in table:
        return table
    from isic_metadata.fields import LegacyDxEnum

    # Which of today's names it is does not matter to the check, only whether fields about melanomas fit it.
    melanoma, other = "Malignant:Malignant melanocytic proliferations (Melanoma)", "Benign"
    known = {name.value.casefold(): melanoma if "melanoma" in name.value else other for name in LegacyDxEnum}
    current = {"diagnosis": table["diagnosis"].map(lambda text: known.get(text.casefold(), text), na_action="ignore")}
    for name, words in OLDER.items():
        if name in table:
            current[name] = table[name].map(lambda text, words=words: words.get(text, text), na_action="ignore")
    table = table.assign(**current)
    if {"dermoscopic_type", "image_type"} <= set(table.columns):  # was also filled in for clinical photographs then
        is_dermoscopic = table["image_type"].str.casefold().eq("dermoscopic").fillna(value=False)
        table["dermoscopic_type"] = table["dermoscopic_type"].where(is_dermoscopic.astype(bool), None)
    return table


def _groups(table: pd.DataFrame) -> list[list[str]]:
    """Return the columns that the schema knows, in groups that are judged apart."""
    from isic_metadata.metadata import MetadataRow

    fields = (set(MetadataRow.model_fields) | set(LEVELS)) - {*IDS, "unstructured"}
    known = [name for name in map(str, table.columns) if name in fields]
    return [*([name] for name in known if name in ALONE), [name for name in known if name not in ALONE]]


def _row_problems(table: pd.DataFrame, names: Sequence[str | None]) -> dict[tuple[str, str], list[str]]:
    """Return which images have which problem; rows that are alike are judged once."""
    from isic_metadata.metadata import MetadataRow, convert_errors
    from pydantic import ValidationError

    columns = list(map(str, table.columns))
    alike: defaultdict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for name, values in zip(names, table.itertuples(index=False, name=None), strict=True):
        alike[values].append(str(name))
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for values, images in alike.items():
        try:
            MetadataRow.model_validate({name: value or "" for name, value in zip(columns, values, strict=True)})
        except ValidationError as error:
            for problem in convert_errors(error):
                place = str(problem["loc"][0]) if problem["loc"] else "row"
                found[place, problem["msg"]] += images
    return found


def _batch_problems(table: pd.DataFrame) -> list[str]:
    """Return what is wrong between rows: a lesion of two patients."""
    if not set(IDS) <= set(table.columns):
        return []
    pairs = table[list(IDS)].dropna().drop_duplicates()
    lesions = pairs["lesion_id"][pairs["lesion_id"].duplicated(keep=False)].drop_duplicates()
    return [f"lesion_id: belongs to several patients: {name_offenders(lesions)}"] if len(lesions) else []
