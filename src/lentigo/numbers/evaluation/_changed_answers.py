"""Answers that two models give differently about the same images, the most dangerous changes first.

A new model may be better in every figure and still call a melanoma benign-looking that the old one referred. Whoever
puts it in the place of the old one has to see these images, not their share.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

MELANOMA: Final = "MEL"
REFER: Final = "refer"
BENIGN_LOOKING: Final = "benign-looking"
CHANGE_COLUMNS: Final = ("image", "truth", "malignant", "old", "new", "old_probability", "new_probability", "is_lost")


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """One image that two models answer differently.

    Args:
        image: its id.
        truth: its class in the data.
        malignant: whether that is malignant.
        old: what the first model answers, in a word.
        new: what the second one does.
        old_probability: malignant probability of the first model.
        new_probability: of the second.

    Example:
        >>> ChangedAnswer("a", "MEL", True, "refer", "benign-looking", 0.4, 0.02).is_lost
        True
    """

    image: str
    truth: str
    malignant: bool
    old: str
    new: str
    old_probability: float
    new_probability: float

    @property
    def is_lost(self) -> bool:
        """Whether it is malignant, was referred, and is now called benign-looking."""
        return self.malignant and self.old == REFER and self.new == BENIGN_LOOKING

    def json(self) -> dict[str, Any]:
        """Return the change as JSON types."""
        return asdict(self) | {"is_lost": self.is_lost}


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """What becomes of the answers when one model takes the place of another.

    Args:
        n_images: images that both answered.
        listed: every image whose answer changes: lost melanomas, other lost malignant ones, then the rest of the
            malignant ones, then benign ones; within each by how far the probability fell.
        counts: (malignant or benign, old answer, new answer) -> images, those that stay included.
    """

    n_images: int
    listed: tuple[ChangedAnswer, ...]
    counts: Mapping[tuple[str, str, str], int]

    @property
    def lost(self) -> tuple[ChangedAnswer, ...]:
        """Malignant images that were referred and are now called benign-looking, melanomas first."""
        return tuple(change for change in self.listed if change.is_lost)

    def json(self) -> dict[str, Any]:
        """Return the changes as JSON types."""
        counts = [
            {"side": side, "old": old, "new": new, "n_images": n} for (side, old, new), n in sorted(self.counts.items())
        ]
        return {"n_images": self.n_images, "n_lost": len(self.lost), "counts": counts,
                "listed": [change.json() for change in self.listed]}  # fmt: skip


def changed_answers(answered: Sequence[ChangedAnswer]) -> AnswerChanges:
    """Return which answers change.

    Args:
        answered: one record per image, also where both models answer alike.

    Example:
        >>> changed_answers([ChangedAnswer("a", "MEL", True, "refer", "benign-looking", 0.4, 0.02),
        ...                  ChangedAnswer("b", "NV", False, "refer", "refer", 0.4, 0.5)]).listed[0].image
        'a'
    """
    counts = Counter(("malignant" if one.malignant else "benign", one.old, one.new) for one in answered)
    return AnswerChanges(
        len(answered), tuple(sorted((one for one in answered if one.old != one.new), key=_rank)), counts
    )


def _rank(change: ChangedAnswer) -> tuple[bool, bool, bool, float, str]:
    fell = change.new_probability - change.old_probability
    return not change.is_lost, change.truth != MELANOMA, not change.malignant, fell, change.image
