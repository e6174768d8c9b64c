"""Tables about images whose files are not needed: the truth of a test set, the lesions of a published one."""

from pathlib import Path

import pandas as pd

from lentigo.data.manifest import Problems, as_text
from lentigo.data.sources._aliases import rename_columns
from lentigo.data.sources._by_content import with_pathology
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.data.sources._labels import add_labels
from lentigo.data.sources._lesions import settle_lesions
from lentigo.data.sources._lookup import plain_ids
from lentigo.data.sources._published import read_published
from lentigo.data.sources._tables import clean
from lentigo.data.sources.layouts import is_per_lesion
from lentigo.errors import DataError
from lentigo.taxonomy import Taxonomy


def read_labelled(path: Path, *, taxonomy: Taxonomy, needs_labels: bool, choices: Choices = NOBODY) -> pd.DataFrame:
    r"""Return a row per image of any table that `read_data` understands, without looking for image files.

    The columns are the contract's, with `stated` (a target written in the table) and `side` (benign or malignant);
    diagnoses are codes. A table of lesions has its lesions as `image_id`, as a submission to ISIC 2025 has.

    Args:
        path: of the table.
        taxonomy: the meaning of the diagnoses.
        needs_labels: whether labels that are not understood, or missing, are an error.
        choices: what the user says about columns.

    Raises:
        DataError: not a table of images, an image twice, or labels that cannot be used.

    Example:
        >>> _ = (folder / "HAM10000_metadata.csv").write_text("lesion_id,image_id,dx\nHAM_1,ISIC_1,mel\n")
        >>> rows = read_labelled(folder / "HAM10000_metadata.csv", taxonomy=Taxonomy(), needs_labels=False)
        >>> rows[["image_id", "lesion_id", "diagnosis"]].values.tolist()
        [['ISIC_1', 'HAM_1', 'MEL']]
    """
    raw = read_published(path)
    names = [str(name) for name in raw.columns]
    if is_per_lesion(names):
        raw = raw.assign(image_id=rename_columns(raw.assign(image_id=""), str(path))["lesion_id"])
    choices.check(names, str(path))
    if not choices.is_closed("diagnosis"):
        choices = with_pathology(raw, path, choices, taxonomy)
    table = rename_columns(raw, str(path), choices)
    if not is_per_lesion(names):
        table = settle_lesions(table, str(path))
    if "image_id" not in table:
        table = table.assign(image_id=as_text(table["path"]))
    table = table.assign(image_id=plain_ids(as_text(table["image_id"])))
    problems = Problems(str(path))
    labelled = clean(add_labels(table, problems, taxonomy=taxonomy))
    if not needs_labels:
        problems = Problems(str(path))
    ids = labelled["image_id"]
    problems.add(ids.isna(), "no image_id", remedy="Fill it in, or remove the row.")
    twice = ids.duplicated(keep=False) & ids.notna()
    problems.add(twice, "duplicate image_id", values=ids, remedy="Keep one row per image.")
    problems.raise_any(DataError)
    return labelled
