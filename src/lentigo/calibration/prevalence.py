"""Predictions where malignancy is rarer or commoner: `lentigo.model.decision.prevalence`, for a whole table."""

from collections.abc import Sequence

import numpy as np

from lentigo.model.decision import shift_rows
from lentigo.predictions import Predictions

__all__ = ["shift_predictions"]


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
        ConfigError: a share is not between 0 and 1.
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
