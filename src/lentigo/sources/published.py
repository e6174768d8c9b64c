"""What publishers leave out of their tables: a header, and what holds for every image."""

import re
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.manifest.columns import as_text
from lentigo.manifest.tables import read_table

__all__ = ["read_published"]

ISIC_ID: Final = re.compile(r"ISIC_\d{7}")
# Columns by which the table of PAD-UFES-20 is known.
PAD: Final = frozenset({"img_id", "diagnostic", "fitspatrick", "biopsed"})
# As the archive calls it; the paper's words for lesions without biopsy are "clinical consensus".
CONFIRMED: Final = {"true": "histopathology", "false": "clinical consensus"}


def read_published(path: Path) -> pd.DataFrame:
    r"""Return a table as it stands in a CSV or Parquet file, with what its publisher says elsewhere.

    The ground truth of ISIC 2016 has no header: its columns are `image_id` and `target`. PAD-UFES-20 says in its paper
    that the images are clinical photographs.

    Raises:
        ManifestError: the file is missing, empty, not UTF-8 or no table.
        MissingExtraError: a Parquet file, and pyarrow is not installed.

    Example:
        >>> _ = (folder / "truth.csv").write_text("ISIC_0000000,benign\nISIC_0000002,malignant\n")
        >>> read_published(folder / "truth.csv").to_dict("list")
        {'image_id': ['ISIC_0000000', 'ISIC_0000002'], 'target': ['benign', 'malignant']}
    """
    table = read_table(path)
    names = [str(name) for name in table.columns]
    if len(names) == 2 and ISIC_ID.fullmatch(names[0]):
        first = pd.DataFrame([names], columns=table.columns, index=[-1], dtype=object)  # line 1
        table = pd.concat([first, table])
        table.columns = pd.Index(["image_id", "target"], dtype=object)
    elif set(names) >= PAD:
        confirmed = as_text(table["biopsed"]).map(lambda text: CONFIRMED.get(text.casefold()), na_action="ignore")
        table = table.assign(image_type="clinical", source="PAD-UFES-20", dx_type=confirmed)
    return table
