"""A threshold for sources that were not learned from: which sensitivity validation has to reach for it.

Probabilities of a network that had not learned from a source are on another scale than those of the finished one, so
no threshold is carried over. What is carried over is a share: the network that left a source out finds the wanted part
of its malignant images at some threshold, and at that threshold it finds so many of validation images of its own
sources. The largest such share, over sources, is what the finished network's threshold has to find of validation.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from lentigo.errors import MetricError
from lentigo.model.decision import OperatingPoint, is_referred
from lentigo.numbers.calibration._local import to_find
from lentigo.numbers.calibration._operating_point import choose_threshold
from lentigo.numbers.predictions import Predictions

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


def for_held_out_sources(points: Sequence[OperatingPoint], wanted: Sequence[float]) -> tuple[OperatingPoint, ...]:
    """Return operating points under the names of the wanted sensitivities, marked as chosen on held-out sources.

    Args:
        points: one a sensitivity, in order, then those of other rules, which stay as they are.
        wanted: the sensitivities.
    """
    own = [
        dataclasses.replace(
            point, name=f"sensitivity_{100 * share:g}", target_sensitivity=share, source="held-out sources"
        )
        for point, share in zip(points, wanted, strict=False)
    ]
    return (*own, *points[len(own) :])
