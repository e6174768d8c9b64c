"""Images with the figures they give and the figures their resamples give: from there to estimates, reasons included."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lentigo.errors import name_offenders
from lentigo.metrics.bootstrap import Resampler
from lentigo.metrics.estimate import Estimate, bootstrap_estimate
from lentigo.predictions import Predictions

__all__ = ["Sample", "over_classes"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A set of predictions, its figures and those of its resamples.

    Args:
        said: labelled, calibrated predictions of N images.
        is_malignant: (N,) truth.
        probability: (N,) that an image is malignant.
        values: the figures, each without its last axis.
        replicates: the same figures on B resamples, which are the last axis.
        resampler: which images were drawn together.
        unit: what was drawn ("lesion").
        confidence: coverage of the intervals, in (0, 1).
    """

    said: Predictions
    is_malignant: Bools
    probability: npt.NDArray[np.float64]
    values: dict[str, Floats]
    replicates: dict[str, Floats]
    resampler: Resampler
    unit: str
    confidence: float

    def share(self, value: Floats, replicates: Floats, cases: Bools, name: str) -> Estimate:
        """Return a share of some of the images."""
        return self._estimate(value, replicates, cases, name, is_proportion=True)

    def mean(self, name: str, *, is_proportion: bool = False) -> Estimate:
        """Return a figure of all images."""
        return self._estimate(
            self.values[name],
            self.replicates[name],
            np.ones(len(self.said), dtype=np.bool_),
            "images",
            is_proportion=is_proportion,
        )

    @property
    def sides(self) -> list[tuple[Bools, str]]:
        """Malignant and benign images, each with its name."""
        return [(self.is_malignant, "malignant images"), (~self.is_malignant, "benign images")]

    def contrast(self, value: Floats, replicates: Floats, sides: Sequence[tuple[Bools, str]]) -> Estimate:
        """Return a figure that needs images on every side; it is as sure as the side with the fewest clusters."""
        cases, name = min(sides, key=lambda side: self.resampler.count_clusters(side[0]))
        found = self._estimate(value, replicates, cases, name)
        return dataclasses.replace(found, n=len(self.said))

    def _estimate(
        self,
        value: Floats,
        replicates: Floats,
        cases: Bools,
        name: str,
        *,
        is_proportion: bool = False,
    ) -> Estimate:
        return bootstrap_estimate(
            float(value),
            replicates,
            n=int(cases.sum()),
            n_clusters=self.resampler.count_clusters(cases),
            cases=name,
            unit=self.unit,
            confidence=self.confidence,
            is_proportion=is_proportion,
        )


def over_classes(sample: Sample, name: str, class_name: str) -> Estimate:
    """Return a mean over classes; the reason counts and names the classes that are left out of it."""
    found = sample.mean(name)
    classes = sample.said.classes
    missing = [classes[k] for k in np.flatnonzero(np.isnan(sample.values[class_name]))]
    if not found.is_defined:
        return Estimate.undefined("undefined for every class that has images", n=len(sample.said))
    if not missing:
        return found
    left_out = f"{len(missing)} of {len(classes)} classes left out, undefined: {name_offenders(missing)}"
    return dataclasses.replace(found, reason="; ".join(filter(None, [left_out, found.reason])))
