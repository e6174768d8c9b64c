"""De-identification for research: what is on the list stays, everything else goes, and nothing hides in the pixels.

Sequences are treated like the rest, item by item. UIDs, names and dates change by a keyed hash, so that all objects of
a patient stay together, and nobody without the key finds the way back. The pixels are decoded and written anew,
uncompressed: EXIF in a JPEG, bits that are not shown and bytes behind the frame are gone with the old ones. What is
burned into the picture itself stays, so an object that says it has such text, or shows a face, is refused.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from lentigo.config import ImageConfig
from lentigo.errors import ConfigError, DicomError
from lentigo.images import open_image
from lentigo.service.dicom._allowed import ACTIONS, KNOWN_SCHEMES
from lentigo.service.dicom._model import derived_uid
from lentigo.service.dicom._source import need_pydicom, read_source

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

SHORTEST_KEY: Final = 16  # bytes: 128 bits, so that ids cannot be found again by trying keys
MOST_DAYS: Final = 3650
DEEPEST: Final = 8
METHOD: Final = "lentigo allow-list after PS3.15 Basic Profile; pixels re-written"


@dataclass(frozen=True, slots=True)
class Deidentifier:
    """Takes identity out of DICOM photographs, always in the same way for one key.

    Args:
        key: secret of the study, 16 bytes or more; keep it apart from the data, and one for all that belongs together.
        dates: "shift" moves all dates of a patient by one secret number of days, up to ten years back; "remove" empties
            them.
        burned_in: "refuse" objects that say that text is burned in, or that the patient may be recognised; "allow"
            leaves the judgement to you.

    Example:
        >>> Deidentifier(b"a secret of 22 letters").pseudonym("4711")
        'PBD58CB39DA68'
    """

    key: bytes = field(repr=False)
    dates: Literal["shift", "remove"] = "shift"
    burned_in: Literal["refuse", "allow"] = "refuse"

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise ConfigError(f"a key for de-identification needs {SHORTEST_KEY} bytes or more; got {len(self.key)}.")
        if self.dates not in {"shift", "remove"} or self.burned_in not in {"refuse", "allow"}:
            raise ConfigError("dates are 'shift' or 'remove', burned_in is 'refuse' or 'allow'.")

    def photograph(self, content: bytes, *, limits: ImageConfig | None = None) -> "Dataset":
        """Return a DICOM photograph without identity, its pixels RGB and uncompressed.

        Args:
            content: of the file.
            limits: of decoding.

        Raises:
            DicomError: the object says that its pixels may identify the patient, or cannot be read.
            ImageError: its pixels cannot be decoded.
        """
        limits = limits or ImageConfig()
        clean = self.attributes(read_source(content, max_bytes=limits.max_bytes))
        pixels = np.asarray(open_image(content, limits=limits))
        clean.SamplesPerPixel, clean.PhotometricInterpretation, clean.PlanarConfiguration = 3, "RGB", 0
        clean.Rows, clean.Columns = pixels.shape[:2]
        clean.BitsAllocated, clean.BitsStored, clean.HighBit, clean.PixelRepresentation = 8, 8, 7, 0
        clean.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
        clean["PixelData"].VR = "OB"
        return clean

    def attributes(self, source: "Dataset") -> "Dataset":
        """Return what may stay of an object's attributes, without pixels.

        Raises:
            DicomError: the object says that its pixels may identify the patient.
        """
        if self.burned_in == "refuse":
            for name in ("BurnedInAnnotation", "RecognizableVisualFeatures"):
                if str(source.get(name, "")).strip().upper() == "YES":
                    raise DicomError(
                        f"the object declares {name} as YES, so its pixels may identify the patient. Mask them first."
                    )
        patient = f"{source.get('IssuerOfPatientID', '')}:{source.get('PatientID', '')}"
        clean = self._cleaned(source, patient, 0)
        pydicom = need_pydicom()
        clean.SpecificCharacterSet = "ISO_IR 192"
        clean.PatientID = self.pseudonym(patient)
        clean.PatientName = f"{clean.PatientID}^"
        for name in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "StudyID"):
            if name not in clean:
                setattr(clean, name, "")
        clean.PatientIdentityRemoved = "YES"
        clean.DeidentificationMethod = METHOD
        clean.DeidentificationMethodCodeSequence = [_method(pydicom, *code) for code in self._codes()]
        clean.LongitudinalTemporalInformationModified = "MODIFIED" if self.dates == "shift" else "REMOVED"
        return clean

    def pseudonym(self, patient: str) -> str:
        """Return what stands for a patient: P and 12 hex digits."""
        return f"P{self._hash('patient', patient)[:12].upper()}"

    def uid(self, uid: str) -> str:
        """Return what stands for a UID."""
        return derived_uid("research", self._hash("uid", uid))

    def shifted(self, text: str, patient: str) -> str:
        """Return a date (YYYYMMDD) moved by the patient's number of days; empty where it is not a date or they go."""
        if self.dates == "remove" or not re.fullmatch(r"\d{8}", text):
            return ""
        days = int(self._hash("days", patient)[:8], 16) % MOST_DAYS + 1
        try:
            moved = date(int(text[:4]), int(text[4:6]), int(text[6:])) - timedelta(days=days)
        except (ValueError, OverflowError):
            return ""
        return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"

    def _cleaned(self, source: "Dataset", patient: str, depth: int) -> "Dataset":
        pydicom = need_pydicom()
        clean: Dataset = pydicom.dataset.Dataset()
        for element in source:
            name = str(element.keyword)
            value = self._value(element, ACTIONS.get(name, ""), patient, depth)
            if value is not None:
                setattr(clean, name, value)
        return clean

    def _value(self, element: "DataElement", action: str, patient: str, depth: int) -> Any:
        """Return what becomes of a value; None where it goes."""
        if action == "items":
            if element.VR != "SQ" or depth >= DEEPEST:
                return None
            items = [self._cleaned(item, patient, depth + 1) for item in element.value if _is_known(item)]
            return [item for item in items if len(item)] or None
        if not action or element.VR == "SQ":
            return None
        text = str(element.value if element.value is not None else "").strip()
        done: dict[str, Any] = {
            "keep": element.value,
            "empty": "",
            "uid": self.uid(text),
            "date": self.shifted(text, patient),
            "age": _age(text),
            "sex": text if text in {"M", "F", "O"} else "",
            "kind": _kind(element.value),
        }
        return done.get(action)

    def _hash(self, kind: str, value: str) -> str:
        return hmac.new(self.key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()

    def _codes(self) -> list[tuple[str, str]]:
        codes = [
            ("113100", "Basic Application Confidentiality Profile"),
            ("113108", "Retain Patient Characteristics Option"),
        ]
        if self.dates == "shift":
            codes.append(("113107", "Retain Longitudinal Temporal Information Modified Dates Option"))
        return codes


def _method(pydicom: Any, value: str, meaning: str) -> "Dataset":
    item: Dataset = pydicom.dataset.Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _is_known(item: "Dataset") -> bool:
    return "CodingSchemeDesignator" not in item or str(item.CodingSchemeDesignator) in KNOWN_SCHEMES


def _age(text: str) -> str | None:
    said = re.fullmatch(r"(\d{3})([YMWD])", text)
    if said is None:
        return None
    return "090Y" if said[2] == "Y" and int(said[1]) > 89 else text


def _kind(value: Any) -> list[str] | None:
    values = [str(part) for part in value] if isinstance(value, (list, tuple)) or hasattr(value, "append") else []
    known = {"ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY"}
    return values[:2] if len(values) > 1 and set(values[:2]) <= known else None
