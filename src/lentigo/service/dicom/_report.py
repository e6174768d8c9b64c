"""The answer as a Comprehensive 3D SR after TID 1500: what was found, how sure, by what, and on which photograph.

One group holds the finding: probability of cancer, the threshold, the decision and the likeliest diagnosis, and one
group for each class its probability. Where the image cannot be assessed, there is the decision and why, and no number.
highdicom builds the templates.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from lentigo.errors import DicomError, MissingExtraError
from lentigo.model import CANNOT_ASSESS
from lentigo.service.dicom._codes import OWN_SCHEME, Concept, concept_of, own
from lentigo.service.dicom._filing import NOTICE, copy_attributes, evidence_of, fill_in
from lentigo.service.dicom._model import ModelIdentity, derived_uid
from lentigo.service.dicom._source import need_pydicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from lentigo.model import Explanation

SERIES: Final = 9501
_FINDING, _LESION = Concept("121071", "DCM", "Finding"), Concept("95324001", "SCT", "Skin lesion")
_CANCER = Concept("111047", "DCM", "Probability of cancer")
_CERTAINTY = Concept("111012", "DCM", "Certainty of Finding")
_THRESHOLD = Concept("122411", "DCM", "Threshold Value")
_DECISION = Concept("111005", "DCM", "Assessment Category")
_DIAGNOSIS = Concept("111023", "DCM", "Differential Diagnosis/Impression")
_QUALITY = Concept("111052", "DCM", "Quality Finding")
_COMMENT = Concept("121106", "DCM", "Comment")
_RATIO = Concept("{0:1}", "UCUM", "range: 0:1")
_PHOTOGRAPHY = Concept("446078004", "SCT", "Dermoscopic photography")


def make_report(source: "Dataset", why: "Explanation", model: ModelIdentity, *, now: datetime) -> "Dataset":
    """Return the answer as a structured report, filed in the study of its source.

    Args:
        source: the object that was explained, from `read_source`.
        why: the explanation, with the answer in it.
        model: what answered.
        now: time of the answer.

    Raises:
        DicomError: it cannot be built, because of what stands in the source.
        MissingExtraError: highdicom is not installed.
    """
    sr = load_templates()
    evidence = evidence_of(source)
    try:
        content = _Content(sr, evidence, _sites(sr, source), why, model).build()
        report: Dataset = sr.Comprehensive3DSR(
            evidence=[evidence],
            content=content,
            series_instance_uid=derived_uid(str(source.StudyInstanceUID), model.sha256, "report"),
            series_number=SERIES,
            sop_instance_uid=derived_uid(str(source.SOPInstanceUID), model.sha256, "report"),
            instance_number=1,
            manufacturer="lentigo",
            is_complete=True,
        )
    except Exception as error:  # whatever highdicom does not like; its words may quote the source
        raise DicomError(f"no report can be built about this object ({type(error).__name__}).") from error
    copy_attributes(source, report)
    fill_in(report, source, model, "report", SERIES, now)
    report.CodingSchemeIdentificationSequence = [_own_scheme()]
    for item in report.get("ContributingEquipmentSequence", []):  # highdicom names itself, with the second it did so
        item.ContributionDateTime = now.strftime("%Y%m%d%H%M%S")
    return report


def load_templates() -> Any:
    """Return the module highdicom.sr.

    Raises:
        MissingExtraError: highdicom is not installed.
    """
    need_pydicom()
    try:
        import highdicom.sr as sr
    except ImportError as error:
        raise MissingExtraError("highdicom", extra="dicom", purpose="write structured reports") from error
    return sr


class _Content:
    """The content tree of one report."""

    def __init__(self, sr: Any, evidence: "Dataset", sites: Any, why: "Explanation", model: ModelIdentity) -> None:
        self.sr, self.evidence, self.sites, self.why, self.model = sr, evidence, sites, why, model

    def build(self) -> Any:
        sr, answer = self.sr, self.why.answer
        groups = [self.finding()]
        if answer.decision != CANNOT_ASSESS:
            groups += [self.candidate(name, chance) for name, chance in answer.differential]
        observer = sr.ObserverContext(
            observer_type=_code(sr, Concept("121007", "DCM", "Device")),
            observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
                uid=derived_uid(self.model.sha256, "device"),
                name="lentigo",
                manufacturer_name="lentigo",
                model_name=self.model.name[:64],
                serial_number=self.model.sha256,
            ),
        )
        root = sr.MeasurementReport(
            observation_context=sr.ObservationContext(observer_device_context=observer),
            procedure_reported=_code(sr, _PHOTOGRAPHY),
            imaging_measurements=groups,
            title=_code(sr, Concept("126000", "DCM", "Imaging Measurement Report")),
        )
        for text in self.comments():
            item = sr.TextContentItem(
                name=_code(sr, _COMMENT), value=text, relationship_type=sr.RelationshipTypeValues.CONTAINS
            )
            root[0].ContentSequence.append(item)
        return root[0]

    def finding(self) -> Any:
        answer = self.why.answer
        numbers = []
        said = [(_DECISION, own(answer.decision, answer.decision))]
        if answer.decision != CANNOT_ASSESS:  # else the numbers mean nothing, and an archive shows them all the same
            numbers = [self.number(_CANCER, answer.malignant), self.number(_THRESHOLD, answer.threshold)]
            said.append((_DIAGNOSIS, concept_of(answer.differential[0][0])))
        said += [(_QUALITY, own(reason, reason)) for reason in answer.reasons]
        return self.group("finding", _LESION, numbers, said, algorithm_id=self.algorithm())

    def candidate(self, name: str, chance: float) -> Any:
        return self.group(f"class {name}", concept_of(name), [self.number(_CERTAINTY, chance)], [])

    def group(
        self, name: str, finding: Concept, numbers: list[Any], said: list[tuple[Concept, Concept]], **more: Any
    ) -> Any:
        sr = self.sr
        uid = derived_uid(str(self.evidence.SOPInstanceUID), self.model.sha256, name)
        return sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=sr.TrackingIdentifier(uid=uid, identifier=name),
            finding_type=_code(sr, finding),
            finding_sites=self.sites,
            measurements=numbers,
            qualitative_evaluations=[
                sr.QualitativeEvaluation(name=_code(sr, question), value=_code(sr, answer)) for question, answer in said
            ],
            source_images=[sr.SourceImageForMeasurementGroup.from_source_image(self.evidence)],
            **more,
        )

    def number(self, name: Concept, value: float) -> Any:
        return self.sr.Measurement(name=_code(self.sr, name), value=round(value, 6), unit=_code(self.sr, _RATIO))

    def algorithm(self) -> Any:
        return self.sr.AlgorithmIdentification(
            name=f"lentigo {self.model.name}"[:1024],
            version=self.model.version,
            parameters=self.model.lines(),
            manufacturer="lentigo",
        )

    def comments(self) -> list[str]:
        sanity = self.why.sanity
        return [
            NOTICE,
            f"Map: {self.why.method} for {self.why.target}; sanity score {sanity.score:+.2f}. {sanity.sentence()}",
        ]


def _own_scheme() -> "Dataset":
    pydicom = need_pydicom()
    item: Dataset = pydicom.dataset.Dataset()
    item.CodingSchemeDesignator = OWN_SCHEME
    item.CodingSchemeName = "Decisions and diagnosis groups of lentigo"
    item.CodingSchemeResponsibleOrganization = "lentigo"
    return item


def _code(sr: Any, concept: Concept) -> Any:
    return sr.CodedConcept(value=concept.value, scheme_designator=concept.scheme, meaning=concept.meaning)


def _sites(sr: Any, source: "Dataset") -> list[Any] | None:
    """Return the anatomic region of the source as finding site, where it is coded in full."""
    items = source.get("AnatomicRegionSequence") or []
    for item in items[:1]:
        value, scheme, meaning = (
            str(item.get(name, "")) for name in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
        )
        if 0 < len(value) <= 16 and 0 < len(scheme) <= 16 and 0 < len(meaning) <= 64:
            return [sr.FindingSite(anatomic_location=_code(sr, Concept(value, scheme, meaning)))]
    return None
