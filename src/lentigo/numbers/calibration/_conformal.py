"""Split-conformal sets: the classes an image may have, with a promised share of sets that hold the true one, per class.

Class-conditional (Mondrian, Vovk et al. 2005) with the score 1 - p of the true class (LAC; Sadinle, Lei and Wasserman
2019): a class is in the set when its probability reaches the class's own threshold. LAC was taken rather than APS
(Romano et al. 2020) because its sets are the smallest at a given coverage, it needs no random numbers, so that an
image has one answer, and with two classes, the common case here, the adaptivity of APS has nothing to adapt. An empty
set says that the image looks like none of the classes; it is counted, not filled up.

Images of one lesion or patient are not exchangeable, so each counts by one over their number (hierarchical conformal
prediction, Lee, Barber and Willett 2023); with one image a group this is the usual quantile.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from lentigo.errors import MetricError
from lentigo.wording import percent_text, units_in_words

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ClassThreshold:
    """From which probability on a class belongs to the set.

    Args:
        threshold: on the calibrated probability of the class; 0 when the class always belongs to it.
        n_images: validation images of the class.
        n_groups: lesions or patients they come from.
        low: lower end of the range that holds the coverage of 95 of 100 calibrations with as many groups.
        high: upper end of it.

    Example:
        >>> ClassThreshold(0.12, 254, 254, 0.86, 0.93).n_groups
        254
    """

    threshold: float
    n_images: int
    n_groups: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Conformal:
    """Thresholds of class-conditional split-conformal sets, fitted on validation.

    Args:
        error: promised share, at most, of sets without the true class, in (0, 1).
        unit: what counts as one case: "patient", "lesion" or "image".
        classes: threshold of each class, in the order of the predictions' columns.

    Example:
        >>> fitted = Conformal.fit(np.tile([[0.8, 0.2], [0.3, 0.7]], (20, 1)), np.tile([0, 1], 20), ("NV", "MEL"))
        >>> {name: round(found.threshold, 3) for name, found in fitted.classes.items()}
        {'NV': 0.8, 'MEL': 0.7}
        >>> fitted.sets(np.array([[0.8, 0.2], [0.75, 0.25]])).tolist()
        [[True, False], [False, False]]
    """

    error: float
    unit: str
    classes: Mapping[str, ClassThreshold]

    @classmethod
    def fit(
        cls,
        probabilities: Floats,
        target: npt.NDArray[np.integer],
        names: tuple[str, ...],
        *,
        error: float = 0.1,
        groups: npt.NDArray[np.generic] | None = None,
        unit: str = "image",
    ) -> Self:
        """Return the thresholds that validation predictions give.

        Args:
            probabilities: (N, K) calibrated, rows sum to one.
            target: (N,) true class.
            names: the K classes.
            error: promised share, at most, of sets without the true class.
            groups: (N,) lesion or patient of each image; every image for itself when None.
            unit: what a group is.

        Raises:
            MetricError: the promised error is not between 0 and 1.
        """
        if not 0 < error < 1:
            raise MetricError(f"The error of conformal sets lies between 0 and 1; got {error:g}. Try 0.1.")
        own = np.arange(target.size) if groups is None else np.asarray(groups)
        found = {}
        for k, name in enumerate(names):
            rows = target == k
            _, group = np.unique(own[rows], return_inverse=True)
            threshold = _threshold(probabilities[rows, k], group, error)
            n_groups = int(group.max()) + 1 if group.size else 0
            found[name] = ClassThreshold(threshold, int(rows.sum()), n_groups, *_expected_range(n_groups, error))
        return cls(error, unit, found)

    def sets(self, probabilities: Floats) -> Bools:
        """Return (N, K) which classes belong to the set of each image."""
        thresholds = np.array([found.threshold for found in self.classes.values()])
        is_in: Bools = probabilities >= thresholds
        return is_in

    @property
    def too_few(self) -> tuple[str, ...]:
        """The classes with too few validation cases for the promise; they belong to every set."""
        return tuple(name for name, found in self.classes.items() if found.n_groups < _least(self.error))

    def range_of(self, name: str) -> str:
        """Return between which shares of many new cases of a class the sets hold it; "all" where they always do.

        Example:
            >>> sets = Conformal.fit(np.array([[0.9, 0.1], [0.8, 0.2]] * 30), np.array([0] * 59 + [1]), ("NV", "MEL"))
            >>> sets.range_of("NV"), sets.range_of("MEL")
            ('81% to 96%', 'all (always in the set)')
        """
        if name in self.too_few:
            return "all (always in the set)"
        found = self.classes[name]
        return f"{percent_text(found.low)} to {percent_text(found.high)}"

    def guarantee(self) -> str:
        """Return what is promised, and what is not, in words."""
        share = f"{100 * (1 - self.error):g}%"
        least, cases = _least(self.error), units_in_words(self.unit)
        if len(self.too_few) == len(self.classes):
            return f"No class has {least} {cases}, so each is always in the set: these sets tell nothing."
        text = (
            f"Of the images of each class, on average over validation sets drawn like this one, at least {share} have "
            f"their true class in the set, provided that new {cases} come from the same source as the validation "
            f"{cases} (exchangeability). Another hospital, camera or case mix within a class voids this. It holds "
            "for a class as a whole, not for a single image, nor for subgroups. This one validation set may be luckier "
            "or unluckier: see the range of each class. The model and its calibration were chosen on the same images, "
            "so the guarantee is approximate; compare the coverage on test images, with its interval."
        )
        if self.too_few:
            text += f" {', '.join(self.too_few)}: fewer than {least} {cases}, so always in the set."
        return text

    def json(self) -> dict[str, Any]:
        """Return the thresholds as JSON types, the guarantee in words with them."""
        fields = ClassThreshold.__slots__
        return {
            "method": "class-conditional LAC",
            "error": self.error,
            "unit": self.unit,
            "classes": {name: {key: getattr(found, key) for key in fields} for name, found in self.classes.items()},
            "guarantee": self.guarantee(),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the thresholds that `json` wrote.

        Raises:
            KeyError: a field is missing.
        """
        found = {name: ClassThreshold(**fields) for name, fields in payload["classes"].items()}
        return cls(float(payload["error"]), str(payload["unit"]), found)


def _threshold(probability: Floats, group: npt.NDArray[np.int64], error: float) -> float:
    """Return the highest threshold that at most a share of `error` of the cases, one of them unseen, falls below."""
    if probability.size == 0:
        return 0.0
    sizes = np.bincount(group)
    weight = 1 / ((sizes.size + 1) * sizes[group])
    order = np.argsort(-probability, kind="stable")
    # the unseen case may fall anywhere, so its weight is never counted as covered; a hair for rounding
    covered = np.cumsum(weight[order]) >= (1 - error) * (1 - 1e-12)
    return float(probability[order][np.argmax(covered)]) if covered.any() else 0.0


def _least(error: float) -> int:
    """Return the fewest cases with which a class need not always be in the set."""
    return math.ceil((1 - error) / error * (1 - 1e-12))


def _expected_range(n: int, error: float) -> tuple[float, float]:
    """Return where the coverage of one calibration on n independent cases lies, 95 times of 100 (Vovk 2012)."""
    n_below = math.floor((n + 1) * error * (1 + 1e-12))
    if n_below == 0:
        return 1.0, 1.0
    low, high = betaincinv(n + 1 - n_below, n_below, [0.025, 0.975])
    return float(low), float(high)
