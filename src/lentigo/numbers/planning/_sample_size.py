"""Sizes of samples: each function one published formula, for independent cases."""

import math
from collections.abc import Callable
from typing import Literal

from lentigo.errors import ConfigError
from lentigo.model.decision import normal_quantile, wilson_interval

MOST = 10**9
"""Cases beyond which a plan is refused: no such study can be made."""


def wald_size(share: float, *, width: float, confidence: float = 0.95) -> int:
    """Return how many cases give a share an interval of a width by the normal approximation.

    Buderer (1996), with `width` the whole interval and not its half: z^2 p (1 - p) / (width / 2)^2. It is here to be
    compared with published tables; `wilson_size` is what the evaluation's intervals need.

    Args:
        share: expected, in (0, 1).
        width: of the interval, from its lower to its upper end.
        confidence: of the interval.

    Example:
        >>> wald_size(0.9, width=0.1)
        139
    """
    z = normal_quantile(confidence)
    return math.ceil(share * (1 - share) * (2 * z / width) ** 2 - 1e-9)


def wilson_size(share: float, *, width: float, confidence: float = 0.95) -> int:
    """Return the fewest cases that give a share a Wilson interval of at most a width, if the share is as expected.

    The width falls with every case, so that bisection finds the number exactly.

    Args:
        share: expected, in (0, 1).
        width: of the interval, from its lower to its upper end.
        confidence: of the interval.

    Example:
        >>> wilson_size(0.95, width=0.05)
        304
    """

    def width_of(n: int) -> float:
        low, high = wilson_interval(share * n, n, confidence=confidence)
        return high - low

    return _fewest(lambda n: width_of(n) <= width)


def auroc_interval_size(
    auroc: float,
    *,
    width: float,
    prevalence: float,
    confidence: float = 0.95,
    method: Literal["newcombe", "hanley-mcneil"] = "newcombe",
) -> int:
    """Return how many cases in all give an AUROC an interval of at most a width.

    The standard error is that of Hanley and McNeil (1982), or the same as Newcombe (2006, method 4) writes it, with the
    numbers of both sides replaced by their mean; Riley et al. (2021) plan validations by the latter. Where malignant
    cases are rare the former asks for more.

    Args:
        auroc: expected, in (0.5, 1).
        width: of the interval, from its lower to its upper end.
        prevalence: share of malignant cases.
        confidence: of the interval.
        method: which standard error.

    Example:
        >>> auroc_interval_size(0.8, width=0.1, prevalence=0.018)
        4252
    """
    z = normal_quantile(confidence)
    of_malignant, of_benign = auroc / (2 - auroc) - auroc**2, 2 * auroc**2 / (1 + auroc) - auroc**2

    def width_of(n: int) -> float:
        malignant, benign = n * prevalence, n * (1 - prevalence)
        others = (n / 2 - 1, n / 2 - 1) if method == "newcombe" else (malignant - 1, benign - 1)
        terms = auroc * (1 - auroc) + others[0] * of_malignant + others[1] * of_benign
        return 2 * z * math.sqrt(max(terms, 0) / (malignant * benign))

    # from two malignant cases on, where the width falls with every further case
    return _fewest(lambda n: n * prevalence >= 2 and n * (1 - prevalence) >= 2 and width_of(n) <= width)


def noninferiority_size(
    *, discordance: float, margin: float, difference: float = 0.0, power: float = 0.8, confidence: float = 0.95
) -> int:
    """Return how many cases, judged by two models, show that the new one is worse by less than a margin.

    Liu et al. (2002), the test with the restricted maximum likelihood estimate (Tango's score test), one-sided at
    (1 - confidence) / 2: the lower end of the two-sided interval of the difference lies above minus the margin.

    Args:
        discordance: share of cases that only one of the two gets right.
        margin: greatest loss that is accepted, above 0.
        difference: expected share right of the new model less that of the old one.
        power: chance that the study succeeds if the expectation holds.
        confidence: of the two-sided interval.

    Raises:
        ConfigError: the expected loss reaches the margin, or no such pair of models exists.

    Example:
        >>> noninferiority_size(discordance=0.095, margin=0.05)
        336
    """
    if difference <= -margin:
        raise ConfigError(
            "the expected loss is not below the margin, so no number of cases can show non-inferiority. "
            "Use a wider margin."
        )
    if abs(difference) > discordance or discordance > 1:
        raise ConfigError(
            f"a difference of {difference:g} is impossible if the models disagree on {discordance:g} of the cases. "
            "Use a larger discordance."
        )
    gains, losses = (discordance + difference) / 2, (discordance - difference) / 2
    # the most likely share of gains where losses exceed gains by exactly the margin: root of 2 x^2 - b x - c
    b, c = discordance + margin * (losses - gains) - 2 * margin, gains * margin * (1 - margin)
    restricted = (b + math.sqrt(b * b + 8 * c)) / 4
    under_margin, expected = 2 * restricted + margin - margin**2, discordance - difference**2
    z_of_error, z_of_power = normal_quantile(confidence), normal_quantile(2 * power - 1)
    spread = z_of_error * math.sqrt(under_margin) + z_of_power * math.sqrt(expected)
    return math.ceil((spread / (margin + difference)) ** 2 - 1e-9)


def design_effect(images_per_lesion: float, icc: float) -> float:
    """Return how many images of lesions with several tell as much as one image of a lesion for itself.

    Kish (1965): 1 + (m - 1) icc.

    Args:
        images_per_lesion: mean number, at least 1.
        icc: intraclass correlation of being right, 0 to 1.

    Example:
        >>> design_effect(3, 0.5)
        2.0
    """
    return 1 + (images_per_lesion - 1) * icc


def _fewest(is_enough: Callable[[int], bool]) -> int:
    """Return the smallest number that is enough, where every larger one is too.

    Raises:
        ConfigError: it is above a billion.
    """
    high = 1
    while not is_enough(high):
        high *= 2
        if high > MOST:
            raise ConfigError("more than a billion cases would be needed. Use a larger width or margin.")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
