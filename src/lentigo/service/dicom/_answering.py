"""From an explanation to the objects that carry it, as bytes: report, overlay and, for research, the photograph."""

from datetime import datetime
from typing import TYPE_CHECKING

from lentigo.service.dicom._deidentify import Deidentifier
from lentigo.service.dicom._filing import encode
from lentigo.service.dicom._model import ModelIdentity
from lentigo.service.dicom._overlay import make_overlay
from lentigo.service.dicom._report import make_report

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from lentigo.model import Explanation

Delivery = list[tuple[str, str, bytes]]


def answer_objects(
    content: bytes,
    source: "Dataset",
    why: "Explanation",
    model: ModelIdentity,
    *,
    now: datetime,
    deidentifier: Deidentifier | None = None,
) -> Delivery:
    """Return kind, UID and file of each object that carries an answer.

    Args:
        content: the photograph's file.
        source: its attributes, from `read_source`.
        why: the explanation.
        model: what answered.
        now: time of the answer.
        deidentifier: takes identity out of all of them; the photograph is then one of them.

    Raises:
        DicomError: they cannot be built, or the photograph must not be de-identified.
    """
    told: Delivery = []
    if deidentifier is not None:
        clean = deidentifier.photograph(content)
        told.append(("photograph", str(clean.SOPInstanceUID), encode(clean)))
        source = clean
    for kind, make in (("report", make_report), ("overlay", make_overlay)):
        made = make(source, why, model, now=now)
        told.append((kind, str(made.SOPInstanceUID), encode(made)))
    return told
