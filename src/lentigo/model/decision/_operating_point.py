"""A threshold on the malignant probability: how it was chosen, on which images, and what it reached there.

One record from the calibration that chooses it to the answer that is served, and one way to write and to read it, in
calibration.json as in bundle.json.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, cast, get_args

import numpy as np
from numpy.typing import NDArray

from lentigo.model._json_reader import Fields
from lentigo.model.decision._estimate import Estimate

Rule = Literal["sensitivity", "cost", "youden"]
ChosenOn = Literal["validation", "calibration", "held-out sources", "every source"]

# A threshold is the probability of one of the images it was chosen on. Float32 sums in another order move that by 1e-7,
# and the image must not fall below its own threshold for it; so a hair less is enough, everywhere.
_HAIR: Final = 1e-6
KEPT_IN: Final = {
    "held-out sources": " in every source that was held out",
    "every source": " in every source of validation",
}
_MOST_IMAGES: Final = 10**9  # a larger count is a damaged record


def is_referred(probability: NDArray[np.floating[Any]], threshold: float) -> NDArray[np.bool_]:
    """Return which malignant probabilities, any shape, reach a threshold: p >= threshold, give or take a hair.

    Example:
        >>> is_referred(np.array([0.3, 0.2999999, 0.29]), 0.3).tolist()
        [True, True, False]
    """
    return np.asarray(probability >= threshold - _HAIR)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold on the calibrated malignant probability, and what it reached on validation.

    Args:
        name: how files and reports call it ("sensitivity_95", "cost_10", "youden").
        threshold: an image is called malignant when its probability is at least this.
        target_sensitivity: what was asked for; NaN for the other rules.
        sensitivity: reached on validation, where the threshold was chosen: a little too good.
        specificity: reached on validation.
        n_malignant: images of the source that are malignant; 0 where an old bundle does not say.
        n_benign: images of the source that are not; 0 as above.
        rule: how the threshold was chosen.
        cost_ratio: false alarms that a missed malignant image costs; NaN for the other rules.
        prevalence: share of malignant images at which these costs arise; NaN for the other rules.
        source: images it was chosen on: "validation" of a run, "calibration" of a finished model to other images, or
            "held-out sources": validation, at the sensitivity that keeps the wanted one in sources not learned from, or
            "every source": validation, at the one that keeps it in each source of validation.

    Example:
        >>> found = Estimate(0.95, 0.89, 0.98, n=100)
        >>> OperatingPoint("sensitivity_95", 0.2, 0.95, found, Estimate(0.7, 0.6, 0.8, n=90), 100, 90).threshold
        0.2
    """

    name: str
    threshold: float
    target_sensitivity: float
    sensitivity: Estimate
    specificity: Estimate
    n_malignant: int = 0
    n_benign: int = 0
    rule: Rule = "sensitivity"
    cost_ratio: float = math.nan
    prevalence: float = math.nan
    source: ChosenOn = "validation"

    @property
    def n(self) -> int | None:
        """How many images it was chosen on; None where an old bundle does not say."""
        return self.n_malignant + self.n_benign or None

    def describe(self) -> str:
        """Return the rule in words.

        Example:
            >>> nothing = Estimate.undefined("not measured")
            >>> OperatingPoint("cost_10", 0.1, math.nan, nothing, nothing, 9, 9, "cost", 10, 0.07).describe()
            'a missed malignant image costs 10 false alarms, at a prevalence of 7%'
        """
        if self.rule == "cost":
            costs = f"a missed malignant image costs {self.cost_ratio:g} false alarms"
            return costs if math.isnan(self.prevalence) else f"{costs}, at a prevalence of {100 * self.prevalence:.3g}%"
        if self.rule == "youden":
            return "the greatest sum of sensitivity and specificity (Youden)"
        where = KEPT_IN.get(self.source, "")
        return f"the highest threshold with a sensitivity of at least {self.target_sensitivity:.4g}{where}"

    def json(self) -> dict[str, Any]:
        """Return the operating point as JSON types; NaN is None."""
        numbers = ("threshold", "target_sensitivity", "cost_ratio", "prevalence")
        return {
            "name": self.name,
            "rule": self.rule,
            **{name: None if math.isnan(value := getattr(self, name)) else value for name in numbers},
            "sensitivity": self.sensitivity.json(),
            "specificity": self.specificity.json(),
            "n_malignant": self.n_malignant,
            "n_benign": self.n_benign,
            "source": self.source,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Return the operating point that `json` wrote.

        Files of before kept less: calibration.json of schema version 1 only points for a sensitivity, and bundle.json
        neither rule nor target, which there are in the name alone ("sensitivity_97.5").
        """
        name = fields.text("name", longest=100)
        rule, number = _rule_of(name)
        if fields.has("target_sensitivity"):
            number = fields.number_or_nan("target_sensitivity", low=0, high=1)
            rule = "sensitivity"
        if fields.has("rule"):
            rule = cast("Rule", fields.choice("rule", get_args(Rule)))
        cost_ratio = number if rule == "cost" else math.nan
        return cls(
            name=name,
            threshold=fields.number("threshold", low=0, high=1),
            target_sensitivity=number if rule == "sensitivity" else math.nan,
            sensitivity=fields.record("sensitivity", Estimate.from_fields),
            specificity=fields.record("specificity", Estimate.from_fields),
            **{key: fields.integer(key, low=0, high=_MOST_IMAGES) for key in ("n_malignant", "n_benign")
               if fields.has(key)},
            rule=rule,
            cost_ratio=fields.number_or_nan("cost_ratio", low=0, high=1e9) if fields.has("cost_ratio") else cost_ratio,
            prevalence=fields.number_or_nan("prevalence", low=0, high=1) if fields.has("prevalence") else math.nan,
            source=_chosen_on(fields),
        )  # fmt: skip


def _chosen_on(fields: Fields) -> ChosenOn:
    """Return the images that a point was chosen on, validation where an old file does not say."""
    return cast("ChosenOn", fields.choice("source", get_args(ChosenOn))) if fields.has("source") else "validation"


def _rule_of(name: str) -> tuple[Rule, float]:
    """Return the rule that an old bundle keeps in a point's name, and its number; sensitivity and NaN for no rule."""
    rule, _, number = name.partition("_")
    if rule not in get_args(Rule):
        return "sensitivity", math.nan
    try:
        value = float(number)
    except ValueError:
        return cast("Rule", rule), math.nan
    return cast("Rule", rule), value / 100 if rule == "sensitivity" else value
