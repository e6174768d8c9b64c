"""What conformal sets keep on test: coverage of each class, beside the promise, and how large the sets are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate
from lentigo.numbers.calibration import Conformal
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics, by_construction, ratio
from lentigo.numbers.metrics import Jackknife, group_sum
from lentigo.numbers.predictions import Predictions

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class CoverageScores:
    """Conformal sets on test.

    Args:
        promised: share of sets that hold the true class, for every class.
        per_class: the share that does, of the images of each class.
        mean_size: classes in a set.
        single: share of sets with one class, right or wrong.
        empty: share of sets without a class: each is below its threshold.
        guarantee: what is promised and what is not, in words.
        conformal: the thresholds, with the range each class's coverage is to be expected in.

    Example:
        >>> CoverageScores.__slots__[0]
        'promised'
    """

    promised: float
    per_class: Mapping[str, Estimate]
    mean_size: Estimate
    single: Estimate
    empty: Estimate
    guarantee: str
    conformal: Conformal

    def json(self) -> dict[str, Any]:
        """Return the scores as JSON types."""
        return {
            "promised": self.promised,
            "per_class": {name: figure.json() for name, figure in self.per_class.items()},
            **{name: getattr(self, name).json() for name in ("mean_size", "single", "empty")},
            "guarantee": self.guarantee,
            "conformal": self.conformal.json(),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the scores that `json` wrote."""
        sizes = {name: Estimate.from_json(payload[name]) for name in ("mean_size", "single", "empty")}
        return cls(
            promised=payload["promised"],
            per_class={name: Estimate.from_json(figure) for name, figure in payload["per_class"].items()},
            guarantee=payload["guarantee"],
            conformal=Conformal.from_json(payload["conformal"]),
            **sizes,
        )


def resample_coverage(said: Predictions, conformal: Conformal, *, draws: Draws) -> ResampledFigure[CoverageScores]:
    """Return the question what the sets of (calibrated, labelled) predictions keep.

    Args:
        said: the predictions.
        conformal: thresholds fitted on validation, of the same classes.
        draws: of the images.
    """
    k = len(said.classes)
    sets = conformal.sets(said.probabilities)
    is_covered = np.take_along_axis(sets, said.target[:, np.newaxis], axis=1)[:, 0]
    size = sets.sum(axis=1)
    add_classes = group_sum(2 * said.target + is_covered, 2 * k)
    add_sizes = group_sum(size, k + 1)

    def measure(weights: Floats) -> Statistics:
        classes = add_classes(weights).astype(np.float64).reshape(k, 2, -1)
        sizes = add_sizes(weights).astype(np.float64)
        shares = ratio(sizes, sizes.sum(axis=0))
        return {
            "coverage": ratio(classes[:, 1], classes.sum(axis=1)),
            "mean_size": (shares * np.arange(k + 1)[:, np.newaxis]).sum(axis=0),
            "single": shares[1],
            "empty": shares[0],
        }

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> CoverageScores:
        everyone = np.ones(len(said), dtype=np.bool_)
        coverage = {
            name: draws.estimate(
                found["coverage"][i],
                drawn["coverage"][i],
                said.target == i,
                f"images of {name}",
                is_proportion=True,
                influence=without.influence("coverage", i),
            )
            for i, name in enumerate(said.classes)
        }
        sizes = {
            name: draws.estimate(
                found[name],
                drawn[name],
                everyone,
                "images",
                is_proportion=name != "mean_size",
                influence=without.influence(name),
            )
            for name in ("mean_size", "single", "empty")
        }
        # fewer patients than the promise needs: the class is in every set, which says nothing about this test
        for name in conformal.too_few:
            if coverage[name].is_defined:
                coverage[name] = by_construction("always in the set", coverage[name].n, value=1.0)
        if conformal.too_few:
            sizes["empty"] = by_construction("a class is always in the set", len(said))
        if len(conformal.too_few) > 1:
            sizes["single"] = by_construction("several classes are always in the set", len(said))
        if set(conformal.too_few) == set(said.classes):
            sizes["mean_size"] = by_construction("every class is always in the set", len(said), value=float(k))
            sizes["single"] = by_construction("every class is always in the set", len(said), value=float(k == 1))
        return CoverageScores(
            promised=1 - conformal.error,
            per_class=coverage,
            guarantee=conformal.guarantee(),
            conformal=conformal,
            **sizes,
        )

    return ResampledFigure(measure, conclude)
