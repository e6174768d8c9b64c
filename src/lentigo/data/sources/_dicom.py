"""Folders of DICOM photographs: who, where and with what, from the files; what it is, from class folders or a table.

Ids of patients and lesions are replaced by keyed hashes: they only have to tell who is the same. Without a key
(`LENTIGO_PSEUDONYM_KEY`) anyone who knows a patient's number can find it again; `LENTIGO_PSEUDONYM_KEY=plain` keeps the
ids as they are.
"""

import hashlib
import hmac
import logging
import mmap
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import pandas as pd

from lentigo._body_sites import body_site
from lentigo.data.manifest import either
from lentigo.errors import DataError, name_offenders
from lentigo.images import is_dicom, walk_images
from lentigo.images.dicom import PHOTOGRAPHS, DamageError, DicomValues, Element, Elements, RefusalError, open_part10

logger = logging.getLogger(__name__)

KEY: Final = "LENTIGO_PSEUDONYM_KEY"
LARGEST: Final = 1 << 30  # bytes that a deflated file may inflate to while its header is read
DERMOSCOPIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.7"
PHOTOGRAPHIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.4"
_UID: Final = re.compile(r"[0-9.]{1,64}")
# The ISIC archive's general sites, by words in the meaning of the anatomic region's code; the first that fits counts,
# where `body_site` does not know all of its words ("skin structure of back").
SITES: Final = (
    ("palms/soles", "palm|palmar|plantar|soles?|heel"),
    ("oral/genital", "oral|mucosa|genital|genitalia|labi[au]m?|penis|vulva|scrotum|perineum|anus|clitoris"),
    ("head/neck", "head|neck|face|scalp|forehead|cheek|nose|nasal|ear|eyelid|canthus|chin|lips?|temporal|nuchal|helix"),
    ("upper extremity", "upper (limb|extremity)|arm|forearm|elbow|hand|wrist|finger|thumb|shoulder|antecubital"),
    ("lower extremity", "lower (limb|extremity)|leg|thigh|knee|foot|ankle|toe|calf|popliteal|buttock|gluteal"),
    ("posterior torso", "back|scapula|lumbar|posterior (torso|trunk)"),
    ("lateral torso", "flank|axilla|axillary|lateral (torso|trunk)"),
    ("anterior torso", "chest|breast|abdomen|abdominal|anterior (torso|trunk)|umbilicus|inguinal|areola|nipple"),
)


@dataclass(frozen=True, slots=True)
class DicomDescription:
    """What a DICOM photograph says about itself, besides its pixels; None where it does not.

    Args:
        image_id: its SOP Instance UID.
        patient_id: pseudonym of the patient's id and its issuer.
        lesion_id: pseudonym of the tracking UID or id.
        age: in years at the time of the study.
        sex: male, female or other.
        site: the ISIC archive's word where the anatomic region has one, otherwise the region's own name.
        image_type: dermoscopic or clinical.
        source: manufacturer and model of the device.
    """

    image_id: str
    patient_id: str | None
    lesion_id: str | None
    age: float | None
    sex: str | None
    site: str | None
    image_type: str | None
    source: str | None


def describe(path: Path) -> DicomDescription | None:
    """Return what a DICOM photograph says about itself; None for a DICOM file that is not a photograph.

    Raises:
        DataError: it cannot be read, or has no UID.
    """
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return _describe(_DicomReader.open(cast("bytes", mapped)), path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read. Check that it is a whole file.") from error
    except DamageError as damage:
        raise DataError(f"{path} is damaged: {damage}. Replace it by an intact copy.") from None
    except RefusalError as refusal:
        raise DataError(f"{path} {refusal}") from None


def pseudonym(kind: str, value: str) -> str:
    """Return what stands for an id: 16 hex digits, the same for the same id and key.

    Args:
        kind: of the id, so that a patient and a lesion with one number get two pseudonyms.
        value: the id.

    Example:
        >>> pseudonym("patient", "4711") == pseudonym("patient", "4711") != pseudonym("lesion", "4711")
        True
    """
    key = os.environ.get(KEY, "")
    if key == "plain":
        return value
    return hmac.new(f"lentigo {key}".encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:16]


def rows_of_folder(folder: Path) -> pd.DataFrame:
    """Return a row for each DICOM photograph below a folder: `DicomDescription` and its path.

    Files that cannot be read, and objects that are not photographs, are named in a warning.

    Raises:
        DataError: two files have one UID.
    """
    paths = [path for path in walk_images(folder).images if is_dicom(path)]
    found = list(_rows(paths))
    rows = [row for row in found if isinstance(row, dict)]
    _warn(folder, [str(row) for row in found if isinstance(row, DataError)], "cannot be read and are excluded")
    strangers = [path.name for path, row in zip(paths, found, strict=True) if row is None]
    _warn(folder, strangers, "are not photographs and are excluded")
    names = [*DicomDescription.__slots__, "path"]
    table = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in names})
    twice = table[table["image_id"].duplicated(keep=False)]["path"]
    if len(twice):
        raise DataError(f"{folder}: files with the same SOP Instance UID: {name_offenders(twice)}. Keep one of each.")
    return table


