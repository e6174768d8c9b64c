"""What bundle.json says, as a record: every field checked on the way in, whoever wrote it.

`files` and `seal` are not part of it: `lentigo.model._files` has checked and removed them. docs/bundle.md describes the
format for people who read it from another language.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lentigo.config import BEFORE_PROFILES, ImageConfig
from lentigo.errors import BundleError, ConfigError, name_offenders
from lentigo.model._bundle_facts import Licence, NetworkRecord, Parity, ReducedPrecision, References
from lentigo.model._headline import ModelHeadline
from lentigo.model._input_gate import InputGate
from lentigo.model._json_reader import Fields
from lentigo.model._known_answer import KnownAnswer
from lentigo.model._measured_figures import MeasuredFigures, of_old_names
from lentigo.model._ood_score import OodScore
from lentigo.model._scores import Scores
from lentigo.model.decision import (
    ClassRule,
    DecisionRule,
    Estimate,
    Fusion,
    LesionRule,
    LowConfidenceBand,
    OperatingPoint,
    ProbabilityMap,
)

CALIBRATED_ON: Final = "calibrated on"  # key of `data`: images it was calibrated to elsewhere, in words

# The diagnoses of lentigo are thirteen; a bundle with more classes than ImageNet is a damaged one
MOST_CLASSES: Final = 1000
_SIDES: Final = ("benign", "malignant")


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """Everything in a bundle but weights, card and reference cases.

    Args:
        name: of the run, or what the user called it.
        created: day, ISO 8601, UTC.
        lentigo: version that wrote it.
        image: from a file to pixels; mean and std are inside the graph and only fill the padding here.
        network: what model.onnx holds.
        decision: what calibration decided, and what the outputs mean.
        gate: which photographs cannot be judged.
        oddness: which photographs are unlike all that was learned from; None without reference cases.
        references: what is kept of reference cases; None for none.
        known_answer: what it says about a picture that can be computed.
        parity: how far the answers are from those of torch.
        data: fingerprint and sizes of what it learned from.
        metrics: figures on test.
        licence: what the weights may be used for.
        scores: how those of validation are spread; None for bundles of before there was this field.
        measured: the three answers on test, whole and by source, and figures on sources left out of training.
        reduced: what lower precisions change; empty where that was not measured.
        lesion: how several photographs of a lesion become one answer; None where validation lesions had one each.
    """

    name: str
    created: str
    lentigo: str
    image: ImageConfig
    network: NetworkRecord
    decision: DecisionRule
    gate: InputGate
    oddness: OodScore | None
    references: References | None
    known_answer: KnownAnswer
    parity: Parity
    data: dict[str, str]
    metrics: dict[str, Estimate]
    licence: Licence
    scores: Scores | None = None
    measured: tuple[MeasuredFigures, ...] = ()
    reduced: tuple[ReducedPrecision, ...] = ()
    lesion: LesionRule | None = None

    def __post_init__(self) -> None:
        if not 2 <= len(self.classes) <= MOST_CLASSES or len(set(self.classes)) < len(self.classes):
            raise BundleError(
                f"the bundle has the classes {name_offenders(self.classes)}; two or more are needed. "
                "Export the run again."
            )
        sides = set(self.malignant_classes)
        if not sides < set(self.classes) or not sides or len(sides) < len(self.malignant_classes):
            raise BundleError(
                f"the malignant classes {name_offenders(self.malignant_classes)} do not match the classes. "
                "Export the run again."
            )
        # a set that names no diagnoses has these two; nothing else may call itself by the name of the other side
        if "benign" in sides or ("malignant" in self.classes and "malignant" not in sides):
            raise BundleError(
                "the bundle calls a class malignant that is named benign, or the other way round. Export the run again."
            )
        if not self.decision.operating_points:
            raise BundleError("the bundle has no operating point. Calibrate the run and export it again.")
        if self.decision.probability_map.n_classes not in {0, len(self.classes)}:
            raise BundleError("the calibration is for another number of classes. Export the run again.")
        rule = self.decision.class_rule
        if rule is not None and rule.n_classes != len(self.classes):
            raise BundleError("the rule for classes is for another number of classes. Export the run again.")
        if (self.oddness is None) != (self.references is None):
            raise BundleError(
                "the bundle has reference cases or a score that needs them, but not both. Export the run again."
            )

    @property
    def classes(self) -> tuple[str, ...]:
        """What the outputs mean, in order."""
        return self.decision.classes

    @property
    def malignant_classes(self) -> tuple[str, ...]:
        """Those of the classes that are malignant."""
        return self.decision.malignant_classes

    def reached(self) -> dict[str, Any]:
        """Return sensitivity and specificity at the threshold that decides, and on which images, as JSON types.

        On "test" where the bundle says so, else on those that the threshold was chosen on: "validation", or
        "calibration" after `lentigo calibrate BUNDLE`, where both are a little too good.
        """
        point = self.decision.point
        names = ("sensitivity", "specificity")
        on_test = {name: self.metrics.get(f"{name} at {point.name}") for name in names}
        if all(figure is not None and figure.is_defined for figure in on_test.values()):
            return {**{name: figure.json() for name, figure in on_test.items() if figure}, "measured_on": "test"}
        # one for held-out sources was chosen for them, and what it reaches was still measured on validation
        measured_on = "calibration" if point.source == "calibration" else "validation"
        return {**{name: getattr(point, name).json() for name in names}, "measured_on": measured_on}

    def headline(self) -> ModelHeadline:
        """Return what is said first of the model, by the rule of page, report and card."""
        share = self.scores.decisions.get("cannot assess") if self.scores is not None else None
        none = None if share is None else Estimate(share, math.nan, math.nan, n=0)
        reached = self.reached()
        sensitivity, specificity = (Estimate.from_json(reached[name]) for name in ("sensitivity", "specificity"))
        sources = [one for one in self.measured or of_old_names(self.metrics) if one.name]
        whole = next((one for one in self.measured if not one.name), MeasuredFigures())
        n_images = whole.n_images or sum(one.n_images for one in sources if not one.is_left_out)
        return ModelHeadline.of(
            MeasuredFigures("", n_images, whole.kinds, sensitivity, specificity, whole.cannot_assess or none),
            tuple(one for one in sources if not one.is_left_out),
            tuple(one for one in sources if one.is_left_out),
            measured_on=str(reached["measured_on"]),
            names_diagnoses="MEL" in self.classes,
            by_photograph=self.lesion is not None,
        )

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        plain = {name: getattr(self, name) for name in ("name", "created", "lentigo", "classes", "malignant_classes")}
        decision = self.decision
        return {
            **plain,
            "image": dataclasses.asdict(self.image),
            "network": self.network.json(),
            "calibration": decision.probability_map.json(),
            "operating_points": [point.json() for point in decision.operating_points],
            "low_confidence": decision.low_confidence and decision.low_confidence.json(),
            "prevalence": decision.prevalence,
            **({} if decision.class_rule is None else {"class_rule": decision.class_rule.json()}),
            **({} if decision.fusion is None else {"fusion": decision.fusion.json()}),
            "gate": self.gate.json(),
            "oddness": self.oddness and self.oddness.json(),
            "references": self.references and self.references.json(),
            "known_answer": self.known_answer.json(),
            "parity": self.parity.json(),
            "data": self.data,
            "metrics": {name: figure.json() for name, figure in self.metrics.items()},
            "licence": self.licence.json(),
            **({} if self.scores is None else {"scores": self.scores.json()}),
            **({"measured": [one.json() for one in self.measured]} if self.measured else {}),
            **({"reduced_precision": [one.json() for one in self.reduced]} if self.reduced else {}),
            **({} if self.lesion is None else {"lesion": self.lesion.json()}),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any], where: str) -> "BundleRecord":
        """Return the record that `json` wrote.

        Args:
            payload: bundle.json without schema_version, files and seal.
            where: name of the file, for messages.

        Raises:
            BundleError: a field is missing, unknown, of the wrong type, or out of range.
        """
        fields = Fields(payload, where)
        data = fields.take("data")
        named = Fields(data, f"{where}.data")
        decision = _decision(fields, is_local=CALIBRATED_ON in data)
        reader = LesionRule.reader(decision.classes, decision.malignant_classes)
        record = cls(
            name=fields.text("name", longest=200),
            created=fields.text("created", longest=40),
            lentigo=fields.text("lentigo", longest=40),
            image=fields.record("image", _image),
            network=fields.record("network", NetworkRecord.from_fields),
            decision=decision,
            gate=fields.record("gate", InputGate.from_fields),
            oddness=fields.optional("oddness", OodScore.from_fields),
            references=fields.optional("references", References.from_fields),
            known_answer=fields.record("known_answer", KnownAnswer.from_fields),
            parity=fields.record("parity", Parity.from_fields),
            data={key: named.text(key, longest=200) for key in list(data)[:100]},
            metrics=fields.table("metrics", Estimate.from_fields, most=200),
            licence=fields.record("licence", Licence.from_fields),
            scores=fields.record("scores", Scores.from_fields) if "scores" in payload else None,
            measured=fields.records("measured", MeasuredFigures.from_fields) if "measured" in payload else (),
            reduced=fields.records("reduced_precision", ReducedPrecision.from_fields)
            if "reduced_precision" in payload
            else (),
            lesion=fields.record("lesion", reader) if "lesion" in payload else None,
        )
        named.done()
        fields.done()
        return record


def _decision(fields: Fields, *, is_local: bool) -> DecisionRule:
    points = fields.records("operating_points", OperatingPoint.from_fields, most=50)
    if is_local:  # which a point of an old bundle does not say itself
        points = tuple(dataclasses.replace(point, source="calibration") for point in points)
    return DecisionRule(
        classes=fields.texts("classes", most=MOST_CLASSES, longest=100),
        malignant_classes=fields.texts("malignant_classes", most=MOST_CLASSES, longest=100),
        probability_map=fields.record("calibration", ProbabilityMap.from_fields),
        operating_points=points,
        low_confidence=fields.optional("low_confidence", LowConfidenceBand.from_fields),
        prevalence=fields.number("prevalence", low=1e-6, high=1 - 1e-6),
        class_rule=fields.record("class_rule", ClassRule.from_fields) if fields.has("class_rule") else None,
        fusion=fields.record("fusion", Fusion.from_fields) if fields.has("fusion") else None,
    )


def _image(fields: Fields) -> ImageConfig:
    try:
        return ImageConfig(
            size=fields.integer("size", low=16, high=2048),
            fit=fields.choice("fit", ("pad", "squeeze", "crop")),  # type: ignore[arg-type]
            mean=fields.numbers("mean", most=3, low=0, high=1),
            std=fields.numbers("std", most=3, low=1e-6, high=10),
            max_pixels=fields.integer("max_pixels", low=256, high=10**9),
            max_bytes=fields.integer("max_bytes", low=256, high=2**31),
            min_side=fields.integer("min_side", low=1, high=4096),
            colour_profiles=fields.choice("colour_profiles", ("srgb", "ignore"))  # type: ignore[arg-type]
            if fields.has("colour_profiles")
            else BEFORE_PROFILES["colour_profiles"],
        )
    except ConfigError as error:
        raise BundleError(f"{fields.where}: {error}") from error
