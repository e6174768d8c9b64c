"""Melanoma against nevus, as easy and as hard as it gets: all nevi, and those that somebody thought worth an excision.

Most nevi of a collection were never in doubt, and a classifier that knows them flatters itself. A nevus with histology
was suspicious to a physician; of one source, so that the camera does not tell the two apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics
from lentigo.numbers.metrics import Jackknife, Ranking

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]

EXCISED: Final = ("histo", "histopathology", "histology", "excision")  # what collections call it, in `dx_type`
LEAST: Final = 10  # melanomas, and nevi


@dataclass(frozen=True, slots=True)
class Contrast:
    """How well the malignant probability tells melanomas from some nevi.

    Args:
        name: which nevi, and of which source.
        n_melanomas: images.
        n_nevi: images.
        auroc: melanomas against these nevi.

    Example:
        >>> Contrast("all nevi", 20, 300, Estimate(0.93, 0.88, 0.96, n=20)).n_nevi
        300
    """

    name: str
    n_melanomas: int
    n_nevi: int
    auroc: Estimate

    def json(self) -> dict[str, Any]:
        """Return the contrast as JSON types."""
        return {"name": self.name, "n_melanomas": self.n_melanomas, "n_nevi": self.n_nevi, "auroc": self.auroc.json()}


@dataclass(frozen=True, slots=True)
class Contrasts:
    """All contrasts that the images allow: the whole first, then excised nevi of each source.

    Args:
        found: the contrasts.
    """

    found: tuple[Contrast, ...]

    def json(self) -> list[dict[str, Any]]:
        """Return the contrasts as JSON types."""
        return [one.json() for one in self.found]

    @classmethod
    def from_json(cls, payload: Sequence[Mapping[str, Any]]) -> Self:
        """Return the contrasts that `json` wrote."""
        return cls(
            tuple(
                Contrast(one["name"], one["n_melanomas"], one["n_nevi"], Estimate.from_json(one["auroc"]))
                for one in payload
            )
        )


def resample_contrasts(
    diagnosis: npt.NDArray[np.str_],
    is_excised: Bools,
    source: npt.NDArray[np.str_],
    probability: npt.NDArray[np.float64],
    *,
    draws: Draws,
) -> ResampledFigure[Contrasts]:
    """Return the question how well melanomas are told from nevi.

    Args:
        diagnosis: (N,) of each image.
        is_excised: (N,) whether it rests on histology.
        source: (N,) of each; all alike where nobody says.
        probability: (N,) malignant probability.
        draws: of the images.
    """
    is_melanoma, is_nevus = diagnosis == "MEL", diagnosis == "NV"
    sides = [("all nevi", is_melanoma, is_nevus)]
    for name in sorted(set(source.tolist())):
        own = source == name
        of = f" of {name}" if name else ""
        sides.append((f"excised nevi{of}", is_melanoma & own & is_excised, is_nevus & own & is_excised))
    kept = [one for one in sides if one[1].sum() >= LEAST and one[2].sum() >= LEAST]
    rows = [np.flatnonzero(sick | well) for _, sick, well in kept]
    rankings = [Ranking.of(kept[k][1][row], probability[row]) for k, row in enumerate(rows)]

    def measure(weights: Floats) -> Statistics:
        return {str(k): rankings[k].weigh(weights[row]).auroc() for k, row in enumerate(rows)}

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> Contrasts:
        told = []
        for k, (name, sick, well) in enumerate(kept):
            rarer = min((sick, well), key=draws.resampler.count_clusters)
            sides = [(sick, "melanomas"), (well, "nevi")]
            area = draws.estimate(
                found[str(k)],
                drawn[str(k)],
                rarer,
                "images",
                is_ranking=True,
                sides=sides,
                influence=without.influence(str(k)),
            )
            told.append(Contrast(name, int(sick.sum()), int(well.sum()), area))
        return Contrasts(tuple(told))

    return ResampledFigure(measure, conclude)


def excised_of(table: pd.DataFrame) -> Bools:
    """Return which rows of a manifest rest on histology; none where nobody says how diagnoses were made."""
    if "dx_type" not in table:
        return np.zeros(len(table), dtype=np.bool_)
    return table["dx_type"].astype(object).fillna("").astype(str).str.lower().isin(EXCISED).to_numpy(dtype=np.bool_)
