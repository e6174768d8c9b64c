"""One temperature for validation and for sources that were left out of training, each counting the same.

Validation comes from the sources that were learned from, so probabilities that fit it are too sure on the next clinic's
photographs. Networks that were trained without one source after the other (`train.fold_by = "source"`) show how much;
the temperature that is best on average over validation and these sources is a compromise that both can read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.errors import PredictionsError
from lentigo.numbers.calibration._temperature import apply_temperature, fit_temperature
from lentigo.numbers.metrics import negative_log_likelihood
from lentigo.numbers.predictions import Predictions


@dataclass(frozen=True, slots=True)
class LeftOutSource:
    """One source, as it was predicted by a network that had not learned from it.

    Args:
        source: its name.
        n_images: labelled images of classes that the other sources have, too.
        own_temperature: what would be best for it alone.
        nll_before: negative log likelihood as predicted, in nats.
        nll_after: the same at the temperature that was chosen.

    Example:
        >>> LeftOutSource("clinic", 500, 2.1, 0.61, 0.55).source
        'clinic'
    """

    source: str
    n_images: int
    own_temperature: float
    nll_before: float
    nll_after: float

    def json(self) -> dict[str, Any]:
        """Return the source as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the source that was written as JSON."""
        return cls(**payload)


def fit_over_sources(val: Predictions, sources: Mapping[str, Predictions]) -> tuple[float, tuple[LeftOutSource, ...]]:
    """Return the temperature with the least mean NLL over validation and each left-out source, and how each did.

    Args:
        val: labelled predictions on validation.
        sources: labelled predictions on each source, by a network that had not learned from it.

    Raises:
        PredictionsError: a source has other classes than validation, or no labelled images.

    Example:
        >>> rows, names = np.array([[0.9, 0.1]] * 4), np.array(list("abcd"))
        >>> val = Predictions(names, np.array([0, 0, 0, 1]), rows, ("NV", "MEL"))
        >>> clinic = Predictions(names, np.array([0, 0, 1, 1]), rows, ("NV", "MEL"))
        >>> temperature, (found,) = fit_over_sources(val, {"clinic": clinic})
        >>> found.n_images, round(float(apply_temperature(rows[:1], temperature)[0, 0]), 3)
        (4, 0.625)
    """
    for name, said in sources.items():
        if said.classes != val.classes:
            raise PredictionsError(
                f"the left-out source {name} has predictions for {', '.join(said.classes)}, validation for "
                f"{', '.join(val.classes)}. Train both runs with the same classes."
            )
        if len(said) == 0:
            raise PredictionsError(f"the left-out source {name} has no labelled images. Exclude it.")
    sets: Sequence[Predictions] = [val, *sources.values()]
    temperature = fit_temperature(
        np.concatenate([said.probabilities for said in sets]),
        np.concatenate([said.target for said in sets]),
        weights=np.concatenate([_shares(len(said)) for said in sets]),
    )
    return temperature, tuple(_left_out_source(name, said, temperature) for name, said in sources.items())


def _shares(n: int) -> npt.NDArray[np.float64]:
    return np.full(n, 1 / n)


def _left_out_source(name: str, said: Predictions, temperature: float) -> LeftOutSource:
    return LeftOutSource(
        source=name,
        n_images=len(said),
        own_temperature=fit_temperature(said.probabilities, said.target),
        nll_before=negative_log_likelihood(said.probabilities, said.target),
        nll_after=negative_log_likelihood(apply_temperature(said.probabilities, temperature), said.target),
    )
