"""Which class is called: `ClassRule`, the only place where a diagnosis is named from probabilities.

The most probable class is right most often, and hardly ever names a rare one: seven classes at 0.47 balanced accuracy.
Another rule weighs the classes, or what a mistake costs. It names a class and changes nothing else: probabilities,
threshold and decision stay as they are.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._json_reader import Fields
from lentigo.model.decision._estimate import Estimate

ClassRuleName = Literal["most_probable", "equal_priors", "macro_f1", "costs"]
CLASS_RULES: Final = get_args(ClassRuleName)
WORDS: Final = {
    "most_probable": "the most probable class",
    "equal_priors": "the most probable class if all classes were equally common",
    "macro_f1": "thresholds by class, for the greatest macro F1",
    "costs": "the class whose expected cost is lowest",
}


@dataclass(frozen=True, slots=True)
class ClassRule:
    """How a class is called from calibrated probabilities at the prevalence of validation.

    Args:
        name: one of `CLASS_RULES`.
        weights: (K,) the class with the greatest weight times probability is called; empty where costs decide.
        costs: (K * K,) row by row of the true class, what calling each class costs; empty where weights decide.
        balanced_accuracy: mean recall on validation, each image called by a rule fitted without its fold.
        macro_f1: mean F1, likewise.
        plain: mean recall of the most probable class on the same images.
        gain: balanced accuracy less that of the most probable class, with its paired interval.

    Example:
        >>> none = Estimate.undefined("not measured")
        >>> rule = ClassRule("equal_priors", (1.0, 9.0), (), none, none, none, none)
        >>> rule.call(np.array([[0.9, 0.1], [0.8, 0.2]])).tolist()
        [0, 1]
    """

    name: str
    weights: tuple[float, ...]
    costs: tuple[float, ...]
    balanced_accuracy: Estimate
    macro_f1: Estimate
    plain: Estimate
    gain: Estimate

    def __post_init__(self) -> None:
        if self.name not in CLASS_RULES or bool(self.weights) == bool(self.costs):
            raise BundleError(f"'{self.name}' is not a complete rule for classes. Calibrate and export the run again.")
        if self.weights and not min(self.weights) > 0:
            raise BundleError("a weight of the rule for classes is not positive. Calibrate and export the run again.")
        if round(len(self.costs) ** 0.5) ** 2 != len(self.costs):
            raise BundleError("the costs of the rule for classes are not one per pair. Calibrate and export it again.")

    @property
    def n_classes(self) -> int:
        """Classes that it is for."""
        return len(self.weights) or round(len(self.costs) ** 0.5)

    @property
    def words(self) -> str:
        """The rule, for a person."""
        return WORDS[self.name]

    def call(self, probabilities: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
        """Return the index of the class that is called for each row (N, K) of probabilities."""
        if self.weights:
            return np.asarray((probabilities * np.array(self.weights)).argmax(axis=1))
        return np.asarray((probabilities @ np.array(self.costs).reshape(self.n_classes, -1)).argmin(axis=1))

    def json(self) -> dict[str, Any]:
        """Return the rule as JSON types."""
        figures = {name: getattr(self, name).json() for name in _FIGURES}
        return {"name": self.name, "weights": list(self.weights), "costs": list(self.costs), **figures}

    @classmethod
    def from_fields(cls, fields: Fields) -> "ClassRule":
        """Return the rule that `json` wrote."""
        return cls(
            fields.choice("name", CLASS_RULES),
            fields.numbers("weights", most=1000, low=1e-9, high=1e9),
            fields.numbers("costs", most=10_000, low=0, high=1e9),
            *(fields.record(name, Estimate.from_fields) for name in _FIGURES),
        )


_FIGURES: Final = ("balanced_accuracy", "macro_f1", "plain", "gain")
