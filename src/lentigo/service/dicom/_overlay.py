"""The map as a Secondary Capture: the fitted photograph with the map laid over it, filed in the study of its source."""

import copy
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from lentigo.model import draw_overlay
from lentigo.service.dicom._filing import NOTICE, copy_attributes, fill_in
from lentigo.service.dicom._model import ModelIdentity
from lentigo.service.dicom._source import need_pydicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from lentigo.model import Explanation

SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
SERIES: Final = 9502


def make_overlay(source: "Dataset", why: "Explanation", model: ModelIdentity, *, now: datetime) -> "Dataset":
    """Return the explanation's map over what the network saw, the photograph beside it, as a Secondary Capture.

    Nothing is written on the pixels, so that no text about the patient is burned in.

    Args:
        source: the object that was explained, from `read_source`.
        why: the explanation.
        model: what answered.
        now: time of the answer.
    """
    pydicom = need_pydicom()
    pixels = np.asarray(draw_overlay(why.pixels, why.map))
    data: Dataset = pydicom.dataset.Dataset()
    copy_attributes(source, data)
    data.SOPClassUID = SECONDARY_CAPTURE
    fill_in(data, source, model, "overlay", SERIES, now)
    data.Modality, data.ConversionType = "OT", "WSD"
    data.ImageType = ["DERIVED", "SECONDARY"]
    data.BurnedInAnnotation = "YES" if str(source.get("BurnedInAnnotation", "")) == "YES" else "NO"
    data.PatientOrientation, data.Laterality = "", ""
    for name in ("Laterality", "ImageLaterality"):
        if name in source:
            data[name] = copy.deepcopy(source[name])
    data.LossyImageCompression = "01" if str(source.get("LossyImageCompression", "")) == "01" else "00"
    data.DerivationDescription = (
        f"{why.method} for {why.target}, orange for and blue against it; sanity score {why.sanity.score:+.2f}. "
        f"{why.sanity.sentence()} {NOTICE}"
    )[:1024]
    data.SourceImageSequence = [_reference(source)]
    data.ImageComments = f"{why.sanity.sentence()} {NOTICE}" if why.sanity.is_doubtful else NOTICE
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, "RGB", 0
    data.Rows, data.Columns = pixels.shape[:2]
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = pixels.tobytes()
    data["PixelData"].VR = "OB"
    return data


def _reference(source: "Dataset") -> "Dataset":
    pydicom = need_pydicom()
    item: Dataset = pydicom.dataset.Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    purpose = pydicom.dataset.Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "121322", "DCM"
    purpose.CodeMeaning = "Source image for image processing operation"
    item.PurposeOfReferenceCodeSequence = [purpose]
    return item
