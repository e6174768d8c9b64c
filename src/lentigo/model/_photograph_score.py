"""`PhotographScore`: how much less a picture looks like a dermatoscopic photograph than like anything else.

A distance from photographs of known collections refuses every other collection: fitted on three, it stopped 28 % of the
fourth, whose round black frame none of the three has, and let half of other pictures pass. What separates the two is
learned instead: a logistic regression on the measures of the gate and their squares, photographs of every source (as
they are, and through a round tube) against drawn pictures, and against spoilt photographs. It stopped at most 6 % of a
collection that had no part in fitting, and 93 % of other people's photographs of anything else (docs/experiments.md).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError
from lentigo.model._image_statistics import FAULTS, STYLE
from lentigo.model._json_reader import Fields

Floats = NDArray[np.float32]

N_MEASURES: Final = len(FAULTS) - 1 + len(STYLE)  # all but the size in pixels, which says nothing about what is shown
CLIP: Final = 8.0  # standard deviations: a black picture must not outweigh all others
PENALTY: Final = 0.02  # 0.005 to 0.15 measured alike
N_STEPS: Final = 25  # of Newton's method; it converges in about ten


@dataclass(frozen=True, slots=True)
class PhotographScore:
    """The log-odds that a picture is not a dermatoscopic photograph.

    Args:
        center: mean of the measures of photographs.
        spread: their standard deviations.
        weights: of the measures in these units, and of their squares.
        bias: added to it.
        left_out: source -> share of its photographs that a gate refuses which was fitted on the other sources, those
            that are only too small aside.
        others_refused: share of the pictures it learned to refuse that the gate refuses.
    """

    center: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    left_out: dict[str, float]
    others_refused: float

    def __post_init__(self) -> None:
        lengths = (len(self.center), len(self.spread), len(self.weights))
        if lengths != (N_MEASURES, N_MEASURES, 2 * N_MEASURES):
            raise BundleError(
                "the input gate of the bundle uses a figure that this version of lentigo does not have. Update lentigo."
            )

    def score(self, statistics: Floats) -> Floats:
        """Return the log-odds of each picture, from the measures of the gate (N, measures)."""
        features = _features(statistics, np.array(self.center), np.array(self.spread))
        return np.asarray(features @ np.array(self.weights) + self.bias, dtype=np.float32)

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_fields(cls, fields: Fields) -> "PhotographScore":
        """Return the record that `json` wrote."""
        shares = fields.take("left_out")
        table = Fields(shares, f"{fields.where}.left_out")
        made = cls(
            center=fields.numbers("center", most=N_MEASURES, low=-1e7, high=1e7),
            spread=fields.numbers("spread", most=N_MEASURES, low=1e-6, high=1e7),
            weights=fields.numbers("weights", most=2 * N_MEASURES, low=-1e6, high=1e6),
            bias=fields.number("bias", low=-1e6, high=1e6),
            left_out={name: table.number(name, low=0, high=1) for name in list(shares)[:100]},
            others_refused=fields.number("others_refused", low=0, high=1),
        )
        table.done()
        return made


def fit_judge(photographs: list[Floats], others: Floats) -> PhotographScore:
    """Return what separates photographs from other pictures; every source weighs alike, and both sides do.

    Args:
        photographs: the measures (N, measures) of each source.
        others: of pictures that are none.
    """
    statistics = np.concatenate([*photographs, others]).astype(np.float64)
    is_other = np.repeat([0.0, 1.0], [len(statistics) - len(others), len(others)])
    weight = np.concatenate(
        [*(np.full(len(part), 0.5 / len(photographs) / len(part)) for part in photographs),
         np.full(len(others), 0.5 / len(others))]
    )  # fmt: skip
    own = weight * (1 - is_other) * 2
    measures = statistics[:, 1:]
    center = own @ measures
    spread = np.maximum(np.sqrt(own @ (measures - center) ** 2), 1e-3)
    features = np.column_stack([_features(statistics, center, spread), np.ones(len(statistics))])
    penalty = PENALTY * np.eye(features.shape[1])
    penalty[-1, -1] = 1e-6  # the bias is free
    found = np.zeros(features.shape[1])
    for _ in range(N_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(features @ found, -30, 30)))
        slope = features.T @ (weight * (chance - is_other)) + penalty @ found
        curve = (features.T * (weight * chance * (1 - chance))) @ features + penalty
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < 1e-6:
            break
    return PhotographScore(
        tuple(center.tolist()), tuple(spread.tolist()), tuple(found[:-1].tolist()), float(found[-1]), {}, 0.0
    )


def _features(statistics: NDArray[Any], center: NDArray[Any], spread: NDArray[Any]) -> NDArray[np.float64]:
    scaled = np.clip((statistics[:, 1:] - center) / spread, -CLIP, CLIP)
    return np.concatenate([scaled, scaled**2], axis=1)
