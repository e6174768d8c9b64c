"""Whether probabilities come true on test, before and after calibration, with bands over lesions or patients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._curve import Curve
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics, both_sides, ratio
from lentigo.numbers.metrics import GroupSum, Jackknife, assign_bins, group_sum, nll_terms, term_sums
from lentigo.numbers.predictions import Predictions

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityScores:
    """Reliability of the malignant probability in 15 bins of equal mass, and the likelihood of all classes.

    Args:
        after: share malignant (y) by mean probability (x) of each bin, calibrated.
        before: the same as the model said it; None where nothing was calibrated.
        count_after: (M,) images in each bin.
        count_before: the same before.
        nll: mean negative log likelihood, calibrated.
        nll_gain: by how much calibration lowered it, paired; None where nothing was calibrated.

    Example:
        >>> ReliabilityScores.__slots__[0]
        'after'
    """

    after: Curve
    before: Curve | None
    count_after: tuple[int, ...]
    count_before: tuple[int, ...]
    nll: Estimate
    nll_gain: Estimate | None

    def json(self) -> dict[str, Any]:
        """Return the scores as JSON types."""
        return {
            "after": self.after.json(),
            "before": self.before and self.before.json(),
            "count_after": list(self.count_after),
            "count_before": list(self.count_before),
            "nll": self.nll.json(),
            "nll_gain": self.nll_gain and self.nll_gain.json(),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the scores that `json` wrote."""
        before, gain = payload["before"], payload["nll_gain"]
        return cls(
            after=Curve.from_json(payload["after"]),
            before=before and Curve.from_json(before),
            count_after=tuple(payload["count_after"]),
            count_before=tuple(payload["count_before"]),
            nll=Estimate.from_json(payload["nll"]),
            nll_gain=gain and Estimate.from_json(gain),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Diagram:
    """The bins of one set of probabilities; they stay those of the sample in every resample."""

    bins: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float64]
    add: GroupSum

    @classmethod
    def of(cls, is_malignant: Bools, probability: npt.NDArray[np.float64]) -> Self:
        kept, bins = np.unique(assign_bins(probability), return_inverse=True)
        return cls(bins, probability, group_sum(2 * bins + is_malignant, 2 * kept.size))

    def measure(self, weights: Floats) -> Floats:
        sums = self.add(weights).astype(np.float64)
        cells = sums.reshape(len(sums) // 2, 2, -1)
        return ratio(cells[:, 1], cells.sum(axis=1))

    def curve(
        self, observed: Floats, drawn: Floats, left_out: Floats, without: Jackknife, draws: Draws
    ) -> tuple[Curve, tuple[int, ...]]:
        count = np.bincount(self.bins)
        ends = [
            draws.estimate(
                observed[k],
                drawn[k],
                self.bins == k,
                "images",
                is_proportion=True,
                influence=without.influence_of(left_out[k]),
            )
            for k in range(count.size)
        ]
        said = np.bincount(self.bins, weights=self.probability) / count
        low, high = (np.array([getattr(estimate, end) for estimate in ends]) for end in ("low", "high"))
        return Curve(said, observed, low, high), tuple(count.tolist())


def resample_reliability(
    said: Predictions, raw: Predictions | None, malignant: tuple[str, ...], *, draws: Draws
) -> ResampledFigure[ReliabilityScores]:
    """Return the question whether probabilities come true.

    Args:
        said: labelled, calibrated.
        raw: the same images as the model said them; None where nothing was calibrated.
        malignant: the malignant ones of the classes.
        draws: of the images.
    """
    is_malignant = said.is_malignant(malignant)
    sides: Mapping[str, Predictions] = {"after": said} | ({} if raw is None else {"before": raw})
    diagrams = {name: _Diagram.of(is_malignant, one.malignant(malignant)) for name, one in sides.items()}
    terms = [nll_terms(one.probabilities, one.target) for one in sides.values()]
    add_terms = term_sums([np.ones(len(said)), *terms])

    def measure(weights: Floats) -> Statistics:
        observed = {name: diagram.measure(weights) for name, diagram in diagrams.items()}
        n, *sums = add_terms(weights)
        return observed | {f"nll_{name}": total / n for name, total in zip(sides, sums, strict=True)}

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> ReliabilityScores:
        curves = {
            name: diagram.curve(found[name], drawn[name], without.left_out[name], without, draws)
            for name, diagram in diagrams.items()
        }
        every, sides = np.ones(len(said), dtype=np.bool_), both_sides(is_malignant)
        gain = None
        if raw is not None:
            lower, lowers = (row["nll_before"] - row["nll_after"] for row in (found, drawn))
            blocks = without.influence("nll_before") - without.influence("nll_after")
            gain = draws.estimate(lower, lowers, every, "images", sides=sides, influence=blocks)
        before, count_before = curves.get("before", (None, ()))
        return ReliabilityScores(
            after=curves["after"][0],
            before=before,
            count_after=curves["after"][1],
            count_before=count_before,
            nll=draws.estimate(
                found["nll_after"],
                drawn["nll_after"],
                every,
                "images",
                sides=sides,
                influence=without.influence("nll_after"),
            ),
            nll_gain=gain,
        )

    return ResampledFigure(measure, conclude)
