"""PH2: `PH2_dataset.txt`, whose fields stand between double bars, and a folder of images per case."""

from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.errors import DataError

TABLE: Final = "PH2_dataset.txt"
# The file's own legend: what "clinical diagnosis" 0, 1 and 2 mean.
DIAGNOSES: Final = {"0": "common nevus", "1": "atypical nevus", "2": "melanoma"}


def find_ph2(folder: Path) -> Path | None:
    """Return the table of PH2 in a folder or in its `PH2Dataset`; None where it is not.

    Example:
        >>> find_ph2(folder) is None
        True
    """
    return next((place / TABLE for place in (folder, folder / "PH2Dataset") if (place / TABLE).is_file()), None)


def read_ph2(path: Path) -> pd.DataFrame:
    r"""Return a row per case: `image_id` and `diagnosis`, labelled so that line numbers are those of the file.

    Raises:
        DataError: the file has no rows of cases.

    Example:
        >>> _ = (folder / "PH2_dataset.txt").write_text("||   Name || ... ||\n|| IMD003 ||  || 2 ||\n")
        >>> read_ph2(folder / "PH2_dataset.txt")[["image_id", "diagnosis"]].values.tolist()
        [['IMD003', 'melanoma']]
    """
    rows, lines = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        fields = [field.strip() for field in line.split("||")]
        if len(fields) > 3 and fields[1].startswith("IMD") and fields[3] in DIAGNOSES:
            rows.append((fields[1], DIAGNOSES[fields[3]]))
            lines.append(number - 2)
    if not rows:
        raise DataError(f"{path} has no rows of cases as PH2 has them. Download it again.")
    table = pd.DataFrame(rows, columns=["image_id", "diagnosis"], index=lines)
    return table.assign(lesion_id=table["image_id"], image_type="dermoscopic", source="PH2")
