"""A threshold that holds in each of several sources: which sensitivity all of validation has to reach for it.

Of sources that were learned from, validation itself says it. Of others, networks do that had not learned from one.

Probabilities of a network that had not learned from a source are on another scale than those of the finished one, so
no threshold is carried over. What is carried over is a share: the network that left a source out finds the wanted part
of its malignant images at some threshold, and at that threshold it finds so many of validation images of its own
sources. The largest such share, over sources, is what the finished network's threshold has to find of validation.
"""

import dataclasses
import logging
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import MetricError, name_offenders
from lentigo.model.decision import ChosenOn, OperatingPoint, is_referred
from lentigo.numbers.calibration._operating_point import choose_threshold, judged_sources, to_find
from lentigo.numbers.predictions import Predictions
from lentigo.wording import counted

logger = logging.getLogger(__name__)

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Pairs = Mapping[str, tuple[Predictions, Predictions]]


def demanded_sensitivity(wanted: float, sources: Pairs, *, malignant: Sequence[str]) -> float:
    """Return the sensitivity on validation at which the wanted one is kept in the worst left-out source.

    With few malignant images in a source more than the wanted share of them has to be found, as where a bundle is
    recalibrated: see `to_find`. It is never less than the wanted one, and 1 where a source asks for more than
    validation can give.

    Args:
        wanted: sensitivity, in (0, 1].
        sources: by name, what a network that left the source out said of the source, and of validation of the others.
        malignant: the malignant ones of the classes.

    Raises:
        MetricError: there is no source, or one without malignant images.

    Example:
        >>> names, target = np.array(list("abcd")), np.array([1, 1, 1, 1])
        >>> home = Predictions(names, target, np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]), ("NV", "MEL"))
        >>> away = Predictions(names, target, np.array([[0.3, 0.7], [0.3, 0.7], [0.4, 0.6], [0.5, 0.5]]), ("NV", "MEL"))
        >>> demanded_sensitivity(0.7, {"away": (away, home)}, malignant=["MEL"])
        1.0
    """
    if not sources:
        raise MetricError("No source was held out. Train with --set train.held_out_sources=probe on several sources.")
    shares = [wanted]
    for said, others in sources.values():
        is_malignant, probability = said.is_malignant(malignant), said.malignant(malignant)
        share = to_find(wanted, max(1, int(is_malignant.sum())))
        threshold = choose_threshold(is_malignant, probability, target_sensitivity=share)
        at_home = others.malignant(malignant)[others.is_malignant(malignant)]
        if at_home.size:
            # a threshold is the probability of an image of validation: the highest that is not above this one
            below = at_home[at_home <= threshold + 1e-9]
            shares.append(float(np.mean(is_referred(at_home, float(below.max())))) if below.size else 1.0)
    return max(shares)


def demanded_in_each(
    wanted: float, is_malignant: Bools, probability: Floats, source: NDArray[np.str_], *, fewest: int
) -> float:
    """Return the sensitivity on all images at which the wanted one is kept in each of their sources.

    Args:
        wanted: sensitivity, in (0, 1].
        is_malignant: (N,) truth.
        probability: (N,) of being malignant; any order-preserving change of it gives the same share.
        source: (N,) name of each image's source, empty where unknown.
        fewest: malignant images of a source that is judged.

    Raises:
        MetricError: no source has as many, or one alone.

    Example:
        >>> truth, said = np.ones(8, bool), np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
        >>> demanded_in_each(0.5, truth, said, np.array(list("aaaabbbb")), fewest=4)
        0.75
    """
    judged = judged_sources(is_malignant, source, fewest=fewest)
    if len(judged) < 2:
        raise MetricError(
            f"calibrate.threshold_from is every_source, and validation has {counted(len(judged), 'source')} with "
            f"{counted(fewest, 'malignant image')} or more (evaluate.min_group_cases); two are needed. Set "
            "calibrate.threshold_from=validation."
        )
    if skipped := sorted(set(source[is_malignant & (source != "")].tolist()) - set(judged)):
        logger.warning(
            "The thresholds do not hold for %s: fewer than %s each in validation.",
            name_offenders(skipped), counted(fewest, "malignant image"),
        )  # fmt: skip
    shares = [wanted]
    for name in judged:
        is_own = source == name
        threshold = choose_threshold(is_malignant[is_own], probability[is_own], target_sensitivity=wanted)
        shares.append(float(np.mean(is_referred(probability[is_malignant], threshold))))
    return max(shares)


def as_wanted(
    points: Sequence[OperatingPoint], wanted: Sequence[float], source: ChosenOn
) -> tuple[OperatingPoint, ...]:
    """Return operating points under the names of the wanted sensitivities, marked by where these are kept.

    Args:
        points: one a sensitivity, in order, then those of other rules, which stay as they are.
        wanted: the sensitivities.
        source: where the wanted ones are kept.
    """
    own = [
        dataclasses.replace(point, name=f"sensitivity_{100 * share:g}", target_sensitivity=share, source=source)
        for point, share in zip(points, wanted, strict=False)
    ]
    return (*own, *points[len(own) :])
