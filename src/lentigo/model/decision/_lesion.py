"""Several photographs of one lesion as one answer: how they are joined, and the decision that holds for the result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._json_reader import Fields
from lentigo.model.decision._operating_point import OperatingPoint
from lentigo.model.decision._probability_map import ProbabilityMap
from lentigo.model.decision._rule import DecisionRule, LowConfidenceBand

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LESION_RULES: Final = ("mean_logit", "mean_probability", "max_malignant")
FLOOR: Final = 1e-7  # below, a probability of one photograph would decide alone


def join_photographs(
    probabilities: Floats, lesion: Integers, kind: Integers, rule: str, is_malignant: NDArray[np.bool_]
) -> Floats:
    """Return one row per lesion (L, K) of probabilities (N, K) of photographs, before calibration.

    Kinds of photograph count alike: repeats of one kind are joined first, then the kinds.

    Args:
        probabilities: rows sum to one.
        lesion: (N,) number of the lesion, 0 to L - 1, each with a photograph.
        kind: (N,) number of the kind of photograph.
        rule: one of `LESION_RULES`.
        is_malignant: (K,) which classes are.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.5, 0.5]])
        >>> join_photographs(rows, np.zeros(2, int), np.zeros(2, int), "mean_logit", np.array([False, True])).round(2)
        array([[0.75, 0.25]])
    """
    n = int(lesion.max()) + 1
    if rule == "max_malignant":
        order = np.lexsort((-probabilities[:, is_malignant].sum(axis=1), lesion))
        chosen = order[np.searchsorted(lesion[order], np.arange(n))]
        return np.asarray(probabilities[chosen])
    values = np.log(np.maximum(probabilities, FLOOR)) if rule == "mean_logit" else probabilities
    pairs, inside = np.unique(np.column_stack([lesion, kind]), axis=0, return_inverse=True)
    joined = _means(_means(values, inside.ravel(), len(pairs)), pairs[:, 0], n)
    joined = np.exp(joined - joined.max(axis=1, keepdims=True)) if rule == "mean_logit" else joined
    return np.asarray(joined / joined.sum(axis=1, keepdims=True))


def _means(values: Floats, group: Integers, n: int) -> Floats:
    """Return the (n, K) mean of the rows of each group."""
    sums = np.zeros((n, values.shape[1]))
    np.add.at(sums, group, values)
    return np.asarray(sums / np.bincount(group, minlength=n)[:, np.newaxis])


@dataclass(frozen=True, slots=True)
class LesionRule:
    """How photographs of a lesion become one answer, chosen on validation lesions.

    Args:
        rule: one of `LESION_RULES`.
        decision: calibration, operating points and band of lesions; columns are joined photograph by photograph before.
        n_lesions: it was chosen on.
    """

    rule: str
    decision: DecisionRule
    n_lesions: int

    def __post_init__(self) -> None:
        if self.rule not in LESION_RULES or not self.decision.operating_points:
            raise BundleError("the rule for several photographs of a lesion is not complete. Export the run again.")

    def reached(self) -> dict[str, Any]:
        """Return sensitivity and specificity of the threshold that decides, and on which lesions, as JSON types."""
        point = self.decision.point
        names = ("sensitivity", "specificity")
        measured_on = "calibration" if point.source == "calibration" else "validation"
        return {**{name: getattr(point, name).json() for name in names}, "measured_on": measured_on}

    def json(self) -> dict[str, Any]:
        """Return the rule as JSON types."""
        decision = self.decision
        return {
            "rule": self.rule,
            "calibration": decision.probability_map.json(),
            "operating_points": [point.json() for point in decision.operating_points],
            "low_confidence": decision.low_confidence and decision.low_confidence.json(),
            "prevalence": decision.prevalence,
            "n_lesions": self.n_lesions,
        }

    @classmethod
    def reader(cls, classes: tuple[str, ...], malignant: tuple[str, ...]) -> Callable[[Fields], "LesionRule"]:
        """Return what reads a rule that `json` wrote, for a bundle of some classes."""

        def read(fields: Fields) -> "LesionRule":
            rule = fields.choice("rule", LESION_RULES)
            decision = DecisionRule(
                classes=classes,
                malignant_classes=malignant,
                probability_map=fields.record("calibration", ProbabilityMap.from_fields),
                operating_points=fields.records("operating_points", OperatingPoint.from_fields, most=50),
                low_confidence=fields.optional("low_confidence", LowConfidenceBand.from_fields),
                prevalence=fields.number("prevalence", low=1e-6, high=1 - 1e-6),
            )
            return cls(rule, decision, fields.integer("n_lesions", low=1, high=10**9))

        return read
