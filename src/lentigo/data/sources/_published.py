"""What publishers leave out of their tables: a header, other column names, and what holds for every image."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import as_text, read_table
from lentigo.data.sources.layouts import FORMS, read_parquet_images
from lentigo.data.sources.layouts import _derm7pt as derm7pt
from lentigo.data.sources.layouts import _roboflow as roboflow
from lentigo.images import has_image_bytes

ISIC_ID: Final = re.compile(r"ISIC_\d{7}")
# Columns by which the table of PAD-UFES-20 is known.
PAD: Final = frozenset({"img_id", "diagnostic", "fitspatrick", "biopsed"})
# As the archive calls it; the paper's words for lesions without biopsy are "clinical consensus".
CONFIRMED: Final = {"true": "histopathology", "false": "clinical consensus"}


def read_published(path: Path) -> pd.DataFrame:
    r"""Return a table as it stands in its file, with what its publisher says elsewhere.

    The ground truth of ISIC 2016 has no header: its columns are `image_id` and `target`. PAD-UFES-20 says in its paper
    that the images are clinical photographs. Tables of DDI, Fitzpatrick17k, MRA-MIDAS, BCN20000 and Derm7pt get the
    contract's names, and Roboflow's `_classes.csv` a label; images in a Parquet file become files.

    Raises:
        ManifestError: the file is missing, empty or not a table.
        MissingExtraError: a Parquet or Excel table, and pyarrow or openpyxl is not installed.

    Example:
        >>> _ = (folder / "truth.csv").write_text("ISIC_0000000,benign\nISIC_0000002,malignant\n")
        >>> read_published(folder / "truth.csv").to_dict("list")
        {'image_id': ['ISIC_0000000', 'ISIC_0000002'], 'target': ['benign', 'malignant']}
    """
    if has_image_bytes(path):
        return read_parquet_images(path)
    table = read_table(path)
    names = [str(name) for name in table.columns]
    if path.name == roboflow.TABLE:
        return roboflow.labelled(table, path)
    for columns, make in FORMS.items():
        if set(names) >= columns:
            return make(table, path)
    if len(names) == 2 and ISIC_ID.fullmatch(names[0]):
        first = pd.DataFrame([names], columns=table.columns, index=[-1], dtype=object)  # line 1
        table = pd.concat([first, table])
        table.columns = pd.Index(["image_id", "target"], dtype=object)
    elif set(names) >= PAD:
        confirmed = as_text(table["biopsed"]).map(lambda text: CONFIRMED.get(text.casefold()), na_action="ignore")
        table = table.assign(image_type="clinical", source="PAD-UFES-20", dx_type=confirmed)
    return table


def image_root(path: Path, columns: Sequence[str]) -> Path:
    """Return the folder below which the images of a table are looked for: its own, but for Derm7pt's `meta/meta.csv`.

    Example:
        >>> image_root(Path("/set/metadata.csv"), ["image_id"]).as_posix()
        '/set'
    """
    own = path.absolute().parent
    return own.parent if set(columns) >= derm7pt.COLUMNS and own.name == derm7pt.FOLDER else own
