"""One temperature for all logits (Guo et al. 2017).

It mends over- and underconfidence, cannot change which class comes first, and has nothing to overfit on a few hundred
images.
"""

import logging

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import softmax

from lentigo.errors import MetricError
from lentigo.model.decision import ProbabilityMap, log_probabilities
from lentigo.wording import counted

TEMPERATURE_BOUNDS = (0.1, 10.0)
"""A fully trained network needs 0.5 to 4; outside these bounds the images are too few or too easy to decide."""

Floats = npt.NDArray[np.float64]
log = logging.getLogger(__name__)


def fit_temperature(probabilities: Floats, target: npt.NDArray[np.integer], *, weights: Floats | None = None) -> float:
    """Return the temperature at which softmax(log(probabilities) / T) has the least NLL.

    NLL is convex in 1 / T, so the only zero of its slope is the minimum. Where sharper is always better, as when every
    image is right, the true class is taken to be so with probability (N + 1) / (N + 2) only (Platt 1999): ten images
    without an error do not say that there is none in ten million. Where the slope has no zero within the bounds even
    so, the nearer bound is returned. Both are logged as warnings.

    Args:
        probabilities: (N, K) rows that sum to one; log-probabilities are logits up to a constant.
        target: (N,) true class.
        weights: (N,) how much each image counts, above 0; all the same when None.

    Returns:
        T in [0.1, 10]; above 1 the model was overconfident.

    Raises:
        MetricError: there are no images.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])
        >>> round(fit_temperature(sure, np.array([0, 0, 1, 1])), 3)  # right 3 times of 4: 0.75 would be honest
        2.0
    """
    if target.size == 0:
        raise MetricError("No labelled images to fit a temperature on. Give validation predictions with targets.")
    logits = log_probabilities(probabilities)
    true_logit = np.take_along_axis(logits, target[:, np.newaxis], axis=1)[:, 0]
    coolest, hottest = TEMPERATURE_BOUNDS

    def slope(sharpness: float) -> float:
        said = softmax(sharpness * logits, axis=1)
        return float(np.average((said * logits).sum(axis=1) - true_logit, weights=weights))

    if slope(1 / coolest) <= 0:
        log.warning(
            "%s fit best when their probabilities are sharpened more than so few can show; the temperature is "
            "therefore limited by the sample size.",
            counted(target.size, "labelled prediction"),
        )
        doubt = 1 / (target.size + 2)
        other_logits = (logits.sum(axis=1) - true_logit) / (logits.shape[1] - 1)
        true_logit = (1 - doubt) * true_logit + doubt * other_logits
    if slope(1 / coolest) <= 0 or slope(1 / hottest) >= 0:
        bound = coolest if slope(1 / coolest) <= 0 else hottest
        log.warning(
            "No temperature between %g and %g fits %s best; using %g.",
            coolest,
            hottest,
            counted(target.size, "image"),
            bound,
        )
        return bound
    return float(1 / brentq(slope, 1 / hottest, 1 / coolest, xtol=1e-12))


def apply_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return softmax(log(probabilities) / temperature), rows summing to one; the order within a row stays.

    Args:
        probabilities: (N, K) rows that sum to one.
        temperature: above 1 softens, below 1 sharpens; 1 changes nothing.

    Raises:
        MetricError: the temperature is not a positive number.

    Example:
        >>> apply_temperature(np.array([[0.9, 0.1]]), 2.0).round(3).tolist()
        [[0.75, 0.25]]
    """
    return ProbabilityMap("temperature", temperature=temperature).apply(probabilities)
