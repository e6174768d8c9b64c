"""AUROCs as bars from 0.5 (a coin) to 1: what tells the class without the lesion, and the model beside it."""

from dataclasses import dataclass
from typing import Literal, Self

from lentigo.model.decision import Estimate
from lentigo.study.auditing import Audit
from lentigo.study.reporting._words import FormattedEstimate, show_score
from lentigo.wording import counted

Kind = Literal["model", "second", "strongest", "shortcut", "all"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Args:
        name: what reached it.
        meaning: more about that; may be empty.
        kind: how it is drawn.
        shown: the figure as text.
        value: length, 0 (an AUROC of 0.5 or less) to 100; None where the AUROC is undefined.
        low: lower end of the interval on the same scale; None without one.
        high: upper end.
        is_cut: whether the interval goes on below 0.5, where the scale begins.

    Example:
        >>> Bar.of("border ring", Estimate(0.9, 0.8, 1.0, n=9), "shortcut").value
        80.0
    """

    name: str
    meaning: str
    kind: Kind
    shown: FormattedEstimate
    value: float | None
    low: float | None
    high: float | None
    is_cut: bool = False

    @classmethod
    def of(cls, name: str, auroc: Estimate, kind: Kind, meaning: str = "") -> Self:
        """Return the bar of an AUROC."""
        value = _place(auroc.value) if auroc.is_defined else None
        low, high = (_place(auroc.low), _place(auroc.high)) if auroc.has_interval else (None, None)
        return cls(name, meaning, kind, show_score(auroc), value, low, high, is_cut=auroc.low < 0.5)


def shortcut_bars(audit: Audit) -> tuple[Bar, ...]:
    """Return a bar a group of numbers, the strongest first, all together last."""
    strongest = audit.strongest_shortcut
    single = [score for score in audit.shortcuts if score.key != "all"]
    single.sort(key=lambda score: -score.auroc.value if score.auroc.is_defined else 1)
    together = [score for score in audit.shortcuts if score.key == "all"]
    bars = []
    for score in [*single, *together]:
        kind: Kind = "all" if score.key == "all" else "strongest" if score is strongest else "shortcut"
        what = f", {score.strongest} tells most alone" if score.strongest and score.auroc.low > 0.5 else ""
        bars.append(Bar.of(score.name, score.auroc, kind, f"{counted(score.n_features, 'number')} per image{what}"))
    return tuple(bars)


def _place(auroc: float) -> float:
    return round(200 * (min(max(auroc, 0.5), 1.0) - 0.5), 2)