def add_dicom(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with what its DICOM files say where it says nothing; their UIDs become the image ids.

    Objects that are not photographs are left out with a warning. A file that cannot be read keeps its row as it is: it
    is one more unreadable image.

    Args:
        table: with the column `path`.
    """
    positions = [k for k, path in enumerate(table["path"]) if path is not None and is_dicom(str(path))]
    if not positions:
        return table
    paths = [Path(str(table["path"].iloc[k])) for k in positions]
    told = dict(zip(map(str, paths), _rows(paths), strict=True))
    found = {path: row for path, row in told.items() if isinstance(row, dict)}
    strangers = [path for path, row in told.items() if row is None]
    _warn("DICOM", [Path(path).name for path in strangers], "are not photographs and are excluded")
    if strangers:
        table = table[~table["path"].isin(strangers)].reset_index(drop=True)
    described = [found.get(str(path)) or {} for path in table["path"]]
    columns = {}
    for name in DicomDescription.__slots__:
        said = pd.Series([row.get(name) for row in described], index=table.index, dtype=object)
        known = table[name].astype(object) if name in table else None
        columns[name] = said if known is None else either(said, known) if name == "image_id" else either(known, said)
    return table.assign(**columns)


def _rows(paths: Sequence[Path]) -> Iterator[dict[str, object] | DataError | None]:
    """Yield for each file what it says; the error of one that cannot be read, None for what is not a photograph."""

    def attempt(path: Path) -> DicomDescription | DataError | None:
        try:
            return describe(path)
        except DataError as error:
            return error

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for path, found in zip(paths, pool.map(attempt, paths), strict=True):
            if isinstance(found, DicomDescription):
                yield {**{name: getattr(found, name) for name in DicomDescription.__slots__}, "path": str(path)}
            else:
                yield found


def _warn(origin: Path | str, offenders: Sequence[str], what: str) -> None:
    if offenders:
        logger.warning("%s: %d DICOM files %s: %s", origin, len(offenders), what, name_offenders(offenders, width=300))


class _DicomReader:
    """The values of one file, sequences included."""

    def __init__(self, elements: Elements, found: Mapping[int, Element], encoding: object) -> None:
        self.elements, self.found, self.encoding = elements, found, encoding
        self.values = DicomValues(elements, found, encoding)  # type: ignore[arg-type]

    @classmethod
    def open(cls, content: bytes) -> "_DicomReader":
        content, start, _, encoding = open_part10(content, max_bytes=LARGEST)
        elements = Elements(content)
        found = {element.tag: element for element in elements.walk(start, len(content), encoding)}
        return cls(elements, found, encoding)

    def text(self, tag: int) -> str:
        raw = self.values.bytes(tag)[:1024]
        try:
            return raw.decode("utf-8").strip(" \0")
        except UnicodeDecodeError:
            return raw.decode("latin-1").strip(" \0")

    def item(self, tag: int) -> "_DicomReader | None":
        sequence = self.found.get(tag)
        if sequence is None:
            return None
        first = self.elements.first_item(sequence, self.encoding)  # type: ignore[arg-type]
        return _DicomReader(self.elements, first, self.encoding)


def _describe(reader: _DicomReader, path: Path) -> DicomDescription | None:
    sop_class = reader.text(0x00080016)
    if sop_class not in PHOTOGRAPHS:
        return None
    uid = reader.text(0x00080018)
    if not _UID.fullmatch(uid):
        raise DataError(f"{path} has no valid SOP Instance UID. Replace it by an intact copy.")
    patient = reader.text(0x00100020)
    lesion = reader.text(0x00620021) or reader.text(0x00620020)
    device = " ".join(filter(None, (reader.text(0x00080070), reader.text(0x00081090))))
    return DicomDescription(
        image_id=uid,
        patient_id=pseudonym("patient", f"{reader.text(0x00100021)}:{patient}".lstrip(":")) if patient else None,
        lesion_id=pseudonym("lesion", lesion) if lesion else None,
        age=_age(reader),
        sex={"M": "male", "F": "female", "O": "other"}.get(reader.text(0x00100040)),
        site=_site(reader),
        image_type=_image_type(reader, sop_class),
        source=device or None,
    )


def _age(reader: _DicomReader) -> float | None:
    """Return the age in years, from the patient's age or from dates of birth and study."""
    said = re.fullmatch(r"(\d{3})([YMWD])", reader.text(0x00101010))
    if said:
        return float(int(said[1]) // {"Y": 1, "M": 12, "W": 52, "D": 365}[said[2]])
    dates = [reader.text(tag) for tag in (0x00100030, 0x00080020)]
    if not all(re.fullmatch(r"[12]\d{7}", date) for date in dates):
        return None
    born, seen = map(int, dates)
    return float((seen - born) // 10_000) if 0 <= seen - born < 121 * 10_000 else None


def _site(reader: _DicomReader) -> str | None:
    item = reader.item(0x00082218)
    region = (item.text(0x00080104) if item else "") or reader.text(0x00180015)
    words = region.casefold()
    known = body_site(words)
    return known or next((site for site, pattern in SITES if re.search(rf"\b({pattern})\b", words)), words or None)


def _image_type(reader: _DicomReader, sop_class: str) -> str | None:
    """Return dermoscopic or clinical; None for a secondary capture, which may be anything."""
    said = " ".join(reader.text(tag) for tag in (0x0008103E, 0x00181030, 0x00081030)).casefold()
    has_dermatoscope = bool({0x00161001, 0x00161003} & set(reader.found)) or re.search("dermat?oscop", said)
    if sop_class == DERMOSCOPIC or (sop_class == PHOTOGRAPHIC and has_dermatoscope):
        return "dermoscopic"
    return "clinical" if sop_class == PHOTOGRAPHIC else None
