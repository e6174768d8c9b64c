"""What the decision would mean where malignancy is rarer or more common than in the test."""

import math
from collections.abc import Iterator, Sequence

from lentigo.model import LEAST_CASES
from lentigo.model.decision import Estimate
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._words import NOT_AVAILABLE, percent, show_share

PREVALENCES = (0.01, 0.05, 0.1, 0.2)
"""Public screening, a general practice and two levels of referral; for illustration only."""


def ppv_at(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Return the share of flagged lesions that are malignant at another prevalence (Bayes); NaN if none is flagged.

    Example:
        >>> round(ppv_at(0.9, 0.9, 0.1), 2)
        0.5
    """
    found, false_alarms = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    return found / (found + false_alarms) if found + false_alarms > 0 else math.nan


def is_too_few(sensitivity: Estimate, specificity: Estimate) -> bool:
    """Return whether either rate is of too few images to be carried elsewhere, as the headline counts them then.

    Example:
        >>> sure, two_of_four = Estimate(0.9, 0.8, 1.0, n=40), Estimate(0.5, 0.003, 0.997, n=4)
        >>> is_too_few(sure, sure), is_too_few(two_of_four, sure)
        (False, True)
    """
    return any(not rate.has_interval or rate.n < LEAST_CASES for rate in (sensitivity, specificity))


def prevalence_rows(facts: RunFacts) -> list[tuple[str, ...]]:
    """Return rows per prevalence: of 1,000 lesions found, missed and flagged unnecessarily; PPV and NPV.

    Of too few images there are none: 2 of 4 malignant ones had given 5 of 1,000 missed, and an NPV of 99.4%.
    """
    point = facts.point
    if point is None or is_too_few(point.sensitivity, point.specificity):
        return []
    here = float(facts.is_malignant.mean())
    shares: Sequence[tuple[str, float]] = [*((f"{value:.0%}", value) for value in PREVALENCES), ("", here)]
    return list(_prevalence_rows(point.sensitivity.value, point.specificity.value, shares))


def prevalence_note(facts: RunFacts) -> str:
    """Return what the rows assume: sensitivity and specificity as on test, and what their lower ends would mean."""
    point = facts.point
    if point is None or not (point.sensitivity.is_defined and point.specificity.is_defined):
        return ""
    found, cleared, rare = point.sensitivity, point.specificity, PREVALENCES[1]
    if is_too_few(found, cleared):
        return "These images are too few to say what the decision would mean where malignancy is rarer or more common."
    ppv, npv = ppv_at(found.low, cleared.low, rare), ppv_at(cleared.low, found.low, 1 - rare)
    return (
        f"Of 1,000 {'photographs' if facts.by_photograph else 'lesions'}, if sensitivity stayed {show_share(found)} "
        f"and specificity {show_share(cleared)} as on test; the rows use the values before the brackets. At the lower "
        f"ends of both, PPV at {percent(rare, digits=0)} is {percent(ppv, digits=0)} and NPV {_npv_text(npv)}. PPV: "
        "malignant among flagged. NPV: benign among not flagged."
    )


def _prevalence_rows(
    sensitivity: float, specificity: float, shares: Sequence[tuple[str, float]]
) -> Iterator[tuple[str, ...]]:
    for label, prevalence in shares:
        malignant = 1000 * prevalence
        alarms = (1000 - malignant) * (1 - specificity)
        # NPV is the PPV of the other side
        npv = ppv_at(specificity, sensitivity, 1 - prevalence)
        yield (
            label or f"{percent(prevalence, digits=0)}, as in this test",
            _whole(malignant * sensitivity),
            _whole(malignant * (1 - sensitivity)),
            _whole(alarms),
            percent(ppv_at(sensitivity, specificity, prevalence), digits=0),
            _npv_text(npv),
        )


def _npv_text(npv: float) -> str:
    return "more than 99.9%" if 0.9995 <= npv < 1 else percent(npv, digits=1)


def _whole(value: float) -> str:
    if math.isnan(value):
        return NOT_AVAILABLE
    return "<1" if 0 < value < 0.5 else f"{value:,.0f}"
