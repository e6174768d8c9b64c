"""The three answers on test: referred, called benign-looking, and not assessed, by side, for melanoma, and by source.

A sensitivity that leaves out what the model declines to answer is not the share of malignant lesions it finds. So these
are shares of all images of a kind, and the three of each kind sum to one. A run has no input gate yet: photographs that
its bundle would refuse are answered here. On other data the answers that were given are counted, refusals among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate, LowConfidenceBand, is_referred
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics, by_construction, ratio
from lentigo.numbers.metrics import Jackknife, group_sum

ANSWERS: Final = ("refer", "benign-looking", "cannot assess")
MELANOMA: Final = "melanoma"
KINDS: Final = ("malignant", "benign", MELANOMA)

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Shares of the three answers.

    Args:
        overall: by kind of image ("malignant", "benign", "melanoma"), the share of each answer.
        by_source: the same for each source, where there are several.
        n_by_source: images of each source.

    Example:
        >>> AnswerScores({}, {}, {}).json()
        {'overall': {}, 'by_source': {}, 'n_by_source': {}}
    """

    overall: Mapping[str, Mapping[str, Estimate]]
    by_source: Mapping[str, Mapping[str, Mapping[str, Estimate]]]
    n_by_source: Mapping[str, int]

    def json(self) -> dict[str, Any]:
        """Return the scores as JSON types."""
        return {
            "overall": _pack(self.overall),
            "by_source": {name: _pack(kinds) for name, kinds in self.by_source.items()},
            "n_by_source": dict(self.n_by_source),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the scores that `json` wrote."""
        by_source = {name: _unpack(kinds) for name, kinds in payload["by_source"].items()}
        return cls(_unpack(payload["overall"]), by_source, dict(payload["n_by_source"]))


def _pack(kinds: Mapping[str, Mapping[str, Estimate]]) -> dict[str, Any]:
    return {kind: {answer: share.json() for answer, share in shares.items()} for kind, shares in kinds.items()}


def _unpack(payload: Mapping[str, Any]) -> dict[str, dict[str, Estimate]]:
    return {
        kind: {answer: Estimate.from_json(share) for answer, share in shares.items()}
        for kind, shares in payload.items()
    }


def resample_answers(
    probability: npt.NDArray[np.float64],
    kinds: Mapping[str, Bools],
    sources: Sequence[str] | None,
    *,
    threshold: float,
    band: tuple[float, float] | None,
    draws: Draws,
    given: Sequence[str] | None = None,
) -> ResampledFigure[AnswerScores]:
    """Return the question how often each answer is given.

    Args:
        probability: (N,) calibrated malignant probability.
        kinds: by name, (N,) which images are of it.
        sources: (N,) source of each image; None where they have none.
        threshold: that decides.
        band: probabilities between which a decision is too close to call; None for none.
        draws: of the images.
        given: (N,) the answer that each got, in words; what is neither a referral nor "benign-looking" is none. What
            follows from threshold and band when left out.
    """
    why_none = "no low-confidence band" if given is None else "each image got an answer"
    if given is None:
        is_close = LowConfidenceBand(*(band or (1.0, 1.0)), expected_share=0.0).is_low(probability)
        place = np.where(is_close, 2, np.where(is_referred(probability, threshold), 0, 1))
        can_decline = band is not None and band[0] < band[1]
    else:
        place = np.array([ANSWERS.index(word) if word in ANSWERS else 2 for word in given])
        can_decline = bool((place == 2).any())
    names = [] if sources is None else sorted(set(sources))
    of_source = {name: np.array([one == name for one in sources or ()]) for name in names} if len(names) > 1 else {}
    masks = {("", kind): mask for kind, mask in kinds.items()}
    masks |= {(name, kind): mask & here for name, here in of_source.items() for kind, mask in kinds.items()}
    masks = {key: mask for key, mask in masks.items() if mask.any()}
    # kinds overlap (melanomas are malignant), so each has sums of its own
    sums = {key: group_sum(np.where(mask, place, -1), len(ANSWERS)) for key, mask in masks.items()}

    def measure(weights: Floats) -> Statistics:
        found = {}
        for (name, kind), add in sums.items():
            answers = add(weights).astype(np.float64)
            found[f"{name}\n{kind}"] = ratio(answers, answers.sum(axis=0))
        return found

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> AnswerScores:
        shares: dict[str, dict[str, dict[str, Estimate]]] = {}
        for (name, kind), mask in masks.items():
            key = f"{name}\n{kind}"
            shares.setdefault(name, {})[kind] = {
                answer: by_construction(why_none, int(mask.sum()))
                if answer == "cannot assess" and not can_decline
                else draws.estimate(
                    found[key][i],
                    drawn[key][i],
                    mask,
                    f"{kind} images",
                    is_proportion=True,
                    influence=without.influence(key, i),
                )
                for i, answer in enumerate(ANSWERS)
            }
        overall = shares.pop("", {})
        return AnswerScores(overall, shares, {name: int(here.sum()) for name, here in of_source.items()})

    return ResampledFigure(measure, conclude)
