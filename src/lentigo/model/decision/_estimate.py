"""A figure with its interval, and Wilson's interval: what travels from validation into every answer that is served."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from lentigo.model._json_reader import Fields
from lentigo.wording import figure_text


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure, its confidence interval and how many cases it rests on.

    Args:
        value: the figure; NaN where it is undefined, never 0 or 1 instead.
        low: lower end of the interval; NaN where there is none.
        high: upper end of the interval; NaN where there is none.
        n: number of cases the figure rests on (its denominator, or all images); 0 where an old bundle does not say.
        reason: why the figure or its interval is missing, or how it was made where the usual way fails; else None.

    Raises:
        ValueError: an undefined figure comes without a reason.

    Example:
        >>> print(Estimate(0.9, 0.85, 0.94, n=120))
        0.900 [0.850, 0.940]
        >>> print(Estimate(math.nan, math.nan, math.nan, n=0, reason="0 malignant images"))
        n/a (0 malignant images)
    """

    value: float
    low: float
    high: float
    n: int
    reason: str | None = None

    def __post_init__(self) -> None:
        if math.isnan(self.value) and not self.reason:
            raise ValueError("an undefined estimate needs a reason")

    def __str__(self) -> str:
        if not self.is_defined:
            return f"n/a ({self.reason})"
        value, low, high = map(figure_text, self._ends)
        return f"{value} [{low}, {high}]" if self.has_interval else value

    @property
    def is_defined(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether both ends of the interval are known."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    @classmethod
    def undefined(cls, reason: str, *, n: int = 0) -> Self:
        """Return the estimate of a figure that cannot be computed, with the reason.

        Example:
            >>> Estimate.undefined("0 malignant images").is_defined
            False
        """
        return cls(math.nan, math.nan, math.nan, n, reason)

    def json(self) -> dict[str, Any]:
        """Return the estimate as JSON types; NaN is None.

        Example:
            >>> Estimate(0.5, 0.25, 0.75, n=9).json()
            {'value': 0.5, 'low': 0.25, 'high': 0.75, 'n': 9, 'reason': None}
        """
        ends = {
            name: None if math.isnan(x) else x for name, x in zip(("value", "low", "high"), self._ends, strict=True)
        }
        return {**ends, "n": self.n, "reason": self.reason}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the estimate that `json` wrote.

        Raises:
            KeyError: a field is missing.

        Example:
            >>> Estimate.from_json({"value": 0.5, "low": None, "high": None, "n": 9, "reason": "1 lesion"}).value
            0.5
        """
        value, low, high = (
            math.nan if payload[name] is None else float(payload[name]) for name in ("value", "low", "high")
        )
        return cls(value, low, high, int(payload["n"]), payload["reason"])

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Return the estimate that `json` wrote into a stranger's file; an old bundle's has neither `n` nor reason."""
        value, low, high = (fields.number_or_nan(name, low=-1e6, high=1e6) for name in ("value", "low", "high"))
        n = fields.integer("n", low=0, high=10**9) if fields.has("n") else 0
        given = fields.take("reason") if fields.has("reason") else None
        reason = None if given is None else Fields({"reason": given}, fields.where).text("reason", longest=500)
        return cls(value, low, high, n, reason or ("not measured" if math.isnan(value) else None))

    @property
    def _ends(self) -> tuple[float, float, float]:
        return self.value, self.low, self.high


def wilson_interval(successes: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval for a proportion of independent cases.

    Wilson (1927), without continuity correction: unlike Wald's it stays within 0 to 1 and has a width at 0 of n and
    n of n. It takes every case for independent; for several images a lesion use the bootstrap.

    Args:
        successes: cases with the property.
        n: all cases.
        confidence: coverage, in (0, 1).

    Returns:
        Lower and upper end; NaN both when there are no cases.

    Example:
        >>> low, high = wilson_interval(95, 100)
        >>> f"{low:.3f} {high:.3f}"
        '0.888 0.978'
    """
    if n <= 0:
        return math.nan, math.nan
    return score_interval(successes, n, normal_quantile(confidence))


def score_interval(successes: float, n: float, z: float) -> tuple[float, float]:
    """Return the ends of the score interval of `successes` of `n` at `z` standard errors."""
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # at 0 of n and n of n the end is exact in theory and 1e-17 off in floating point
    low = 0.0 if successes <= 0 else centre - half
    high = 1.0 if successes >= n else centre + half
    return low, high


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations on each side cover `confidence` of a normal distribution.

    Example:
        >>> round(normal_quantile(0.95), 2)
        1.96
    """
    from statistics import NormalDist  # brings fractions and decimals along, which no answer needs

    return NormalDist().inv_cdf(0.5 + confidence / 2)
