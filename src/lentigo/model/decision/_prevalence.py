"""The same model where malignancy is rarer or more common: probabilities and threshold move together, decisions stay.

A calibrated probability holds at the share of malignant images it was calibrated on. Where only that share changes, and
malignant and benign lesions each look as before (label shift), every odds of malignancy is multiplied by one number
(Elkan 2001; Saerens et al. 2002). A threshold is such odds too. Shifting both by the same number changes what is said,
never what is decided: sensitivity and specificity of an operating point stay, its PPV and NPV do not.
"""

import math

import numpy as np
import numpy.typing as npt

from lentigo.errors import ConfigError

Floats = npt.NDArray[np.float64]


def check_prevalence(prevalence: float) -> None:
    """Raise unless the number is a share between 0 and 1.

    Raises:
        ConfigError: it is not.

    Example:
        >>> check_prevalence(0.07)
    """
    if not (math.isfinite(prevalence) and 0 < prevalence < 1):
        raise ConfigError(f"a prevalence must be between 0 and 1; got {prevalence:g}. For 7 % write 0.07.")


def shift_probability(probability: Floats, *, source: float, target: float) -> Floats:
    """Return malignant probabilities, or thresholds on them, at another prevalence; their order stays.

    Args:
        probability: any shape, in [0, 1]; 0 and 1 stay.
        source: share of malignant images that the probabilities were calibrated on.
        target: share where they will be used.

    Raises:
        ConfigError: a share is not between 0 and 1.

    Example:
        >>> shift_probability(np.array([0.5]), source=0.5, target=0.1).round(6).tolist()
        [0.1]
    """
    either_side = np.stack([1 - probability, probability], axis=-1)
    return shift_rows(either_side, np.array([False, True]), source=source, target=target)[..., 1]


def shift_rows(probabilities: Floats, is_malignant: npt.NDArray[np.bool_], *, source: float, target: float) -> Floats:
    """Return probabilities (..., K) at another prevalence; within the malignant and the benign classes the mix stays.

    Args:
        probabilities: calibrated, rows sum to one.
        is_malignant: (K,) which of the classes are malignant.
        source: share of malignant images that the probabilities were calibrated on.
        target: share where they will be used.

    Raises:
        ConfigError: a share is not between 0 and 1.

    Example:
        >>> shift_rows(np.array([[0.5, 0.5]]), np.array([False, True]), source=0.5, target=0.2).round(3).tolist()
        [[0.8, 0.2]]
    """
    check_prevalence(source)
    check_prevalence(target)
    weighed = probabilities * np.where(is_malignant, target / source, (1 - target) / (1 - source))
    shifted: Floats = weighed / weighed.sum(axis=-1, keepdims=True)
    return shifted
