"""In which order predictions are evaluated: that of their malignant probability, because rankings read them so."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError, name_offenders
from lentigo.numbers.predictions import Predictions
from lentigo.wording import counted


def labelled_in_order(
    predictions: Predictions, groups: npt.NDArray[np.generic] | None, malignant: Sequence[str]
) -> tuple[Predictions, npt.NDArray[np.generic]]:
    """Return predictions in the order of their malignant probability, and the group of each.

    A ranking then reads the weights as they lie in memory: of a million images each resample would come from afar.
    Names, not places, decide which resample an image is in, so that no figure depends on the order.

    Args:
        predictions: every image with its target.
        groups: (N,) lesion or patient of each image; the image's own name when None.
        malignant: the malignant ones of the classes.

    Raises:
        MetricError: there are no images, or an image has no target.
        PredictionsError: a malignant class is not one of the predictions' classes.

    Example:
        >>> rows = np.array([[0.1, 0.9], [0.6, 0.4]])
        >>> said = Predictions(np.array(["a", "b"]), np.array([1, 0]), rows, ("NV", "MEL"))
        >>> labelled_in_order(said, None, ["MEL"])[1].tolist()
        ['b', 'a']
    """
    if len(predictions) == 0:
        raise MetricError("There are no predictions to evaluate. Give at least one image with its target.")
    unknown = predictions.image[predictions.target < 0]
    if unknown.size:
        raise MetricError(
            f"{unknown.size} of {counted(len(predictions), 'image')} have no target: {name_offenders(unknown)}. "
            "Fill in the target column, or exclude these images."
        )
    names = predictions.image if groups is None else np.asarray(groups)
    if names.shape != predictions.target.shape:
        return predictions, names  # the resampler says what is wrong
    order = np.argsort(predictions.malignant(malignant), kind="stable")
    return predictions.select(order), names[order]
