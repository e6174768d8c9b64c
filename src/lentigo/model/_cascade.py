"""A lower precision first, and float32 again wherever the difference could change an answer.

bfloat16 keeps eight bits of each number, so that a logit comes out wrong by some hundredths. That changes a decision
only near a border: the threshold, an end of the low-confidence band, the limit of the out-of-distribution score. An
image near one is computed again in float32, and its answer is that of float32.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lentigo.model._bundle_facts import ReducedPrecision
from lentigo.model._bundle_record import BundleRecord
from lentigo.model._computation import Computation
from lentigo.model._ood_score import TypicalEmbeddings
from lentigo.model._outputs import Network, Outputs
from lentigo.model.decision import DecisionRule

Bools = NDArray[np.bool_]
# Largest errors of the shipped model on 320 photographs of HAM10000, the only source that had a part in the choice:
# 0.067 of the malignant log-odds and 0.004 of the score's limit. Half as much again, rounded up (docs/performance.md).
MARGIN: Final = 0.1
ODDNESS_MARGIN: Final = 0.01
SAFETY: Final = 1.5  # of the margin over the largest error that the export measured, where that is more


class AnswerBorders(Protocol):
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
        margin: of the malignant logits: an image is near a border if moving them up or down by this changes the answer.
        oddness_margin: share of the limit within which the score is near it.
    """

    rule: DecisionRule
    typical: TypicalEmbeddings | None = None
    oddness_limit: float = np.inf
    margin: float = MARGIN
    oddness_margin: float = ODDNESS_MARGIN

    @classmethod
    def of(cls, record: BundleRecord, typical: TypicalEmbeddings | None) -> "Borders":
        """Return the borders of a bundle, with wider margins where its export measured larger errors."""
        margin = max([MARGIN, *(SAFETY * one.logits for one in record.reduced)])
        if typical is None or record.oddness is None:
            return cls(record.decision, margin=margin)
        share = max([ODDNESS_MARGIN, *(SAFETY * one.oddness for one in record.reduced)])
        return cls(record.decision, typical, record.oddness.limit, margin, share)

    def near(self, outputs: Outputs) -> Bools:
        """Return which photographs (N,) are near a border.

        `DecisionRule.decide` itself is asked, so that every method of calibration and every rule is served.
        """
        here = self._decided(outputs.logits)
        near = np.zeros(len(outputs.logits), bool)
        for step in (-self.margin, self.margin):
            near |= (here != self._decided(outputs.logits + step * self.rule.is_malignant)).any(axis=1)
        if self.typical is not None:
            distance = np.abs(self.typical.distances(outputs.embedding) - self.oddness_limit)
            near |= distance <= self.oddness_margin * self.oddness_limit
        return near

    def sides(self, outputs: Outputs) -> Bools:
        """Return on which side of each border photographs are: referred, too close to call, odd; shape (N, 3)."""
        is_odd = np.zeros(len(outputs.logits), bool)
        if self.typical is not None:
            is_odd = self.typical.distances(outputs.embedding) > self.oddness_limit
        return np.column_stack([self._decided(outputs.logits), is_odd])

    def _decided(self, logits: NDArray[np.floating[Any]]) -> Bools:
        decided = self.rule.decide(Outputs(logits, None, np.zeros((len(logits), 0), np.float32)))
        return np.column_stack([decided.is_referred, decided.is_close])


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
        >>> wide = Borders(model.decision, margin=1e6)
        >>> pixels = model.look(photo).pixels[np.newaxis]
        >>> Cascade(model.network, model.network, wide).run(pixels).again.tolist()
        [True]
    """

    fast: Network
    exact: Network
    borders: AnswerBorders

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Return what the network says about fitted pixels (N, S, S, 3), and which of them were computed again."""
        first = self.fast.run(pixels)
        again = self.borders.near(first)
        if not again.any():
            return dataclasses.replace(first, again=again)
        return _joined(first, self.exact.run(pixels[again]), again)


def measure_reduced(fast: Outputs, exact: Outputs, borders: Borders, computation: Computation) -> ReducedPrecision:
    """Return what a lower precision changes.

    Args:
        fast: what the network says in it, of N photographs.
        exact: what it says in float32.
        borders: of the bundle; the margins are widened as `Borders.of` does from the record that is returned.
        computation: what `fast` was computed in.
    """
    mine = borders.rule.is_malignant
    error = float(np.abs(_log_odds(fast.logits, mine) - _log_odds(exact.logits, mine)).max())
    share = 0.0
    if borders.typical is not None:
        scores = [borders.typical.distances(one.embedding) for one in (fast, exact)]
        share = float(np.abs(scores[0] - scores[1]).max() / borders.oddness_limit)
    wide = dataclasses.replace(
        borders,
        margin=max(borders.margin, SAFETY * error),
        oddness_margin=max(borders.oddness_margin, SAFETY * share),
    )
    truth, alone, again = wide.sides(exact), wide.sides(fast), wide.near(fast)
    is_changed = (truth != alone).any(axis=1)
    return ReducedPrecision(
        computation.runtime,
        computation.version,
        computation.precision,
        n_images=len(again),
        logits=error,
        oddness=share,
        n_again=int(again.sum()),
        n_changed_alone=int(is_changed.sum()),
        n_changed=int((is_changed & ~again).sum()),
    )


def _log_odds(logits: NDArray[np.floating[Any]], mine: Bools) -> NDArray[np.float64]:
    """Return the logarithm of the share of some classes over that of the others, before calibration, shape (N,)."""
    parts = (np.logaddexp.reduce(logits[:, side].astype(np.float64), axis=1) for side in (mine, ~mine))
    return np.asarray(next(parts) - next(parts))


def _joined(first: Outputs, exact: Outputs, again: Bools) -> Outputs:
    maps = first.maps
    if maps is not None and exact.maps is not None:
        maps = _put(maps, again, exact.maps)
    return Outputs(_put(first.logits, again, exact.logits), maps, _put(first.embedding, again, exact.embedding), again)


def _put(rows: NDArray[Any], where: Bools, others: NDArray[Any]) -> NDArray[Any]:
    changed = np.array(rows)
    changed[where] = others
    return changed
