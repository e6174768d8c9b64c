"""The record of an evaluation and its file, evaluation.json."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypedDict

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.model.decision import Estimate
from lentigo.notebook import table_html, table_text
from lentigo.numbers.evaluation._by_lesion import LesionFigures
from lentigo.numbers.evaluation._curve import Curve
from lentigo.numbers.evaluation._detail import DecisionFigures
from lentigo.numbers.evaluation._held_out import over_sources
from lentigo.numbers.evaluation._in_words import headline
from lentigo.numbers.evaluation._point_scores import OperatingPointScores
from lentigo.numbers.evaluation._shared_lesions import SharedLesions
from lentigo.storage import read_json, write_json

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SCHEMA_VERSION = 2
_FOLLOWING = ("headline", "over_sources")  # in the file for its readers, made anew of the rest

Floats = npt.NDArray[np.floating]


class ClassScores(TypedDict):
    """Figures of one class against all others; the class is called where it is the most probable.

    Precision is its PPV, recall its sensitivity.
    """

    precision: Estimate
    recall: Estimate
    specificity: Estimate
    npv: Estimate
    f1: Estimate
    auroc: Estimate
    average_precision: Estimate
    support: int


INTERVALS = (
    "BCa; Wilson by effective size for proportions; jackknife t for slope and intercepts; test inversion for ECE"
)
"""How the ends of the intervals of an evaluation are found, for the footnotes of tables, reports and cards."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How the intervals were made.

    Args:
        unit: what was drawn ("patient", "lesion", "image").
        n_units: how many there are.
        n_resamples: how often they were drawn.
        confidence: coverage of the intervals.
        seed: of the draws.
        stratified_by: what every resample keeps the number of.
        interval: how the ends follow from the resamples.

    Example:
        >>> Resampling(unit="lesion", n_units=7470, n_resamples=2000, confidence=0.95, seed=0).interval
        'BCa; Wilson by effective size for proportions; jackknife t for slope and intercepts; test inversion for ECE'
    """

    unit: str
    n_units: int
    n_resamples: int
    confidence: float
    seed: int
    stratified_by: str = "class"
    interval: str = INTERVALS


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Every figure of one set of predictions, with intervals.

    Args:
        classes: the K class names.
        malignant_classes: those of them that are malignant.
        n_images: images, each counted once.
        support: images of each class.
        resampling: how the intervals were made.
        metrics: of the most probable class, accuracy and balanced_accuracy; of malignant against benign, auroc (again
            as auroc_delong, with DeLong's interval), average_precision, partial_auroc (raw area above 80 % sensitivity,
            at most 0.2), partial_auroc_mcclish, and sensitivity_at_specificity_90, specificity_at_sensitivity_90 and
            the same at 95; of probabilities, brier, nll, ece (top label) and malignant_ece (malignant probability; both
            over 15 equal-mass bins), each also as _debiased, and slope, intercept and intercept_in_the_large of the
            logistic recalibration of the malignant probability; for K > 2 also macro_auroc,
            macro_average_precision, macro_f1_at_half (MILK10k's score) and
            malignant_brier.
        per_class: precision, recall, specificity, npv, f1, auroc, average_precision and support of each class against
            the others.
        averages: "macro" and "weighted" means of precision, recall and f1 over the classes.
        confusion: (K, K) images, rows the true class, columns the most probable one.
        operating_points: what each threshold reaches.
        curves: "roc" (x false-positive rate, y sensitivity), "precision_recall" (x recall, y precision), "reliability"
            (x mean malignant probability of a bin, y share malignant), all of malignant against benign.
        provenance: where the predictions come from, as given.
        comparisons: AUROC, malignant against benign, of what does not see the lesion, for comparison.
        detail: what follows from an operating point: reliability, a prevalence, deferral, conformal sets, subgroups.
        held_out_sources: what networks that were not trained on a source reach on it, one entry per source: "source",
            "n", and "auroc", "sensitivity", "specificity" and "cannot_assess" as JSON of an `Estimate`; the file has
            also what to expect of them in another source, `over_sources`.
        shared: what the images share with photographs outside them, where a table of lesions was given.
        lesions: figures of lesions, where some have several photographs, which then are one answer.
        schema_version: of the file.

    Example:
        >>> from lentigo.numbers.evaluation import evaluate
        >>> from lentigo.numbers.predictions import Predictions
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> evaluate(said, malignant=["MEL"], n_resamples=50).confusion.tolist()
        [[1, 1], [0, 1]]
    """

    classes: tuple[str, ...]
    malignant_classes: tuple[str, ...]
    n_images: int
    support: Mapping[str, int]
    resampling: Resampling
    metrics: Mapping[str, Estimate]
    per_class: Mapping[str, ClassScores]
    averages: Mapping[str, Mapping[str, Estimate]]
    confusion: npt.NDArray[np.int64]
    operating_points: tuple[OperatingPointScores, ...]
    curves: Mapping[str, Curve]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    comparisons: Mapping[str, Estimate] = field(default_factory=dict)
    detail: DecisionFigures | None = None
    held_out_sources: tuple[Mapping[str, Any], ...] = ()
    shared: SharedLesions | None = None
    lesions: LesionFigures | None = None
    schema_version: int = SCHEMA_VERSION

    def __repr__(self) -> str:
        return table_text("Evaluation", self._summary())

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the figures that say most, with their intervals."""
        return table_html("Evaluation", self._summary())

    def _summary(self) -> dict[str, object]:
        support = ", ".join(f"{name} {n:,}" for name, n in self.support.items())
        names = ("auroc", "balanced_accuracy", "accuracy", "ece")
        figures: dict[str, object] = {name: self.metrics[name] for name in names if name in self.metrics}
        return {"images": f"{self.n_images:,} ({support})", **figures, "more": "table(), metrics, operating_points"}

    @property
    def headline(self) -> str:
        """The evaluation in a sentence or two, with the worst subgroup; empty without subgroups."""
        return headline(self.detail, self.operating_points)

    def json(self) -> dict[str, Any]:
        """Return the evaluation as JSON types, its schema version first."""
        return {
            "schema_version": self.schema_version,
            "classes": list(self.classes),
            "malignant_classes": list(self.malignant_classes),
            "n_images": self.n_images,
            "support": dict(self.support),
            "resampling": asdict(self.resampling),
            "metrics": _pack(self.metrics),
            "per_class": {name: _pack(scores) for name, scores in self.per_class.items()},
            "averages": {name: _pack(scores) for name, scores in self.averages.items()},
            "confusion": self.confusion.tolist(),
            "operating_points": [point.json() for point in self.operating_points],
            "curves": {name: curve.json() for name, curve in self.curves.items()},
            "provenance": dict(self.provenance),
            "comparisons": _pack(self.comparisons),
            "headline": self.headline,
            "detail": self.detail and self.detail.json(),
            **self._elsewhere(),
            "shared": self.shared and self.shared.json(),
            **({} if self.lesions is None else {"lesions": self.lesions.json()}),
        }

    def _elsewhere(self) -> dict[str, Any]:
        if not self.held_out_sources:
            return {}
        over = over_sources(self.held_out_sources, confidence=self.resampling.confidence)
        return {
            "held_out_sources": [dict(one) for one in self.held_out_sources],
            "over_sources": {name: found.json() for name, found in over.items()},
        }

    def to_frame(self) -> "pd.DataFrame":
        """Return every figure as one row of a table, with its interval.

        Columns: `part` ("overall", "class", "mean over classes", "operating point", "at prevalence", "subgroup"), `of`
        (which class, point or subgroup), `figure`, `value`, `low`, `high`, `n` and `reason` (why a value or an interval
        is missing).
        """
        from lentigo.numbers.evaluation._frame import frame_of

        return frame_of(self)

    def plot_roc(self, ax: "Axes | None" = None) -> "Axes":
        """Return axes of matplotlib with the ROC curve, its pointwise interval and the operating points.

        Args:
            ax: to draw on; those of a new figure of pyplot when left out.

        Raises:
            MetricError: there is no curve, because all images are malignant or all are benign.
        """
        from lentigo.numbers.evaluation._plotting import plot_roc

        return plot_roc(self, ax)

    def write(self, path: str | Path) -> None:
        """Write evaluation.json, all of it or nothing; what is undefined is null."""
        write_json(Path(path), self.json())

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the evaluation in an evaluation.json.

        Raises:
            MetricError: the file is missing, incomplete or of another schema version.
        """
        return cls.from_json(read_json(Path(path), error=MetricError), path)

    @classmethod
    def from_json(cls, payload: Mapping[str, Any], origin: str | Path) -> Self:
        """Return the evaluation in what `json` returned.

        Args:
            payload: the JSON types.
            origin: the file that they come from, for messages.

        Raises:
            MetricError: they are incomplete or of another schema version.
        """
        version = payload.get("schema_version")
        if version != SCHEMA_VERSION:
            raise MetricError(
                f"{origin} has schema version {version}; this lentigo reads {SCHEMA_VERSION}. "
                "Run 'lentigo evaluate' again."
            )
        try:
            return cls(**_unpack_fields(payload))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MetricError(
                f"{origin} is not a complete evaluation ({error!r}). Run 'lentigo evaluate' again."
            ) from error


