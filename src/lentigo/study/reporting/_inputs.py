"""What a report is made of, and the facts that several of its parts share."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import DataError
from lentigo.model.decision import is_referred
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import Evaluation, LooksAtTest, OperatingPointScores
from lentigo.numbers.predictions import Predictions
from lentigo.study.auditing import Audit
from lentigo.taxonomy import BENIGN, MALIGNANT, Side, Taxonomy
from lentigo.wording import coarsest_unit, units_in_words


@dataclass(frozen=True, slots=True, eq=False)
class ReportInputs:
    """Everything a report shows.

    Args:
        title: the name of the run.
        config: its settings.
        taxonomy: which side each diagnosis stands on.
        manifest: all images that were used, each with its split.
        flow: images at each step, in order: `{"step": "found", "n_images": 3297}`; exclusions are negative, and the
            splits come last.
        environment: versions, hardware, start, data fingerprint, and how many validation labels a teacher had seen;
            any of them may be absent.
        history: one record an epoch, or a penalty of a probe.
        val: predictions on validation images as the network made them.
        test: predictions on test images as the network made them.
        calibration: fitted on `val`.
        evaluation: of the calibrated `test`.
        audit: what was wrong with the data before training; None for none made.
        second_look: AUROC of the model as JSON of an `Estimate` under "whole", "centre" (only the centre of each
            picture kept) and "masked" (lesion covered), and "n_images"; None for none made.
        audited: all images that were audited, also those that training left out; `manifest` when None.
        looks: at the test images.
        beside: what was found of columns beside the image, in sentences; empty where none was tried.

    Example:
        >>> ReportInputs.__slots__[:3]
        ('title', 'config', 'taxonomy')
    """

    title: str
    config: Config
    taxonomy: Taxonomy
    manifest: Manifest
    flow: list[dict[str, Any]]
    environment: dict[str, Any]
    history: list[dict[str, Any]]
    val: Predictions
    test: Predictions
    calibration: Calibration
    evaluation: Evaluation
    audit: Audit | None = None
    second_look: dict[str, Any] | None = None
    audited: Manifest | None = None
    looks: LooksAtTest = field(default_factory=lambda: LooksAtTest(is_begun_late=True))
    beside: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RunFacts:
    """The inputs, and what follows from them and is asked for in several places.

    Args:
        inputs: what the report is made of.
        raw: labelled test predictions as the network made them.
        test: the same, calibrated.
        is_malignant: (N,) truth of `test`.
        probability: (N,) calibrated malignant probability.
        point: what the first operating point, the one that decides, reaches on test; None when there is none.

    Example:
        >>> RunFacts.__slots__[0]
        'inputs'
    """

    inputs: ReportInputs
    raw: Predictions
    test: Predictions
    is_malignant: npt.NDArray[np.bool_]
    probability: npt.NDArray[np.float64]
    point: OperatingPointScores | None

    @classmethod
    def of(cls, inputs: ReportInputs) -> Self:
        """Return the facts of a report."""
        malignant = inputs.evaluation.malignant_classes
        raw = inputs.test.labelled()
        test = inputs.calibration.apply(raw)
        points = inputs.evaluation.operating_points
        return cls(
            inputs=inputs,
            raw=raw,
            test=test,
            is_malignant=test.is_malignant(malignant),
            probability=test.malignant(malignant),
            point=points[0] if points else None,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, in the order of the columns."""
        return self.inputs.evaluation.classes

    @property
    def has_diagnoses(self) -> bool:
        """Whether the model tells diagnoses apart, rather than benign from malignant."""
        return set(self.classes) != {BENIGN, MALIGNANT}

    @property
    def names_diagnoses(self) -> bool:
        """Whether the data say which diagnoses are behind benign and malignant."""
        return self.inputs.manifest.names_diagnoses

    @property
    def unit(self) -> str:
        """What the intervals resample: patient, lesion or image, the coarsest of them."""
        return coarsest_unit(self.inputs.evaluation.resampling.unit)

    @property
    def units(self) -> str:
        """What the intervals resample, in the plural: "patients or lesions" where not all patients are known."""
        return units_in_words(self.inputs.evaluation.resampling.unit)

    @property
    def interval(self) -> str:
        """How the report calls its intervals: "95% interval"."""
        return f"{self.inputs.evaluation.resampling.confidence * 100:g}% interval"

    @property
    def threshold(self) -> float:
        """The malignant probability from which an image is flagged; 0.5 where none was chosen."""
        return self.point.threshold if self.point else 0.5

    @property
    def by_photograph(self) -> bool:
        """Whether figures by image are not by lesion: lesions have several photographs, or nobody knows them."""
        return self.inputs.evaluation.lesions is not None or self.unit == "image"

    @property
    def band(self) -> tuple[float, float]:
        """The malignant probabilities between which there is no answer; equal where there is no band."""
        band = self.inputs.calibration.low_confidence
        return (band.low, band.high) if band is not None else (self.threshold, self.threshold)

    @property
    def has_band(self) -> bool:
        """Whether images near the threshold get no answer."""
        return self.band[0] < self.band[1]

    @property
    def is_flagged(self) -> npt.NDArray[np.bool_]:
        """(N,) whether a test image is flagged at the threshold."""
        return is_referred(self.probability, self.threshold)

    def side(self, name: str) -> Side:
        """Return the side of a class as the evaluation took it."""
        return MALIGNANT if name in self.inputs.evaluation.malignant_classes else BENIGN

    def full_name(self, name: str) -> str:
        """Return the English name of a class, or the class name itself where the taxonomy knows none."""
        try:
            return self.inputs.taxonomy.name(name)
        except DataError:
            return name


def weights_name(facts: RunFacts) -> str:
    """Return what the network started from, without the folders of the machine it was made on."""
    weights = facts.inputs.config.model.weights
    names = {"imagenet": "ImageNet weights", "none": "random weights"}
    return names.get(weights, Path(weights).name)
