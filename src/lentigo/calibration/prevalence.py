"""The same model where malignancy is rarer or commoner: probabilities and threshold move together, decisions stay.

A calibrated probability holds at the share of malignant images it was calibrated on. Where only that share changes, and
malignant and benign lesions each look as before (label shift), every odds of malignancy is multiplied by one number
(Elkan 2001; Saerens et al. 2002). A threshold is such odds too. Shifting both by the same number changes what is said,
never what is decided: sensitivity and specificity of an operating point stay, its PPV and NPV do not.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.predictions import Predictions

__all__ = ["check_prevalence", "shift_predictions", "shift_probability", "shift_rows"]

Floats = npt.NDArray[np.float64]


def check_prevalence(prevalence: float) -> None:
    """Raise unless the number is a share between 0 and 1.

    Raises:
        MetricError: it is not.

    Example:
        >>> check_prevalence(0.07)
    """
    if not (math.isfinite(prevalence) and 0 < prevalence < 1):
        raise MetricError(f"A prevalence lies between 0 and 1; got {prevalence:g}. For 7 % write 0.07.")


def shift_probability(probability: Floats, *, source: float, target: float) -> Floats:
    """Return malignant probabilities, or thresholds on them, at another prevalence; their order stays.

    Args:
        probability: any shape, in [0, 1]; 0 and 1 stay.
        source: share of malignant images that the probabilities were calibrated on.
        target: share where they will be used.

    Raises:
        MetricError: a share is not between 0 and 1.

    Example:
        >>> shift_probability(np.array([0.5]), source=0.5, target=0.1).round(6).tolist()
        [0.1]
    """
    check_prevalence(source)
    check_prevalence(target)
    malignant, benign = target / source, (1 - target) / (1 - source)
    weighed = probability * malignant
    shifted: Floats = weighed / (weighed + (1 - probability) * benign)
    return shifted


def shift_rows(probabilities: Floats, is_malignant: npt.NDArray[np.bool_], *, source: float, target: float) -> Floats:
    """Return (N, K) probabilities at another prevalence; within the malignant and the benign classes the mix stays.

    Args:
        probabilities: (N, K) calibrated, rows sum to one.
        is_malignant: (K,) which of the classes are malignant.
        source: share of malignant images that the probabilities were calibrated on.
        target: share where they will be used.

    Raises:
        MetricError: a share is not between 0 and 1.

    Example:
        >>> shift_rows(np.array([[0.5, 0.5]]), np.array([False, True]), source=0.5, target=0.2).round(3).tolist()
        [[0.8, 0.2]]
    """
    check_prevalence(source)
    check_prevalence(target)
    weighed = probabilities * np.where(is_malignant, target / source, (1 - target) / (1 - source))
    shifted: Floats = weighed / weighed.sum(axis=1, keepdims=True)
    return shifted


def shift_predictions(
    predictions: Predictions, *, malignant: Sequence[str], source: float, target: float
) -> Predictions:
    """Return predictions at another prevalence; within the malignant and the benign classes the mix stays.

    Args:
        predictions: calibrated.
        malignant: the malignant ones of the classes.
        source: share of malignant images that the probabilities were calibrated on.
        target: share where they will be used.

    Raises:
        MetricError: a share is not between 0 and 1.
        PredictionsError: a malignant class is not one of the predictions' classes.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([0]), np.array([[0.5, 0.25, 0.25]]), ("NV", "MEL", "BCC"))
        >>> shift_predictions(said, malignant=["MEL", "BCC"], source=0.5, target=0.2).probabilities.round(3).tolist()
        [[0.8, 0.1, 0.1]]
    """
    predictions.malignant(malignant)  # refuses unknown classes
    is_malignant = np.isin(predictions.classes, list(malignant))
    rows = shift_rows(predictions.probabilities, is_malignant, source=source, target=target)
    return Predictions(predictions.image, predictions.target, rows, predictions.classes)
