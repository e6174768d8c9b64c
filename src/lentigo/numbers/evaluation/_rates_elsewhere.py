"""Figures that follow from a sensitivity and a specificity at another prevalence, and their intervals.

With enough lesions or patients they are worked out resample by resample. Resamples of a few vary too little: then the
ends are those of the two rates, each at half the error, so that both hold at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from lentigo.model.decision import Estimate, OperatingPoint
from lentigo.numbers.evaluation._point_scores import PointAtPrevalence
from lentigo.numbers.evaluation._resampling import Draws, Side, Statistics, ratio
from lentigo.numbers.metrics import Support, scarcest
from lentigo.wording import counted_units

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]
Predictive = tuple[Estimate, Estimate]
RATES: Final = ("sensitivity", "specificity")


def predictive(sensitivity: Floats, specificity: Floats, prevalence: float) -> tuple[Floats, Floats]:
    """Return PPV and NPV at a prevalence (Bayes); NaN where nothing is called so.

    Example:
        >>> ppv, npv = predictive(np.array([0.9]), np.array([0.9]), 0.1)
        >>> ppv.round(3).tolist(), npv.round(3).tolist()
        ([0.5], [0.988])
    """
    found, alarms = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    cleared, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    return ratio(found, found + alarms), ratio(cleared, cleared + missed)


def net_benefit(sensitivity: Floats, specificity: Floats, *, prevalence: float, threshold: Floats | float) -> Floats:
    """Return malignancies found a lesion seen, less false alarms at the exchange rate that the threshold states.

    sensitivity x prevalence - (1 - specificity) x (1 - prevalence) x threshold / (1 - threshold).

    Example:
        >>> net_benefit(np.array([1.0]), np.array([0.0]), prevalence=0.2, threshold=0.1).round(4).tolist()
        [0.1111]
    """
    alarms = (1 - specificity) * (1 - prevalence)
    return np.asarray(sensitivity * prevalence - alarms * threshold / (1 - np.asarray(threshold)))


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Sensitivity and specificity of one threshold, and how figures that follow from them get their intervals.

    Args:
        value: the two rates.
        drawn: (2, B) the same on resamples; one of 0 or 1 in all of them has the spread that so many clusters leave it.
        ends: the two rates with their own intervals, where a side has few clusters or a rate is 0 or 1; else None.
        scarce: the side with fewer clusters, as sure as which every figure is.
        side: (N,) its images.
        draws: of the images.
    """

    value: Floats
    drawn: Floats
    ends: tuple[Estimate, Estimate] | None
    scarce: Support
    side: Bools
    draws: Draws

    def estimate(self, figure: Callable[[Floats, Floats], Floats], what: str) -> Estimate:
        """Return a figure that does not fall when one of the rates rises; `what` it is a share of."""
        value = float(figure(*self.value[:, np.newaxis])[0])
        if self.ends is None:
            found = self.draws.estimate(value, figure(*self.drawn), self.side, what)
            # a rate of 1 lies at the end of its own spread
            return replace(found, low=min(found.low, value), high=max(found.high, value))
        n = int(self.side.sum())
        if np.isnan(value):
            return Estimate.undefined(f"0 {what}", n=n)
        without = next((rate for rate in self.ends if not rate.has_interval), None)
        if without is not None:
            return Estimate(value, np.nan, np.nan, n, without.reason)
        low, high = (
            float(figure(*np.array([[getattr(rate, end)] for rate in self.ends]))[0]) for end in ("low", "high")
        )
        why = f"{self.scarce.cases} being of {counted_units(self.scarce.n_clusters, self.draws.unit)}"
        reason = f"from the intervals of both rates, {why if self.scarce.is_few else 'one of them being 0 or 1'}"
        # where nothing is called so at an end of the rates, the figure may be anything
        return Estimate(
            value,
            0.0 if np.isnan(low) else min(low, value),
            1.0 if np.isnan(high) else max(high, value),
            n,
            reason,
        )


def rates_of(i: int, found: Statistics, drawn: Statistics, sides: Sequence[Side], draws: Draws) -> Rates:
    """Return both rates of the i-th of several thresholds, on images and on their resamples; both sides are present."""
    sick, well = sides
    supports = [draws.resampler.support(*side) for side in (sick, well)]
    scarce = scarcest(supports)
    ends = None
    # resamples leave a rate of 0 or 1 where it is, and with it what follows from it
    is_fixed = any(float(found[name][i]) in (0.0, 1.0) for name in RATES)
    if scarce.is_few or is_fixed:
        wider = replace(draws, confidence=(1 + draws.confidence) / 2)
        ends = (
            wider.estimate(found["sensitivity"][i], drawn["sensitivity"][i], *sick, is_proportion=True),
            wider.estimate(found["specificity"][i], drawn["specificity"][i], *well, is_proportion=True),
        )
    spread = [
        _spread(float(found[name][i]), drawn[name][i], support, [draws.resampler.seed, i])
        for name, support in zip(RATES, supports, strict=True)
    ]
    return Rates(
        value=np.array([found[name][i] for name in RATES]),
        drawn=np.stack(spread),
        ends=ends,
        scarce=scarce,
        side=min((sick, well), key=lambda side: draws.resampler.count_clusters(side[0]))[0],
        draws=draws,
    )


