"""Tables of DDI, Fitzpatrick17k, MRA-MIDAS and BCN20000 under the contract's names.

The first two name far more diseases than there are codes; what they say for every image is the side. So the target is
benign or malignant, and a diagnosis stands beside it where it has a code of that side.
"""

import logging
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import Column, as_text
from lentigo.errors import DataError
from lentigo.images import images_by_id, strip_suffix
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)

DDI: Final = frozenset({"DDI_file", "malignant", "disease"})
FITZPATRICK17K: Final = frozenset({"md5hash", "three_partition_label"})
MIDAS: Final = frozenset({"midas_file_name", "midas_path"})
BCN20000: Final = frozenset({"bcn_filename", "diagnosis"})

TONES: Final = {"12": "I-II", "34": "III-IV", "56": "V-VI"}
ROMAN: Final = {str(number): text for number, text in enumerate(("I", "II", "III", "IV", "V", "VI"), 1)}
SIDES: Final = {"true": MALIGNANT, "1": MALIGNANT, "false": BENIGN, "0": BENIGN}
# Not a tumour, so not malignant; the set's own papers do the same where they tell malignant from all else.
PARTITIONS: Final = {"malignant": MALIGNANT, "benign": BENIGN, "non-neoplastic": BENIGN}
# What a pathologist's report was filed under. The re-excisions that could be anything have no class.
PATHOLOGY: Final = {
    "malignant- bcc": "BCC",
    "malignant- melanoma": "MEL",
    "malignant- scc": "SCC",
    "malignant- sccis": "SCC",
    "malignant- ak": "AK",
    "malignant- other": "MAL_OTH",
    "benign-melanocytic nevus": "NV",
    "benign-seborrheic keratosis": "BKL",
    "benign-dermatofibroma": "DF",
    "benign-hemangioma": "VASC",
    "benign-fibrous papule": "BEN_OTH",
    "benign-other": "BEN_OTH",
    "other- non-neoplastic, inflammatory, infectious": "INF",
}


def ddi(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows of `ddi_metadata.csv`: benign or malignant, by biopsy, with two skin types as one.

    Args:
        table: as it stands in the file.
        path: of the file; unused, for all forms are called alike.
    """
    del path
    target = as_text(table["malignant"]).str.casefold().map(SIDES)
    tone = as_text(table["skin_tone"]) if "skin_tone" in table else None
    return table.drop(columns=["malignant", "DDI_file"]).assign(
        image_id=table["DDI_file"],
        target=target,
        diagnosis=_codes(table["disease"], target),
        skin_type=None if tone is None else tone.map(TONES),
        dx_type="histopathology",
        image_type="clinical",
        source="DDI",
    )


def fitzpatrick17k(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows of `fitzpatrick17k.csv` whose image was downloaded; many of its addresses are dead.

    Args:
        table: as it stands in the file.
        path: of the file; images are looked for below its folder.
    """
    group = as_text(table["three_partition_label"]).str.casefold()
    n_other = int((group == "non-neoplastic").sum())
    if n_other:
        logger.warning("%s: %d non-neoplastic images (inflammation and the like) count as benign", path, n_other)
    target = group.map(PARTITIONS)
    scale = next((name for name in ("fitzpatrick_scale", "fitzpatrick") if name in table), None)
    rows = table.drop(columns=["md5hash"]).assign(
        image_id=table["md5hash"],
        target=target,
        diagnosis=_codes(table["label"], target) if "label" in table else None,
        disease=table.get("label"),
        skin_type=None if scale is None else as_text(table[scale]).map(ROMAN),  # -1 is unknown
        image_type="clinical",
        source="Fitzpatrick17k",
    )
    return _that_are_there(rows.drop(columns=["label", *([scale] if scale else [])], errors="ignore"), path)


def midas(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows of `release_midas` that have a pathology: photographs at two distances and by dermatoscope.

    Args:
        table: as it stands in the file.
        path: of the file; images are looked for below its folder.
    """
    said = as_text(table["midas_path"]).str.casefold()
    code = said.map(PATHOLOGY)
    n_without = int(code.isna().sum())
    if n_without:
        logger.warning("%s: excluded %s of controls or without a clear pathology", path, counted(n_without, "image"))
    names = {
        "midas_file_name": "image_id",
        "midas_record_id": "lesion_id",
        "midas_age": "age",
        "midas_gender": "sex",
        "midas_location": "site",
    }
    rows = table.rename(columns=names).assign(diagnosis=code, dx_type="histopathology", source="MRA-MIDAS")
    if "midas_distance" in rows:
        is_scope = as_text(rows["midas_distance"]).str.casefold() == "dscope"
        rows["image_type"] = is_scope.map({True: "dermoscopic", False: "clinical"})
    if "midas_fitzpatrick" in rows:
        rows["skin_type"] = as_text(rows["midas_fitzpatrick"]).str.extract(r"(?i)^\s*([iv]+)\b")[0].str.upper()
    return _that_are_there(rows[code.notna()], path)


def bcn20000(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows of `bcn_20k_train.csv`; a split column that only says train is none.

    Args:
        table: as it stands in the file.
        path: of the file; unused, for all forms are called alike.
    """
    del path
    rows = table.rename(columns={"bcn_filename": "image_id"}).assign(image_type="dermoscopic", source="BCN20000")
    is_one_sided = "split" in rows and as_text(rows["split"]).nunique() < 2
    return rows.drop(columns="split") if is_one_sided else rows


def _codes(diseases: Column, sides: Column) -> Column:
    """Return the code of each disease that has one and stands on the side that the table states; None elsewhere."""
    taxonomy, found = Taxonomy(), []
    for disease, side in zip(as_text(diseases), sides, strict=True):
        try:
            code = None if disease is None else taxonomy.code(disease)
        except DataError:
            code = None
        found.append(code if code is not None and taxonomy.side(code) == side else None)
    return pd.Series(found, index=diseases.index, dtype=object)


def _that_are_there(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows whose image lies below the table's folder, and say how many others there are; all, if none do."""
    files = images_by_id(path.absolute().parent)
    is_there = as_text(rows["image_id"]).map(strip_suffix, na_action="ignore").isin(list(files))
    if not is_there.any() or is_there.all():
        return rows
    of_all = f"{int((~is_there).sum()):,} of {counted(len(rows), 'image')}"
    logger.warning("%s: excluded because not downloaded: %s", path, of_all)
    return rows[is_there]
