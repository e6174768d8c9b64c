"""Asking several questions of the same resamples: each question is a sum over weights, and what to make of the sums."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate
from lentigo.numbers.metrics import (
    Jackknife,
    Resampler,
    bootstrap,
    bootstrap_estimate,
    equal_weights,
    jackknife,
    one_cluster,
)

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]
Statistics = dict[str, Floats]
T = TypeVar("T")
Side = tuple[Bools, str]
"""Images, as a (N,) mask, and what they are called."""


@dataclass(frozen=True, slots=True)
class ResampledFigure(Generic[T]):
    """A question to one set of images.

    Args:
        measure: maps (N, B) weights to named sums whose last axis is B.
        conclude: makes the answer of the sums on the images as they are (without that axis), of those on all
            resamples, and of those with each block of clusters left out: one figure has one interval wherever it is.

    Example:
        >>> asked = ResampledFigure(lambda weights: {"n": weights.sum(axis=0)}, lambda found, *_: float(found["n"]))
        >>> resample_all({"n": asked}, Resampler.of(np.zeros(4, dtype=int), n_resamples=3))
        {'n': 4.0}
    """

    measure: Callable[[Floats], Statistics]
    conclude: Callable[[Statistics, Statistics, Jackknife], T]


def resample_all(questions: Mapping[str, ResampledFigure[Any]], resampler: Resampler) -> dict[str, Any]:
    """Return the answer to each question, all of them from one pass over the resamples.

    Args:
        questions: by name.
        resampler: of the N images.

    Example:
        >>> resample_all({}, Resampler.of(np.zeros(4, dtype=int), n_resamples=3))
        {}
    """
    if not questions:
        return {}

    def measure(weights: Floats) -> Statistics:
        return {
            f"{name}/{key}": values
            for name, asked in questions.items()
            for key, values in asked.measure(weights).items()
        }

    found = {key: values[..., 0] for key, values in measure(equal_weights(resampler.cluster.size)).items()}
    drawn, without = bootstrap(measure, resampler), jackknife(measure, resampler)

    def of(name: str, statistics: Statistics) -> Statistics:
        return {key.removeprefix(f"{name}/"): array for key, array in statistics.items() if key.startswith(f"{name}/")}

    return {
        name: asked.conclude(of(name, found), of(name, drawn), Jackknife(of(name, without.left_out), without.stratum))
        for name, asked in questions.items()
    }


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """How figures of some of the images become estimates.

    Args:
        resampler: of all images.
        unit: what a cluster is.
        confidence: coverage of the intervals.

    Example:
        >>> draws = Draws(Resampler.of(np.zeros(40, dtype=int)), "image", 0.95)
        >>> print(draws.estimate(0.5, np.array([0.25, 0.75]), np.ones(40, dtype=bool), "images"))
        0.500 [0.260, 0.740]
    """

    resampler: Resampler
    unit: str
    confidence: float

    def estimate(
        self,
        value: Floats | float,
        replicates: Floats,
        cases: Bools,
        name: str,
        *,
        is_proportion: bool = False,
        influence: Floats | None = None,
        is_coefficient: bool = False,
        is_ranking: bool = False,
        sides: Sequence[Side] = (),
    ) -> Estimate:
        """Return a figure that rests on the (N,) cases, which are called `name`.

        A figure that needs images of several sides, as an AUROC does, names them all.
        """
        return bootstrap_estimate(
            float(value),
            replicates,
            n=int(cases.sum()),
            n_clusters=self.resampler.count_clusters(cases),
            effective_clusters=self.resampler.effective_clusters(cases),
            influence=influence,
            cases=name,
            unit=self.unit,
            confidence=self.confidence,
            is_proportion=is_proportion,
            is_coefficient=is_coefficient,
            is_ranking=is_ranking,
            sides=[self.resampler.support(*side) for side in sides],
        )

    def if_several(self, found: Estimate, sides: Sequence[Side]) -> Estimate:
        """Return a figure, without its interval where a side that it rests on is one cluster, which never varies."""
        for cases, name in sides:
            if found.has_interval and self.resampler.count_clusters(cases) == 1:
                return Estimate(found.value, np.nan, np.nan, found.n, one_cluster(int(cases.sum()), name, self.unit))
        return found

    def band(self, replicates: Floats, sides: Sequence[Side]) -> tuple[Floats, Floats]:
        """Return the (P,) lower and upper ends of (P, B) values, NaN where none is defined or a side is too few."""
        tail = (1 - self.confidence) / 2
        ends = np.full((2, len(replicates)), np.nan)
        if any(self.resampler.support(*side).is_few for side in sides):
            return ends[0], ends[1]
        has_any = ~np.isnan(replicates).all(axis=1)
        ends[:, has_any] = np.nanquantile(replicates[has_any], [tail, 1 - tail], axis=1)
        return ends[0], ends[1]


def both_sides(is_malignant: Bools) -> list[Side]:
    """Return malignant and benign images with their names, without a side that has none.

    Example:
        >>> [name for _, name in both_sides(np.array([True, True]))]
        ['malignant images']
    """
    sides = [(is_malignant, "malignant images"), (~is_malignant, "benign images")]
    return [side for side in sides if side[0].any()]


def by_construction(reason: str, n: int, *, value: float = 0.0) -> Estimate:
    """Return a figure that is what it is by construction, so that no interval belongs to it.

    Example:
        >>> by_construction("no low-confidence band", 42).has_interval
        False
    """
    return Estimate(value, np.nan, np.nan, n, reason)


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    """Return a quotient in float64; NaN where the denominator is zero.

    Example:
        >>> ratio([1.0, 0.0], [2.0, 0.0]).tolist()
        [0.5, nan]
    """
    below = np.asarray(denominator, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(below != 0, np.divide(numerator, below, dtype=np.float64), np.nan))
