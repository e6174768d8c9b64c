"""The figures that two models, or two sets of images, are compared by, and their differences with intervals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._accuracy import (
    RIGHT,
    accuracy_of_few,
    malignant_rows,
    mean_recall,
    rate_difference,
    right_by_side,
)
from lentigo.numbers.evaluation._figures import headline_of
from lentigo.numbers.evaluation._resampling import both_sides
from lentigo.numbers.metrics import (
    Resampler,
    Statistics,
    Support,
    ThresholdCounts,
    Weights,
    bootstrap,
    bootstrap_estimate,
    equal_weights,
    jackknife,
    one_cluster,
)
from lentigo.numbers.predictions import Predictions

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class ComparedMetric:
    """What a compared figure is called and how it is read.

    Args:
        label: for people.
        cases: the images it rests on: "all", "malignant", "benign", or "both" sides.
        is_proportion: whether it is a share of these images.
        is_better_high: whether more is better.

    Example:
        >>> HEADLINE["brier"].is_better_high
        False
    """

    label: str
    cases: str
    is_proportion: bool = False
    is_better_high: bool = True


HEADLINE: Mapping[str, ComparedMetric] = {
    "auroc": ComparedMetric("AUROC", "both"),
    "average_precision": ComparedMetric("average precision", "malignant"),
    "partial_auroc": ComparedMetric("partial AUROC (raw)", "both"),
    "accuracy": ComparedMetric("accuracy", "all", is_proportion=True),
    "balanced_accuracy": ComparedMetric("balanced accuracy", "both"),
    "sensitivity": ComparedMetric("sensitivity", "malignant", is_proportion=True),
    "specificity": ComparedMetric("specificity", "benign", is_proportion=True),
    "brier": ComparedMetric("Brier score", "all", is_better_high=False),
    "nll": ComparedMetric("NLL", "all", is_better_high=False),
    "malignant_ece": ComparedMetric("ECE, malignant", "all", is_better_high=False),
}
"""In the order of the table; sensitivity and specificity only where there is a threshold."""


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFigures:
    """The compared figures of one model on one set of images, their resamples and their influence.

    Args:
        values: each figure.
        replicates: (B,) each figure on the resamples.
        influence: (J,) each figure's deviations by block of clusters.
        is_malignant: (N,) truth.
        resampler: what was drawn.
        unit: what a cluster is.
        confidence: coverage of the intervals.
        recalls: the name of the recall of each class that has images -> its clusters.
    """

    values: Mapping[str, float]
    replicates: Mapping[str, Floats]
    influence: Mapping[str, Floats]
    is_malignant: Bools
    resampler: Resampler
    unit: str
    confidence: float
    recalls: Mapping[str, Support] = field(default_factory=dict)

    def estimate(self, name: str) -> Estimate:
        """Return one figure with its interval; a calibration error has none here, because resamples overstate it."""
        if name == "malignant_ece":
            reason = "no interval from resamples: they overstate it"
            return Estimate(self.values[name], math.nan, math.nan, self.is_malignant.size, reason)
        if name == "balanced_accuracy":
            return mean_recall(self._mean_of_classes(name), [*map(self._right, self.recalls, self.recalls.values())])
        found = self.with_interval(
            name,
            self.values[name],
            self.replicates[name],
            self.influence[name],
            is_proportion=HEADLINE[name].is_proportion,
            is_ranking=name == "auroc",
        )
        if name == "accuracy":
            supports = self.supports(name)
            return accuracy_of_few(found, [*map(self._right, RIGHT, supports)], supports, self.unit)
        return found

    def _mean_of_classes(self, name: str) -> Estimate:
        """Return a mean over classes as `evaluate` does: of all clusters, and of none where a class has too few."""
        everything = np.ones(self.is_malignant.size, dtype=np.bool_)
        found = bootstrap_estimate(
            self.values[name],
            self.replicates[name],
            n=everything.size,
            n_clusters=self.resampler.n_clusters,
            effective_clusters=self.resampler.effective_clusters(everything),
            influence=self.influence[name],
            cases="images",
            unit=self.unit,
            confidence=self.confidence,
            sides=list(self.recalls.values()),
        )
        alone = next((side for side in self.recalls.values() if side.n_clusters == 1), None)
        if alone is None or not found.has_interval:
            return found
        return Estimate(found.value, math.nan, math.nan, found.n, one_cluster(alone.n, alone.cases, self.unit))

    def _right(self, name: str, support: Support) -> Estimate:
        return bootstrap_estimate(
            self.values[name],
            self.replicates[name],
            n=support.n,
            n_clusters=support.n_clusters,
            effective_clusters=support.effective,
            influence=self.influence[name],
            cases=support.cases,
            unit=self.unit,
            confidence=self.confidence,
            is_proportion=True,
        )

    def cases(self, name: str) -> Bools:
        """Return the (N,) images that a figure rests on; of two sides, the one with fewer clusters."""
        sides = {"malignant": self.is_malignant, "benign": ~self.is_malignant}
        kind = HEADLINE[name].cases
        if kind == "both":
            return min(sides.values(), key=self.resampler.count_clusters)
        return sides.get(kind, np.ones(self.is_malignant.size, dtype=np.bool_))

    def supports(self, name: str) -> list[Support]:
        """Return the clusters of every side that a figure needs."""
        sides = both_sides(self.is_malignant)
        kept = {"malignant": sides[:1], "benign": sides[-1:]}.get(HEADLINE[name].cases, sides)
        return [self.resampler.support(*side) for side in kept]

    def with_interval(
        self,
        name: str,
        value: float,
        replicates: Floats,
        influence: Floats,
        *,
        is_proportion: bool = False,
        is_ranking: bool = False,
        others: Sequence[Support] = (),
    ) -> Estimate:
        """Return an estimate that is as sure as the images of a figure (and others) allow, from its resamples."""
        cases = self.cases(name)
        return bootstrap_estimate(
            value,
            replicates,
            n=int(cases.sum()),
            n_clusters=self.resampler.count_clusters(cases),
            effective_clusters=self.resampler.effective_clusters(cases),
            # the absolute values of a calibration error have no influence to speak of
            influence=None if name == "malignant_ece" else influence,
            unit=self.unit,
            cases=f"images the {HEADLINE[name].label} rests on",
            confidence=self.confidence,
            is_proportion=is_proportion,
            is_ranking=is_ranking,
            sides=[*self.supports(name), *others],
        )


def measure_headline(
    said: Predictions,
    malignant: Sequence[str],
    *,
    threshold: float | None,
    groups: npt.NDArray[np.generic] | None = None,
    unit: str = "image",
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> ComparedFigures:
    """Return the compared figures of labelled, calibrated predictions.

    Args:
        said: what to judge.
        malignant: the malignant ones of the classes.
        threshold: on the malignant probability; None leaves sensitivity and specificity out.
        groups: (N,) lesion or patient of each image; every image for itself when None.
        unit: what a group is.
        n_resamples: number of resamples.
        confidence: coverage, in (0, 1).
        seed: of the resamples; models judged with one seed on the same images are resampled alike.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> measure_headline(said, ["MEL"], threshold=0.5, n_resamples=20).values["specificity"]
        0.5
    """
    figures = headline_of(said, malignant, [] if threshold is None else [threshold])
    rows = malignant_rows(said.target, said.is_malignant(malignant), len(said.classes))
    names = {k: f"recall_{k}" for k in range(len(said.classes)) if (said.target == k).any()}

    def scalars(weights: Weights) -> Statistics:
        found = figures(weights)
        if threshold is not None:
            counts = ThresholdCounts(*found["threshold_0"])
            found |= {"sensitivity": counts.sensitivity, "specificity": counts.specificity}
        recalls = {name: found["class_recall"][k] for k, name in names.items()}
        return {
            **{name: found[name] for name in HEADLINE if name in found},
            **right_by_side(found["confusion"], rows),
            **recalls,
        }

    resampler = Resampler.of(said.target, said.image if groups is None else groups, n_resamples=n_resamples, seed=seed)
    blocks = jackknife(scalars, resampler)
    return ComparedFigures(
        values={name: float(array[0]) for name, array in scalars(equal_weights(len(said))).items()},
        replicates=bootstrap(scalars, resampler),
        influence={name: blocks.influence_of(values) for name, values in blocks.left_out.items()},
        is_malignant=said.is_malignant(malignant),
        resampler=resampler,
        unit=unit,
        confidence=confidence,
        recalls=dict(zip(names.values(), resampler.supports(said.target, said.classes), strict=True)),
    )


def paired_difference(first: ComparedFigures, second: ComparedFigures, name: str) -> Estimate:
    """Return a figure of the first model less that of the second, on the same images in the same resamples."""
    gap = first.with_interval(
        name,
        first.values[name] - second.values[name],
        first.replicates[name] - second.replicates[name],
        first.influence[name] - second.influence[name],
    )
    return _of_rates(gap, first, second, name)


def difference_between_sets(there: ComparedFigures, here: ComparedFigures, name: str) -> Estimate:
    """Return a figure on one set of images less that on another; the sets are resampled independently."""
    fewer = min((there, here), key=lambda each: each.resampler.count_clusters(each.cases(name)))
    gap = fewer.with_interval(
        name,
        there.values[name] - here.values[name],
        # both sets have the seed of their own evaluation, so that a figure has one interval wherever it stands;
        # resamples of different numbers are independent draws, those of one number are not
        there.replicates[name] - np.roll(here.replicates[name], 1),
        np.concatenate([there.influence[name], -here.influence[name]]),
        others=[*there.supports(name), *here.supports(name)],
    )
    return _of_rates(gap, there, here, name)


def _of_rates(gap: Estimate, first: ComparedFigures, second: ComparedFigures, name: str) -> Estimate:
    if name not in {"sensitivity", "specificity"}:
        return gap
    return rate_difference(gap, first.estimate(name), second.estimate(name))
