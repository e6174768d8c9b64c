"""Numbers as people read them: shares in per cent, natural frequencies, intervals, and "n/a" with its reason."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lentigo.model.decision import Estimate
from lentigo.wording import figure_text, number_text, percent_text

NOT_AVAILABLE = "n/a"
OWN_BY_SIDE = (
    "Both columns are of benign against malignant, because these images are labelled so. The run's own evaluation is "
    "of all its classes: its accuracy, NLL and Brier score are other figures, and it resamples by class."
)
"""Below figures of a run's own test that was reduced to two sides, beside those of an external test."""


@dataclass(frozen=True, slots=True)
class FormattedEstimate:
    """An estimate as text.

    Args:
        value: "93.3%", "0.957" or "n/a".
        interval: "89.7 to 95.9%", or empty where there is none.
        note: why the value or the interval is missing, or empty.

    Example:
        >>> str(FormattedEstimate("0.957", "0.941 to 0.970", ""))
        '0.957 (0.941 to 0.970)'
    """

    value: str
    interval: str
    note: str

    def __str__(self) -> str:
        """Return the value with its interval, or with the reason why there is none."""
        extra = self.interval or self.note
        return f"{self.value} ({extra})" if extra else self.value


def show_share(estimate: Estimate, *, digits: int = 1) -> FormattedEstimate:
    """Return a share of cases in per cent.

    Example:
        >>> str(show_share(Estimate(0.933, 0.897, 0.959, n=300)))
        '93.3% (89.7 to 95.9%)'
    """
    low, high = (percent_text(end, digits) for end in (estimate.low, estimate.high))
    return _show(estimate, percent(estimate.value, digits=digits), f"{low.removesuffix('%')} to {high}")


def show_score(estimate: Estimate, *, digits: int = 3) -> FormattedEstimate:
    """Return a figure that is not a share of cases, with decimals.

    Example:
        >>> str(show_score(Estimate.undefined("0 malignant images")))
        'n/a (0 malignant images)'
    """
    value, low, high = (figure_text(each, digits) for each in (estimate.value, estimate.low, estimate.high))
    return _show(estimate, value, f"{low} to {high}")


def show_number(estimate: Estimate) -> FormattedEstimate:
    """Return a number of cases, large ones with two digits.

    Example:
        >>> str(show_number(Estimate(2.0, 1.0, 2646.0, n=4)))
        '2.0 (1.0 to 2,600)'
    """
    value, low, high = map(number_text, (estimate.value, estimate.low, estimate.high))
    return _show(estimate, value, f"{low} to {high}")


def _show(estimate: Estimate, value: str, interval: str) -> FormattedEstimate:
    return FormattedEstimate(value, interval if estimate.has_interval else "", estimate.reason or "")


def percent(value: float, *, digits: int = 1) -> str:
    """Return a share in per cent, or "n/a" for NaN.

    Example:
        >>> percent(0.9333), percent(float("nan"))
        ('93.3%', 'n/a')
    """
    return percent_text(value, digits)


def score(value: float, *, digits: int = 3) -> str:
    """Return a number with decimals, or "n/a" for NaN.

    Example:
        >>> score(0.95724)
        '0.957'
    """
    return figure_text(value, digits)


def share(part: int, whole: int, *, digits: int = 0) -> str:
    """Return a part of a whole in per cent, or "n/a" of nothing.

    Example:
        >>> share(1, 3), share(0, 0)
        ('33%', 'n/a')
    """
    return percent(part / whole, digits=digits) if whole else NOT_AVAILABLE


def threshold_key(n_points: int) -> str:
    """Return what the dots on a curve are, a line in their colour; empty without dots.

    Example:
        >>> threshold_key(1), threshold_key(0)
        ('● threshold in use', '')
    """
    return "" if not n_points else "● threshold in use" + ("   ○ others" if n_points > 1 else "")


def threshold_text(value: float) -> str:
    """Return a threshold in per cent with a decimal: one of 43.4 % does not flag an image of 42.8 %, also "43%".

    Example:
        >>> threshold_text(0.4341), threshold_text(0.0004)
        ('43.4%', '0.04%')
    """
    return probability_text(value, digits=1)


def probability_text(value: float, *, digits: int = 0) -> str:
    """Return a probability in per cent with as many digits as tell it from 0 and from 100.

    Example:
        >>> [probability_text(value) for value in (0.182, 0.0004, 0.99996, 1.0)]
        ['18%', '0.04%', '>99.9%', '100%']
    """
    in_percent = 100 * value
    if value in (0, 1):
        return f"{in_percent:.0f}%"
    if 1 <= in_percent <= 99:
        return f"{in_percent:.{digits}f}%"
    if in_percent > 99:
        return ">99.9%" if in_percent > 99.95 else f"{in_percent:.1f}%"
    return "<0.01%" if in_percent < 0.01 else f"{in_percent:.1g}%"


def apart_from(value: float, threshold: float) -> str:
    """Return a probability with as many digits as show on which side of a threshold it lies.

    Example:
        >>> apart_from(0.4339, 0.4341), apart_from(0.4276, 0.4341)
        ('43.39%', '42.8%')
    """
    text, limit, digits = threshold_text(value), threshold_text(threshold), 1
    while text == limit and value != threshold and digits < 6:
        digits += 1
        text, limit = (f"{100 * each:.{digits}f}%" for each in (value, threshold))
    return text


@dataclass(frozen=True, slots=True)
class Frequency:
    """A share as so many of 100.

    Args:
        yes: whole number, 0 to 100; 1 and 99 also stand for anything nearer to 0 or 100 but not there.
        text: "93", "more than 99" or "fewer than 1".
        rest: the same for the other cases, which are 100 - yes.

    Example:
        >>> Frequency(93, "93", "7").yes
        93
    """

    yes: int
    text: str
    rest: str


def whole_of_100(shares: Sequence[float]) -> tuple[int, ...]:
    """Return shares of one whole as numbers that add up to 100: the greatest remainders are rounded up.

    Example:
        >>> whole_of_100([0.806, 0.035, 0.159])  # each rounded by itself: 81, 4 and 16
        (81, 3, 16)
    """
    found = [math.floor(100 * share) for share in shares]
    order = sorted(range(len(found)), key=lambda k: found[k] - 100 * shares[k])
    for k in order[: max(0, 100 - sum(found))]:
        found[k] += 1
    return tuple(found)


def frequency(value: float) -> Frequency:
    """Return a share in [0, 1] as a frequency of 100; only a share of exactly 0 or 1 becomes 0 or 100.

    Example:
        >>> frequency(0.934).text, frequency(0.999).text, frequency(0.999).rest
        ('93', 'more than 99', 'fewer than 1')
    """
    nearest = math.floor(100 * value + 0.5)
    if nearest == 100 and value < 1:
        return Frequency(99, "more than 99", "fewer than 1")
    if nearest == 0 and value > 0:
        return Frequency(1, "fewer than 1", "more than 99")
    return Frequency(nearest, str(nearest), str(100 - nearest))


def join(items: Sequence[str], *, last: str = "and") -> str:
    """Return the items as a list in a sentence.

    Example:
        >>> join(["MEL", "BCC", "SCC"])
        'MEL, BCC and SCC'
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
