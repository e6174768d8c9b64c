"""A table of labels beside a folder of DICOM files, joined by SOP Instance UID."""

import logging
from pathlib import Path

from lentigo.data.manifest import Manifest, Problems, as_text, either, note_problems, read_table
from lentigo.data.sources._aliases import rename_columns
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.data.sources._dicom import DicomDescription, rows_of_folder
from lentigo.data.sources._labels import add_labels
from lentigo.data.sources._roles import report_roles
from lentigo.data.sources._tables import clean
from lentigo.data.sources._targets import Task, to_manifest
from lentigo.errors import DataError, name_offenders
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)


def names_uids(columns: tuple[str, ...]) -> bool:
    """Return whether a table of these columns names DICOM images by their UID, and no files.

    Example:
        >>> names_uids(("SOPInstanceUID", "diagnosis")), names_uids(("sop_instance_uid", "path"))
        (True, False)
    """
    plain = {name.strip().casefold().replace(" ", "").replace("_", "") for name in columns}
    return "sopinstanceuid" in plain and not plain & {"path", "file", "filepath", "imagepath"}


def read_dicom_table(
    folder: Path, table: Path, *, taxonomy: Taxonomy, task: Task, choices: Choices = NOBODY
) -> Manifest:
    """Return the manifest of DICOM photographs below a folder, labelled by a table of their UIDs.

    What the table says about age, sex and so on counts more than what the files say. Photographs that the table does
    not name are left out with a warning.

    Args:
        folder: searched to the bottom.
        table: with a column `sop_instance_uid` and a diagnosis or a side.
        taxonomy: the meaning of the diagnoses.
        task: see `read_data`.
        choices: what the user says about columns and rows.

    Raises:
        DataError: a UID without a file, two rows for one UID, or labels that cannot be used.
    """
    raw = read_table(table)
    rows = rename_columns(raw, str(table), choices)
    columns = [str(name) for name in raw.columns]
    choices.check(columns, str(table))
    rows = rows.assign(image_id=as_text(rows["image_id"]))
    found = rows_of_folder(folder).set_index("image_id")
    problems = Problems(str(table))
    problems.add(rows["image_id"].duplicated(), "a UID twice", values=rows["image_id"], remedy="Keep one row for each.")
    unknown = ~rows["image_id"].isin(found.index)
    remedy = f"DICOM files are searched for below {folder}. Copy them there, or remove the rows."
    problems.add(unknown, f"{int(unknown.sum())} UIDs without a file", values=rows["image_id"], remedy=remedy)
    problems.raise_any(DataError)
    unnamed = found.index.difference(rows["image_id"].tolist())
    if len(unnamed):
        logger.warning(
            "%s: excluded %s that %s does not list: %s",
            folder,
            counted(len(unnamed), "photograph"),
            table.name,
            name_offenders(unnamed),
        )
    for name in ("path", *DicomDescription.__slots__[1:]):
        said = rows["image_id"].map(found[name]).astype(object)
        rows[name] = either(as_text(rows[name]), said) if name in rows and name != "path" else said
    labelled = add_labels(rows, problems, taxonomy=taxonomy)
    report_roles(str(table), columns, rows, labelled, choices)
    labelled = clean(labelled)
    note_problems(labelled, problems)
    problems.raise_any(DataError)
    return to_manifest(labelled, str(table), taxonomy=taxonomy, task=task, choices=choices)
