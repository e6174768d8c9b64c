"""A lower precision first, and float32 again wherever the difference could change an answer.

bfloat16 keeps eight bits of each number, so that a logit comes out wrong by some hundredths. That changes no decision
but near a border: the threshold, an end of the low-confidence band, the limit of the out-of-distribution score. Whoever
stands near one is computed again in float32, and its answer is that of float32.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lentigo.model._bundle_record import BundleRecord
from lentigo.model._ood_score import Typical
from lentigo.model._outputs import Network, Outputs
from lentigo.model.decision import DecisionRule

Bools = NDArray[np.bool_]
MARGIN: Final = 0.05
ODDNESS_MARGIN: Final = 0.02


class Near(Protocol):
    """What knows which answers a small error could change."""

    def near(self, outputs: Outputs) -> Bools:
        """Return which photographs (N,) are near a border."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Borders:
    """Where a small error of the network changes an answer.

    Args:
        rule: what decides.
        typical: what the out-of-distribution score needs; None where there is no such score.
        oddness_limit: of that score.
        margin: of the malignant logits: an answer is near a border if moving them up or down by this changes it.
        oddness_margin: share of the limit within which the score is near it.
    """

    rule: DecisionRule
    typical: Typical | None = None
    oddness_limit: float = np.inf
    margin: float = MARGIN
    oddness_margin: float = ODDNESS_MARGIN

    @classmethod
    def of(cls, record: BundleRecord, typical: Typical | None, *, margin: float = MARGIN) -> "Borders":
        """Return the borders of a bundle."""
        if typical is None or record.oddness is None:
            return cls(record.decision, margin=margin)
        return cls(record.decision, typical, record.oddness.limit, margin)

    def near(self, outputs: Outputs) -> Bools:
        """Return which photographs (N,) are near a border.

        `DecisionRule.decide` itself is asked, so that every method of calibration and every rule is served.
        """
        here = self._said(outputs.logits)
        near = np.zeros(len(outputs.logits), bool)
        for step in (-self.margin, self.margin):
            moved = self._said(outputs.logits + step * self.rule.is_malignant)
            near |= np.any([one != other for one, other in zip(here, moved, strict=True)], axis=0)
        if self.typical is not None:
            distance = np.abs(self.typical.distances(outputs.embedding) - self.oddness_limit)
            near |= distance <= self.oddness_margin * self.oddness_limit
        return near

    def _said(self, logits: NDArray[np.floating[Any]]) -> tuple[Bools, Bools]:
        decided = self.rule.decide(Outputs(logits, None, np.zeros((len(logits), 0), np.float32)))
        return decided.is_referred, decided.is_close


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """A network in a lower precision whose answers near a border are those of float32.

    Args:
        fast: the network in the lower precision.
        exact: the same network in float32.
        borders: which photographs are computed again, from what the fast one says.

    Example:
        >>> from lentigo import open_model
        >>> model = open_model(bundle_folder, threads=1)
        >>> wide = Borders.of(model.record, model.typical, margin=1e6)
        >>> pixels = model.look(photo).pixels[np.newaxis]
        >>> Cascade(model.network, model.network, wide).run(pixels).again.tolist()
        [True]
    """

    fast: Network
    exact: Network
    borders: Near

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Return what the network says about fitted pixels (N, S, S, 3), and which of them were computed again."""
        first = self.fast.run(pixels)
        again = self.borders.near(first)
        if not again.any():
            return dataclasses.replace(first, again=again)
        exact = self.exact.run(pixels[again])
        maps = first.maps
        if maps is not None and exact.maps is not None:
            maps = _put(maps, again, exact.maps)
        return Outputs(
            _put(first.logits, again, exact.logits), maps, _put(first.embedding, again, exact.embedding), again
        )


def _put(rows: NDArray[Any], where: Bools, others: NDArray[Any]) -> NDArray[Any]:
    changed = np.array(rows)
    changed[where] = others
    return changed
