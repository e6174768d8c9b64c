"""What to expect in a source that none of the measured ones is: a random effect of the source, on the logit scale.

Each source has its own true sensitivity (or AUROC); these scatter around a mean with a standard deviation tau, and what
was measured scatters around each again, as its images are few. tau is DerSimonian and Laird's (1986), by moments. The
interval of the mean is Hartung and Knapp's with a t quantile of k - 1 degrees of freedom, never narrower than without
their factor (IntHout, Ioannidis and Borm 2014; Röver, Knapp and Friede 2015). A new source lies in
mean +- t(k - 2) * sqrt(tau^2 + SE^2), the prediction interval of Higgins, Thompson and Spiegelhalter (2009). With three
sources t is 12.7, and the interval says that nearly nothing is known; with two there is none, and their range is all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from lentigo.errors import MetricError
from lentigo.model.decision import Estimate, normal_quantile
from lentigo.wording import counted, figure_text

LEAST_SOURCES: Final = 3  # for a mean and a prediction interval
_HAIR: Final = 1e-6  # an AUROC of 1 has no logit

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BetweenSources:
    """A figure over several sources.

    Args:
        n_sources: how many were measured.
        lowest: of them.
        highest: of them.
        mean: of all sources there could be, with Hartung and Knapp's interval; undefined with fewer than three.
        low: lower end of the prediction interval for one new source; NaN with fewer than three.
        high: its upper end.
        tau: standard deviation between sources on the logit scale; NaN with fewer than three.

    Example:
        >>> BetweenSources(2, 0.8, 0.9, Estimate.undefined("2 sources"), math.nan, math.nan, math.nan).has_prediction
        False
    """

    n_sources: int
    lowest: float
    highest: float
    mean: Estimate
    low: float
    high: float
    tau: float

    @property
    def has_prediction(self) -> bool:
        """Whether there are enough sources to say where a new one lies."""
        return not math.isnan(self.low)

    def describe(self, *, digits: int = 2) -> str:
        """Return the range, and what to expect of a new source where that is known.

        Example:
            >>> two = BetweenSources(2, 0.8, 0.9, Estimate.undefined("2 sources"), math.nan, math.nan, math.nan)
            >>> two.describe()
            '0.80 to 0.90 in 2 sources, too few to predict the figure in another one'
        """
        lowest, highest, low, high = (
            figure_text(each, digits) for each in (self.lowest, self.highest, self.low, self.high)
        )
        text = f"{lowest} to {highest} in {counted(self.n_sources, 'source')}"
        if not self.has_prediction:
            return f"{text}, too few to predict the figure in another one"
        return (
            f"{text}; mean {figure_text(self.mean.value, digits)} [{figure_text(self.mean.low, digits)}, "
            f"{figure_text(self.mean.high, digits)}], in another one {low} to {high} expected"
        )

    def json(self) -> dict[str, Any]:
        """Return the figure as JSON types; NaN is None."""
        numbers = {name: getattr(self, name) for name in ("low", "high", "tau")}
        return {
            "n_sources": self.n_sources,
            "lowest": self.lowest,
            "highest": self.highest,
            "mean": self.mean.json(),
            **{name: None if math.isnan(value) else value for name, value in numbers.items()},
        }

    @classmethod
    def from_json(cls, payload: dict[str, Any]) -> Self:
        """Return the figure that `json` wrote."""
        low, high, tau = (
            math.nan if payload[name] is None else float(payload[name]) for name in ("low", "high", "tau")
        )
        lowest, highest = float(payload["lowest"]), float(payload["highest"])
        return cls(int(payload["n_sources"]), lowest, highest, Estimate.from_json(payload["mean"]), low, high, tau)


def between_sources(
    values: Sequence[float], logits: Sequence[float], variances: Sequence[float], *, confidence: float = 0.95
) -> BetweenSources:
    """Return what a figure does from source to source.

    Args:
        values: as measured in each of k sources.
        logits: of them, corrected where a value is 0 or 1; see `share_logit` and `interval_logit`.
        variances: of these within a source, positive.
        confidence: of both intervals, in (0, 1).

    Raises:
        MetricError: there is no source, or the three differ in number.

    Example:
        >>> found = between_sources([0.7, 0.8, 0.9, 0.95], [1.0, 2.0, 3.0, 4.0], [0.5] * 4)
        >>> round(found.tau**2, 4)  # see docs/statistics.md: (10 - 3) / (8 - 16 / 8)
        1.1667
    """
    y, v = np.array(logits, dtype=np.float64), np.array(variances, dtype=np.float64)
    k = len(y)
    if not k or not k == len(v) == len(values):
        raise MetricError(f"{len(values)} values, {k} logits and {len(v)} variances of sources; give one of each.")
    lowest, highest = float(min(values)), float(max(values))
    if k < LEAST_SOURCES:
        none = Estimate.undefined(f"{counted(k, 'source')} only", n=k)
        return BetweenSources(k, lowest, highest, none, math.nan, math.nan, math.nan)
    fixed = 1 / v
    spread = float((fixed * (y - fixed @ y / fixed.sum()) ** 2).sum())  # Cochran's Q
    tau2 = max(0.0, (spread - (k - 1)) / float(fixed.sum() - (fixed**2).sum() / fixed.sum()))
    weight = 1 / (v + tau2)
    centre = float(weight @ y / weight.sum())
    # Hartung and Knapp's factor may fall below 1 by chance; the interval would then pretend to know more
    factor = max(1.0, float(weight @ (y - centre) ** 2) / (k - 1))
    error2 = factor / float(weight.sum())
    half = _t(confidence, k - 1) * math.sqrt(error2)
    reach = _t(confidence, k - 2) * math.sqrt(tau2 + error2)
    mean = Estimate(_expit(centre), _expit(centre - half), _expit(centre + half), k)
    return BetweenSources(k, lowest, highest, mean, _expit(centre - reach), _expit(centre + reach), math.sqrt(tau2))


def share_logit(share: float, n: float) -> tuple[float, float]:
    """Return the logit of a share of n independent cases, and its variance; half a case is added on each side.

    Without it a share of 1 has no logit (Haldane 1956; Anscombe 1956).

    Args:
        share: in [0, 1].
        n: lesions or patients, not images, where these go together.

    Example:
        >>> logit, variance = share_logit(1.0, 10)
        >>> round(math.exp(logit)), round(variance, 3)
        (21, 2.095)
    """
    yes, no = share * n + 0.5, (1 - share) * n + 0.5
    return math.log(yes / no), 1 / yes + 1 / no


def interval_logit(figure: Estimate, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Return the logit of a figure and its variance, from an interval that was made on that scale; None without one.

    Example:
        >>> logit, variance = interval_logit(Estimate(0.5, 0.2, 0.8, n=9))
        >>> round(logit, 3), round(variance, 3)
        (0.0, 0.5)
    """
    if not (figure.is_defined and figure.has_interval and 0 < figure.value < 1):
        return None
    low, high = (_logit(min(max(end, _HAIR), 1 - _HAIR)) for end in (figure.low, figure.high))
    return _logit(figure.value), ((high - low) / (2 * normal_quantile(confidence))) ** 2


def _t(confidence: float, freedom: float) -> float:
    return float(stdtrit(freedom, 0.5 + confidence / 2))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0