def _spread(rate: float, replicates: Floats, support: Support, seed: list[int]) -> Floats:
    """Return (B,) rates; one of 0 or 1 in every resample is given the spread that so many clusters leave it.

    All found is not proof that nothing is missed. The spread is Jeffreys' posterior, Beta(G + 1/2, 1/2) for a rate
    of 1 in G clusters, at equally likely steps in an order of their own for each rate.
    """
    if rate not in (0.0, 1.0) or np.ptp(replicates) > 0:
        return replicates
    steps = (np.arange(replicates.size) + 0.5) / replicates.size
    beta = np.asarray(betaincinv(support.n_clusters + 0.5, 0.5, np.random.default_rng(seed).permutation(steps)))
    return beta if rate == 1 else 1 - beta


def predictive_of_few(rates: Rates, prevalence: float) -> Predictive | None:
    """Return PPV and NPV from the intervals of both rates where a side has few clusters or a rate is 0 or 1; else None.

    The images called malignant may be of 15 patients of whom 2 have a melanoma. As a share of these images the NPV of
    the mix of a test held in 93 % of simulated sets of 2 and 20 patients (docs/statistics.md).
    """
    if rates.ends is None:
        return None
    return (
        rates.estimate(lambda found, cleared: predictive(found, cleared, prevalence)[0], "images called malignant"),
        rates.estimate(lambda found, cleared: predictive(found, cleared, prevalence)[1], "images called benign"),
    )


def predictive_at_mix(
    values: Mapping[str, npt.ArrayLike],
    drawn: Mapping[str, npt.ArrayLike],
    sides: Sequence[Side],
    seen: Predictive,
    draws: Draws,
) -> Predictive:
    """Return PPV and NPV at the mix of some images, from both rates where resamples tell too little of a side.

    Args:
        values: both rates, by name.
        drawn: (B,) both on resamples.
        sides: the images that the sensitivity is a share of, and the others.
        seen: both as shares of the images called so, which stay where resamples tell enough, or one is undefined.
        draws: of the images.
    """
    if not all(cases.any() for cases, _ in sides):
        return seen
    here, resampled = ({name: np.asarray(each[name])[np.newaxis] for name in RATES} for each in (values, drawn))
    found = predictive_of_few(rates_of(0, here, resampled, sides, draws), float(sides[0][0].mean()))
    if found is None:
        return seen
    ppv, npv = (replace(a, n=b.n) if b.is_defined else b for a, b in zip(found, seen, strict=True))
    return ppv, npv


def f1_at_mix(
    found: Estimate,
    values: Mapping[str, npt.ArrayLike],
    drawn: Mapping[str, npt.ArrayLike],
    sides: Sequence[Side],
    draws: Draws,
) -> Estimate:
    """Return an F1 from both rates where resamples leave one at 0 or 1, and with it the F1; else as it is.

    Args:
        found: the F1, with the interval from resamples.
        values: recall and specificity, as "sensitivity" and "specificity".
        drawn: (B,) both on resamples.
        sides: the images of the class, and the others.
        draws: of the images.
    """
    if not found.has_interval or not all(cases.any() for cases, _ in sides):
        return found
    here, resampled = ({name: np.asarray(each[name])[np.newaxis] for name in RATES} for each in (values, drawn))
    rates, share = rates_of(0, here, resampled, sides, draws), float(sides[0][0].mean())
    if rates.ends is None:
        return found
    joined = rates.estimate(lambda recall, cleared: _f1(recall, cleared, share), "images")
    return replace(joined, value=found.value, n=found.n)


def _f1(recall: Floats, specificity: Floats, share: float) -> Floats:
    """Return 2 TP / (2 TP + FP + FN) of a class that is a `share` of the images."""
    return ratio(2 * recall * share, recall * share + share + (1 - specificity) * (1 - share))


def point_at(
    point: OperatingPoint, there: float, rates: Rates, prevalence: float, seen: Predictive | None
) -> PointAtPrevalence:
    # a threshold of 1 (the only malignant image has probability 1) has no exchange rate
    odds = min(there, 1 - 1e-9)
    ppv, npv = seen or (
        rates.estimate(lambda found, cleared: predictive(found, cleared, prevalence)[0], "images called malignant"),
        rates.estimate(lambda found, cleared: predictive(found, cleared, prevalence)[1], "images called benign"),
    )
    gain = rates.estimate(
        lambda found, cleared: net_benefit(found, cleared, prevalence=prevalence, threshold=odds), "images"
    )
    return PointAtPrevalence(
        name=point.name,
        threshold=point.threshold,
        threshold_there=there,
        ppv=ppv,
        npv=npv,
        number_needed_to_biopsy=_biopsies(ppv, None if seen else rates, prevalence),
        net_benefit=gain,
        net_benefit_of_all=float(net_benefit(np.ones(1), np.zeros(1), prevalence=prevalence, threshold=odds)[0]),
    )


def _biopsies(ppv: Estimate, rates: Rates | None, prevalence: float) -> Estimate:
    """Return 1 / PPV: from resamples of both rates, else with the ends of the PPV."""
    if rates is not None and rates.ends is None:
        # falls as the rates rise
        return rates.estimate(
            lambda found, cleared: ratio(1, predictive(found, cleared, prevalence)[0]), "malignant images called so"
        )
    if not (ppv.is_defined and ppv.value > 0):
        return Estimate.undefined("0 malignant images called so", n=ppv.n)
    if not ppv.low > 0:
        return Estimate(1 / ppv.value, np.nan, np.nan, ppv.n, ppv.reason if not ppv.has_interval else "no upper end")
    return Estimate(1 / ppv.value, 1 / ppv.high, 1 / ppv.low, ppv.n, ppv.reason)
