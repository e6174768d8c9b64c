"""Words of messages: a number with its noun, and figures that reach 0, 1 or 100 % only if they are exactly that.

Imported by all, imports nothing.
"""

import math
import re
from typing import Final

__all__ = [
    "coarsest_unit",
    "counted",
    "counted_units",
    "figure_text",
    "number_text",
    "of_hundred_text",
    "percent_text",
    "score_text",
    "units_drawn",
    "units_in_words",
]

_NOISE: Final = 1e-9
"""Nearer to a bound than this is the bound: what floating point leaves of an exact 0 or 1."""


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with what is counted, and the verb where there is one, in the singular for 1.

    Args:
        n: how many.
        one: said of 1, after the number.
        many: said of any other number; `one` with an s when empty.

    Example:
        >>> counted(1, "image"), counted(2077, "image"), counted(0, "row has no id", "rows have no id")
        ('1 image', '2,077 images', '0 rows have no id')
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def units_in_words(unit: str) -> str:
    """Return the plural of what intervals resample, which may be of several kinds.

    Args:
        unit: "patient", "lesion" or "image"; or several of them, the coarsest first, where ids are missing for some.

    Example:
        >>> units_in_words("lesion"), units_in_words("patient, lesion or image")
        ('lesions', 'patients, lesions or images')
    """
    return re.sub(r"(patient|lesion|image)\b", r"\1s", unit) if " or " in unit else f"{unit}s"


def counted_units(n: int, unit: str) -> str:
    """Return a number of what intervals resample.

    Example:
        >>> counted_units(1, "patient"), counted_units(41, "patient or lesion")
        ('1 patient', '41 patients or lesions')
    """
    return counted(n, unit, units_in_words(unit))


def units_drawn(n: int, unit: str) -> str:
    """Return a number of what intervals resample, with what stands for a patient or a lesion that is unknown.

    Example:
        >>> units_drawn(41, "patient or lesion")
        '41 patients, or lesions where the patient is unknown'
        >>> units_drawn(3, "image")
        '3 images'
    """
    first = coarsest_unit(unit)
    if first == unit:
        return counted_units(n, unit)
    others = units_in_words(re.sub(r"^\w+(, | or )", "", unit))
    return f"{n:,} {first}s, or {others} where the {first} is unknown"


def coarsest_unit(unit: str) -> str:
    """Return the coarsest kind of what intervals resample: "patient" of "patient or lesion".

    Example:
        >>> coarsest_unit("patient or lesion"), coarsest_unit("image")
        ('patient', 'image')
    """
    return re.split(r",| or ", unit)[0]


def figure_text(value: float, digits: int = 3, *, signed: bool = False) -> str:
    """Return a figure with decimals, 0 or 1 only where it is exactly that.

    What decimals would round to 0, or a figure below 1 to 1, gets one more; then "<" or ">" says on which side it is.
    From 10 on there are three digits in all.

    Args:
        value: the figure; "n/a" for NaN.
        digits: decimals.
        signed: whether a figure above 0 begins with "+", as differences do.

    Example:
        >>> [figure_text(value, 2) for value in (0.957, 0.996, 0.99996, 1.0, 0.0004)]
        ['0.96', '0.996', '>0.999', '1.00', '<0.001']
    """
    if 10 <= abs(value) < math.inf:
        digits = max(0, min(digits, 2 - math.floor(math.log10(abs(value)))))  # a slope of 73.116 is 73.1 at most
    return _apart(value, digits, 1.0, signed=signed)


def percent_text(value: float, digits: int = 0) -> str:
    """Return a share in per cent, 0 % or 100 % only where it is exactly that.

    Args:
        value: the share, 0 to 1; "n/a" for NaN.
        digits: decimals.

    Example:
        >>> [percent_text(value) for value in (0.957, 0.996, 0.9999, 1.0, 0.0)]
        ['96%', '99.6%', '>99.9%', '100%', '0%']
    """
    return "n/a" if math.isnan(value) else f"{_apart(100 * value, digits, 100.0)}%"


def number_text(value: float) -> str:
    """Return how many cases there are to one other, with a decimal below 10 and two digits above 100.

    A number needed to biopsy of 2,646 is the end of an interval of four images; its last digits say nothing.

    Example:
        >>> [number_text(value) for value in (1.04, 23.4, 2646.0)]
        ['1.0', '23', '2,600']
    """
    if not math.isfinite(value):
        return "n/a" if math.isnan(value) else "unlimited"
    if value < 10:
        return f"{value:.1f}"
    return f"{value:.0f}" if value < 100 else f"{float(f'{value:.2g}'):,.0f}"


def of_hundred_text(value: float) -> str:
    """Return a share as so many of 100, in brackets: "<1" and ">99" for what is nearly none or all, but not quite.

    Example:
        >>> [of_hundred_text(value) for value in (0.934, 0.004, 0.999, 1.0)]
        ['93', '<1', '>99', '100']
    """
    nearest = round(100 * value)
    if nearest == 0 and value > _NOISE:
        return "<1"
    return ">99" if nearest == 100 and value < 1 - _NOISE else f"{nearest}"


def score_text(score: float) -> str:
    """Return a score, which is not a share, with its sign and two decimals; 0.004 is "0.00", because it says as little.

    Example:
        >>> score_text(0.314), score_text(-0.0004), score_text(math.nan)
        ('+0.31', '0.00', 'n/a')
    """
    return "0.00" if abs(score) < 0.005 else figure_text(score, 2, signed=True)


def _apart(value: float, digits: int, whole: float, *, signed: bool = False) -> str:
    """Return a number with decimals, with one more or a sign where it would look like 0 or the whole and is not."""
    if math.isnan(value):
        return "n/a"
    bound = 0.0 if abs(value) < whole / 2 else whole if value > 0 else -whole
    gap = value - bound
    plus = "+" if signed else ""
    if abs(gap) <= _NOISE * whole:
        return f"{bound:{plus}.{digits}f}"
    is_beyond = abs(value) > whole  # a slope of 1.0003 is no share: nothing is claimed by 1.000
    for places in (digits, digits + 1):
        text = f"{value:{plus}.{places}f}"
        if is_beyond or float(text) != bound:
            return text
    nearest = bound + math.copysign(10.0 ** -(digits + 1), gap)
    return f"{'<' if gap > 0 else '>'}{nearest:{plus}.{digits + 1}f}"
