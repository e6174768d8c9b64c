"""Images with the figures they give and the figures their resamples give: from there to estimates, reasons included."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lentigo.errors import name_offenders
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._resampling import Draws, Side, both_sides
from lentigo.numbers.metrics import Jackknife, Resampler
from lentigo.numbers.predictions import Predictions
from lentigo.taxonomy import BENIGN, MALIGNANT
from lentigo.wording import counted

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]
Figure = tuple[Floats, Floats, Floats]
"""On the sample itself, on the (B,) resamples, and with each of the (J,) blocks left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A set of predictions, its figures and those of its resamples.

    Args:
        said: labelled, calibrated predictions of N images.
        is_malignant: (N,) truth.
        probability: (N,) that an image is malignant.
        values: the figures, each without its last axis.
        replicates: the same figures on B resamples, which are the last axis.
        jackknife: the same figures with each block of clusters left out.
        resampler: which images were drawn together.
        unit: what was drawn ("lesion").
        confidence: coverage of the intervals, in (0, 1).
    """

    said: Predictions
    is_malignant: Bools
    probability: npt.NDArray[np.float64]
    values: dict[str, Floats]
    replicates: dict[str, Floats]
    jackknife: Jackknife
    resampler: Resampler
    unit: str
    confidence: float

    @property
    def sides(self) -> list[Side]:
        """Malignant and benign images, each with its name."""
        return [(self.is_malignant, "malignant images"), (~self.is_malignant, "benign images")]

    def figure(self, name: str, k: int | None = None) -> Figure:
        """Return a figure by its name, that of class `k` where it is one of classes."""
        index = () if k is None else (k,)
        return self.values[name][index], self.replicates[name][index], self.jackknife.left_out[name][index]

    def share(self, figure: Figure, cases: Bools, name: str) -> Estimate:
        """Return a share of some of the images."""
        return self._estimate(figure, cases, name, is_proportion=True)

    def mean(self, name: str, *, is_proportion: bool = False, sides: Sequence[Side] = ()) -> Estimate:
        """Return a figure of all images, which is as sure as the scarcer side (or the scarcest of others)."""
        everything = np.ones(len(self.said), dtype=np.bool_)
        if not is_proportion:
            sides = sides or both_sides(self.is_malignant)
        return self._estimate(self.figure(name), everything, "images", is_proportion=is_proportion, sides=sides)

    def contrast(
        self, figure: Figure, sides: Sequence[Side], *, is_coefficient: bool = False, is_ranking: bool = False
    ) -> Estimate:
        """Return a figure that needs images on every side; it is as sure as the side with the fewest clusters."""
        cases, name = min(sides, key=lambda side: self.resampler.count_clusters(side[0]))
        found = self._estimate(figure, cases, name, is_coefficient=is_coefficient, is_ranking=is_ranking, sides=sides)
        return dataclasses.replace(found, n=len(self.said))

    def if_several(self, found: Estimate, sides: Sequence[Side]) -> Estimate:
        """Return a figure, without its interval where a side that it rests on is one cluster, which never varies."""
        return Draws(self.resampler, self.unit, self.confidence).if_several(found, sides)

    def _estimate(
        self,
        figure: Figure,
        cases: Bools,
        name: str,
        *,
        is_proportion: bool = False,
        is_coefficient: bool = False,
        is_ranking: bool = False,
        sides: Sequence[Side] = (),
    ) -> Estimate:
        value, replicates, left_out = figure
        return Draws(self.resampler, self.unit, self.confidence).estimate(
            value,
            replicates,
            cases,
            name,
            is_proportion=is_proportion,
            is_coefficient=is_coefficient,
            influence=self.jackknife.influence_of(left_out),
            is_ranking=is_ranking,
            sides=sides,
        )


def images_of(name: str) -> str:
    """Return what images of a class are called: "malignant images", "images of MEL".

    Example:
        >>> images_of("malignant"), images_of("MEL")
        ('malignant images', 'images of MEL')
    """
    return f"{name} images" if name in (BENIGN, MALIGNANT) else f"images of {name}"


def over_classes(sample: Sample, name: str, class_name: str, *, rests_on_called: bool = False) -> Estimate:
    """Return a mean over classes; the reason counts and names the classes that are left out of it.

    Args:
        sample: of the images.
        name: of the mean.
        class_name: of the figure of a class.
        rests_on_called: whether it is a share of the images called so, as precision is: as sure as the fewest of them.
    """
    classes = sample.said.classes
    sides = [(sample.said.target == k, images_of(one)) for k, one in enumerate(classes)]
    called = sample.said.probabilities.argmax(axis=1)
    also = [(called == k, f"images called {one}") for k, one in enumerate(classes)] if rests_on_called else []
    found = sample.mean(name, sides=[side for side in (*sides, *also) if side[0].any()])
    found = sample.if_several(found, sides)
    missing = [classes[k] for k in np.flatnonzero(np.isnan(sample.values[class_name]))]
    if not found.is_defined:
        return Estimate.undefined("undefined for every class that has images", n=len(sample.said))
    if not missing:
        return found
    left_out = (
        f"{len(missing)} of {counted(len(classes), 'class', 'classes')} excluded, undefined: {name_offenders(missing)}"
    )
    return dataclasses.replace(found, reason="; ".join(filter(None, [left_out, found.reason])))