def _pack(scores: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.json() if isinstance(value, Estimate) else value for name, value in scores.items()}


def _unpack(scores: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: math.nan if value is None else value for name, value in scores.items()}
    return {name: Estimate.from_json(value) if isinstance(value, dict) else value for name, value in plain.items()}


def _unpack_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in _FOLLOWING} | {
        "classes": tuple(payload["classes"]),
        "malignant_classes": tuple(payload["malignant_classes"]),
        "resampling": Resampling(**payload["resampling"]),
        "metrics": _unpack(payload["metrics"]),
        "per_class": {name: _unpack(scores) for name, scores in payload["per_class"].items()},
        "averages": {name: _unpack(scores) for name, scores in payload["averages"].items()},
        "confusion": np.array(payload["confusion"], dtype=np.int64),
        "operating_points": tuple(map(OperatingPointScores.from_json, payload["operating_points"])),
        "curves": {name: Curve.from_json(curve) for name, curve in payload["curves"].items()},
        "comparisons": _unpack(payload.get("comparisons", {})),
        "detail": payload.get("detail") and DecisionFigures.from_json(payload["detail"]),
        "held_out_sources": tuple(payload.get("held_out_sources", ())),
        "shared": payload.get("shared") and SharedLesions.from_json(payload["shared"]),
        "lesions": payload.get("lesions") and LesionFigures.from_json(payload["lesions"]),
    }
