"""`DecisionRule`: what calibration decided, applied to what a network says. The only place where a decision is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError, LentigoError, suggest
from lentigo.model._json_reader import Fields
from lentigo.model._outputs import Outputs
from lentigo.model.decision._class_rule import ClassRule
from lentigo.model.decision._fusion import Columns, Fusion
from lentigo.model.decision._operating_point import OperatingPoint, is_referred
from lentigo.model.decision._prevalence import check_prevalence, shift_probability, shift_rows
from lentigo.model.decision._probability_map import ProbabilityMap

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LowConfidenceBand:
    """Malignant probabilities around the threshold at which a decision is too close to call.

    Args:
        low: an image is of low confidence when its probability lies above this ...
        high: ... and below this; equal to `low` when there is no such image.
        expected_share: of validation images in the band.

    Example:
        >>> LowConfidenceBand(0.1, 0.3, 0.12).is_low(np.array([0.2, 0.3])).tolist()
        [True, False]
    """

    low: float
    high: float
    expected_share: float

    def is_low(self, probability: NDArray[np.floating[Any]]) -> Bools:
        """Return whether malignant probabilities, any shape, lie in the band."""
        return np.asarray((probability > self.low) & (probability < self.high))

    def json(self) -> dict[str, Any]:
        """Return the band as JSON types."""
        return {"low": self.low, "high": self.high, "expected_share": self.expected_share}

    @classmethod
    def from_fields(cls, fields: Fields) -> "LowConfidenceBand":
        """Return the band that `json` wrote.

        Raises:
            BundleError: it ends before it begins.
        """
        band = LowConfidenceBand(*(fields.number(key, low=0, high=1) for key in ("low", "high", "expected_share")))
        if band.low > band.high:
            raise BundleError("the low-confidence band of the bundle ends before it begins. Export the run again.")
        return band


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What follows from the outputs of a network about N photographs.

    Args:
        probabilities: (N, K) calibrated, at the prevalence that was given.
        malignant: (N,) their sums over the malignant classes, at most 1.
        score: (N,) the same at the prevalence of validation, which decides.
        is_referred: (N,) whether that reaches the threshold.
        is_close: (N,) whether it is too close to the threshold to call.
        threshold: (N,) on `malignant`, at the prevalence that was given.
        calibrated: (N, K) probabilities at the prevalence of validation.
        called: (N,) index of the predicted class, at the prevalence of validation; None without a rule for that.
        added: (N, T) what each column added to the malignant log-odds; None for a model of images alone.
    """

    probabilities: Floats
    malignant: Floats
    score: Floats
    is_referred: Bools
    is_close: Bools
    threshold: Floats
    calibrated: Floats
    called: NDArray[np.intp] | None = None
    added: Floats | None = None


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """What calibration decided.

    Args:
        classes: what the network's outputs mean, in order.
        malignant_classes: those of them that are malignant.
        probability_map: from the network's probabilities to calibrated ones.
        operating_points: thresholds on the calibrated malignant probability; the first one decides.
        low_confidence: the band in which a decision is too close to call; None for none.
        prevalence: share of malignant images that the probabilities hold for.
        class_rule: which class is called; None names none beside the probabilities.
        fusion: how columns such as age are joined with the image, before anything else; None for the image alone.

    Example:
        >>> found = Estimate(0.95, 0.89, 0.98, n=100)
        >>> point = OperatingPoint("sensitivity_95", 0.2, 0.95, found, found)
        >>> rule = DecisionRule(
        ...     ("NV", "MEL"), ("MEL",), ProbabilityMap("temperature", temperature=1.0), (point,), None, 0.5
        ... )
        >>> said = Outputs(np.log([[0.9, 0.1], [0.6, 0.4]]), None, np.zeros((2, 0), np.float32))
        >>> rule.decide(said).is_referred.tolist(), rule.decide(said, 0.1).malignant.round(3).tolist()
        ([False, True], [0.012, 0.069])
    """

    classes: tuple[str, ...]
    malignant_classes: tuple[str, ...]
    probability_map: ProbabilityMap
    operating_points: tuple[OperatingPoint, ...]
    low_confidence: LowConfidenceBand | None
    prevalence: float
    class_rule: ClassRule | None = None
    fusion: Fusion | None = None

    @property
    def point(self) -> OperatingPoint:
        """The operating point that decides."""
        return self.operating_points[0]

    @property
    def is_malignant(self) -> Bools:
        """Which classes are malignant, shape (K,)."""
        return np.isin(self.classes, self.malignant_classes)

    def threshold(self, prevalence: float | None = None) -> float:
        """Return the malignant probability from which on to refer.

        Args:
            prevalence: where the answers are used; decisions stay, as threshold and probability move together.
        """
        if prevalence is None:
            return self.point.threshold
        check_prevalence(prevalence)
        moved = shift_probability(np.array(self.point.threshold), source=self.prevalence, target=prevalence)
        return float(moved)

    def named_point(self, name: str | None) -> OperatingPoint:
        """Return an operating point by its name, the one that decides for None.

        Raises:
            LentigoError: there is none of that name.
        """
        if name is None:
            return self.point
        points = {point.name: point for point in self.operating_points}
        if name not in points:
            near = suggest(name, list(points))
            raise LentigoError(f"the model has no operating point '{name}'.{near} It has: {', '.join(points)}.")
        return points[name]

    def decide(
        self,
        outputs: Outputs,
        prevalence: float | None = None,
        columns: Sequence[Columns] | None = None,
    ) -> Decision:
        """Return what follows from the outputs of a network.

        Args:
            outputs: of N photographs.
            prevalence: share of malignant lesions where the answers are used; that of validation where None. It changes
                what is reported, never what is decided.
            columns: what is known of each photograph beside the image; unknown for all when left out.

        Raises:
            ConfigError: the prevalence is not between 0 and 1.
        """
        logits, added = outputs.logits, None
        if self.fusion is not None:
            logits, added = self.fusion.fuse(logits, self.is_malignant, columns)
        calibrated = self.probability_map.of_logits(logits)
        n_images, side = len(calibrated), self.is_malignant
        score = np.minimum(calibrated[:, side].sum(axis=1), 1.0)
        threshold = np.full(n_images, self.threshold(prevalence))  # which checks the prevalence
        shown = calibrated
        if prevalence is not None:
            shown = shift_rows(calibrated, side, source=self.prevalence, target=prevalence)
        band = self.low_confidence
        return Decision(
            probabilities=shown,
            malignant=np.minimum(shown[:, side].sum(axis=1), 1.0),
            score=score,
            is_referred=is_referred(score, self.point.threshold),
            is_close=np.zeros(n_images, bool) if band is None else band.is_low(score),
            threshold=threshold,
            called=None if self.class_rule is None else self.class_rule.call(calibrated),
            calibrated=calibrated,
            added=added,
        )
