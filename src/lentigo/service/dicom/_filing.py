"""What every object that lentigo writes shares: patient and study of its source, its own equipment, series and UIDs."""

import copy
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from lentigo.errors import DicomError
from lentigo.service.dicom._model import ModelIdentity, derived_uid
from lentigo.service.dicom._source import need_pydicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

NOTICE: Final = "Research use only; not a medical device. Do not decide about patients with it."
LITTLE: Final = "1.2.840.10008.1.2.1"
MANUFACTURER: Final = "lentigo"
# PS3.3: what an object has to share with the others of its patient and study to be filed with them.
_PATIENT: Final = (
    "SpecificCharacterSet", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
    "PatientAge", "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified", "ClinicalTrialSponsorName", "ClinicalTrialProtocolID",
    "ClinicalTrialSubjectID",
)  # fmt: skip
_STUDY: Final = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName",
    "StudyDescription",
)  # fmt: skip
_EMPTY: Final = {
    "PatientName": "", "PatientID": "", "PatientBirthDate": "", "PatientSex": "", "StudyDate": "", "StudyTime": "",
    "StudyID": "", "AccessionNumber": "", "ReferringPhysicianName": "",
}  # fmt: skip


def copy_attributes(source: "Dataset", target: "Dataset") -> None:
    """Copy patient and study into an object; what they must have and the source lacks is left empty."""
    for name in (*_PATIENT, *_STUDY):
        if name in source:
            target[name] = copy.deepcopy(source[name])
        elif name in _EMPTY:
            setattr(target, name, _EMPTY[name])


def evidence_of(source: "Dataset") -> "Dataset":
    """Return a data set of what a report takes from its source, and nothing else of it.

    The patient's name is not in it: highdicom prints names it does not like. `copy_attributes` brings it back.
    """
    pydicom = need_pydicom()
    slim: Dataset = pydicom.dataset.Dataset()
    copy_attributes(source, slim)
    slim.PatientName = "^"
    slim.Modality = "OT"  # img2dcm and scanners of paper leave it out, and highdicom asks for it
    for name in ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID"):
        setattr(slim, name, str(source[name].value))
    for name in ("Rows", "Columns", "Modality", "PatientOrientation"):
        if name in source:
            slim[name] = copy.deepcopy(source[name])
    return slim


def fill_in(target: "Dataset", source: "Dataset", model: ModelIdentity, kind: str, number: int, now: datetime) -> None:
    """Give an object its identity: UIDs that follow from source and model, series, equipment and times.

    Args:
        target: the object.
        source: what it is about.
        model: what answered.
        kind: report or overlay.
        number: of its series; high, to stand behind those of the clinic.
        now: time of the answer.
    """
    uid = str(source.SOPInstanceUID)
    target.SOPInstanceUID = derived_uid(uid, model.sha256, kind)
    target.SeriesInstanceUID = derived_uid(str(source.StudyInstanceUID), model.sha256, kind)
    target.SeriesNumber, target.InstanceNumber = number, 1
    target.SeriesDescription = f"lentigo {kind} (research)"
    target.Manufacturer, target.ManufacturerModelName = MANUFACTURER, model.name[:64]
    target.DeviceSerialNumber = model.sha256[:16]
    target.SoftwareVersions = [f"lentigo {model.runtime}", model.version[:64]]
    target.SeriesDate = target.ContentDate = target.InstanceCreationDate = now.strftime("%Y%m%d")
    target.SeriesTime = target.ContentTime = target.InstanceCreationTime = now.strftime("%H%M%S")


def is_own(source: "Dataset") -> bool:
    """Return whether lentigo wrote an object, which it then does not answer: an overlay is not a photograph."""
    return str(source.get("Manufacturer", "")).strip() == MANUFACTURER


def encode(data: "Dataset") -> bytes:
    """Return an object as the bytes of a file, explicit VR little endian.

    Raises:
        DicomError: one of its values cannot be written.
    """
    pydicom = need_pydicom()
    meta: Any = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = LITTLE
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
    data.file_meta = meta
    stream = io.BytesIO()
    try:
        pydicom.dcmwrite(stream, data, enforce_file_format=True, implicit_vr=False, little_endian=True)
    except Exception as error:  # noqa: BLE001 - pydicom's errors quote values; the kind is enough
        raise DicomError(f"the answer cannot be written as DICOM ({type(error).__name__}).") from None
    return stream.getvalue()
