"""What a comparison of two models on the same images holds, and its JSON."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._changed_answers import AnswerChanges
from lentigo.numbers.evaluation._evaluation import Resampling
from lentigo.numbers.metrics import McNemar
from lentigo.numbers.predictions import Predictions

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class ComparedModel:
    """A model's labelled, calibrated predictions and how to read them.

    Args:
        name: for people.
        said: its predictions.
        malignant: the malignant ones of its classes.
        threshold: on its malignant probability; None where it has none.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([0]), np.array([[0.9, 0.1]]), ("NV", "MEL"))
        >>> ComparedModel("A", said, ("MEL",), threshold=0.5).threshold
        0.5
    """

    name: str
    said: Predictions
    malignant: Sequence[str]
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two models on the same images.

    Args:
        first: of the first model.
        second: of the second.
        difference: first less second, from paired resamples.
        is_better_high: whether more is better.
        is_noninferior: whether the first model is at most a margin worse: the whole interval of the difference lies on
            the good side of it. None where no margin was asked for, the figure has none, or there is no interval.
    """

    first: Estimate
    second: Estimate
    difference: Estimate
    is_better_high: bool
    is_noninferior: bool | None = None

    def json(self) -> dict[str, Any]:
        """Return the figures as JSON types."""
        figures = {name: getattr(self, name).json() for name in ("first", "second", "difference")}
        return figures | {"is_better_high": self.is_better_high, "is_noninferior": self.is_noninferior}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything about two models on the same images.

    Args:
        names: of the two models.
        classes: those that both were evaluated on; benign and malignant where their own differ.
        n_images: images, each counted once.
        n_malignant: those that are malignant.
        thresholds: of the two models, on the malignant probability; None where a model has none.
        resampling: how the intervals were made.
        figures: the compared figures, see `HEADLINE`.
        delong: the difference of AUROCs with DeLong's interval, clustered as the resamples are.
        delong_p: its two-sided p-value; NaN where undefined.
        mcnemar: McNemar's exact test of decisions at the thresholds, of "all", "malignant" and "benign" images, or of
            the most probable class ("classes").
        margin: what the first model may be worse by; None when not given.
        beside: accuracy, Brier score and the like of what needs no model, and AUROCs of what does not see the lesion.
        changes: the answers that differ, where both models answered photographs; None for predictions alone.
        rocs: (M, 2) false-positive rate and sensitivity of each model, to be drawn; not in the JSON.
        schema_version: of the JSON.

    Example:
        >>> from lentigo import compare
        >>> compare(predictions_csv, predictions_csv).n_images
        4
    """

    names: tuple[str, str]
    classes: tuple[str, ...]
    n_images: int
    n_malignant: int
    thresholds: tuple[float | None, float | None]
    resampling: Resampling
    figures: Mapping[str, Difference]
    delong: Estimate
    delong_p: float
    mcnemar: Mapping[str, McNemar]
    margin: float | None = None
    beside: Mapping[str, Estimate] = field(default_factory=dict)
    changes: AnswerChanges | None = None
    rocs: tuple[npt.NDArray[np.float64], ...] = ()
    schema_version: int = SCHEMA_VERSION

    def json(self) -> dict[str, Any]:
        """Return the comparison as JSON types, its schema version first; what is undefined is null."""
        return {
            "schema_version": self.schema_version,
            "names": list(self.names),
            "classes": list(self.classes),
            "n_images": self.n_images,
            "n_malignant": self.n_malignant,
            "thresholds": list(self.thresholds),
            "resampling": dataclasses.asdict(self.resampling),
            "figures": {name: figure.json() for name, figure in self.figures.items()},
            "delong": self.delong.json() | {"p_value": None if np.isnan(self.delong_p) else self.delong_p},
            "mcnemar": {name: test.json() for name, test in self.mcnemar.items()},
            "margin": self.margin,
            "beside": {name: figure.json() for name, figure in self.beside.items()},
            **({} if self.changes is None else {"changes": self.changes.json()}),
        }
