"""What may stay when an object leaves for research: the only attributes that do, and what happens to each.

An allow-list, because the standard grows and makers add their own: what is not here is gone. PS3.15 table E.1-1 (Basic
Application Confidentiality Profile) was the measure, with the options to retain patient characteristics (age, sex) and
longitudinal dates modified by a secret number of days.
"""

from collections.abc import Mapping
from typing import Final, Literal

# keep: as it stands. uid: another UID, the same for the same one. date: shifted. empty: present without a value.
# pseudonym: a keyed hash of the patient. age: 90 and above are one. kind: the first two values. items: each item is
# treated in the same way.
Action = Literal["keep", "uid", "date", "empty", "pseudonym", "age", "sex", "kind", "items"]

_KEPT: Final = """
SOPClassUID Modality ConversionType Manufacturer ManufacturerModelName Laterality ImageLaterality PatientOrientation
BodyPartExamined LightSourcePolarization EmitterColorTemperature ContactMethod ImmersionMedia OpticalMagnificationFactor
BurnedInAnnotation RecognizableVisualFeatures LossyImageCompression LossyImageCompressionRatio
LossyImageCompressionMethod PixelSpacing PixelSpacingCalibrationType ReferencedSOPClassUID SeriesNumber InstanceNumber
CodeValue LongCodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning
"""
_UIDS: Final = (
    "SOPInstanceUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID TrackingUID ReferencedSOPInstanceUID"
)
_DATES: Final = "StudyDate SeriesDate AcquisitionDate ContentDate"
_EMPTY: Final = "PatientBirthDate ReferringPhysicianName AccessionNumber StudyID StudyTime"
_ITEMS: Final = """
AnatomicRegionSequence AnatomicRegionModifierSequence PrimaryAnatomicStructureSequence
PrimaryAnatomicStructureModifierSequence SourceImageSequence ReferencedImageSequence PurposeOfReferenceCodeSequence
"""

ACTIONS: Final[Mapping[str, Action]] = {
    **dict.fromkeys(_KEPT.split(), "keep"),
    **dict.fromkeys(_UIDS.split(), "uid"),
    **dict.fromkeys(_DATES.split(), "date"),
    **dict.fromkeys(_EMPTY.split(), "empty"),
    **dict.fromkeys(_ITEMS.split(), "items"),
    "PatientName": "pseudonym",
    "PatientID": "pseudonym",
    "PatientAge": "age",
    "PatientSex": "sex",
    "ImageType": "kind",
}
# A code of any other scheme may be somebody's free text, and its item goes.
KNOWN_SCHEMES: Final = frozenset(("SCT", "SRT", "SNM3", "99SDM", "DCM", "FMA", "UCUM", "LN", "RADLEX"))
