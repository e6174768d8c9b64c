"""What makes predictions valid, one check a rule, each naming the offenders and the remedy."""

import numpy as np
import numpy.typing as npt

from lentigo.errors import PredictionsError, name_offenders
from lentigo.wording import counted

Names = npt.NDArray[np.str_]
Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ROW_SUM_TOLERANCE = 1e-6
"""How far from one the probabilities of an image may sum; a float32 softmax stays within a tenth of it."""


def check_classes(classes: tuple[str, ...]) -> None:
    """Raise unless there are two classes or more, each with a name of its own.

    Raises:
        PredictionsError: see above; the text names the offenders.
    """
    if len(classes) < 2:
        raise PredictionsError(
            f"Predictions need at least two classes; got: {', '.join(classes) or 'none'}. "
            "Give one probability column per class."
        )
    if len(set(classes)) < len(classes):
        repeated = sorted({name for name in classes if classes.count(name) > 1})
        raise PredictionsError(f"Classes named more than once: {name_offenders(repeated)}. Name each class once.")
    reserved = [repr(name) for name in classes if name in ("", "image", "target")]
    if reserved:
        raise PredictionsError(f"{name_offenders(reserved)} cannot name a class. Give that class another name.")


def check_shapes(image: Names, target: Indices, probabilities: Floats, classes: tuple[str, ...]) -> None:
    """Raise unless the arrays have one entry per image, and one probability per class.

    Raises:
        PredictionsError: see above; the text names the offenders.
    """
    n, k = image.size, len(classes)
    if image.shape != (n,) or target.shape != (n,) or probabilities.shape != (n, k):
        raise PredictionsError(
            f"{counted(n, 'image')} and {counted(k, 'class needs', 'classes need')} a ({n},) target and ({n}, {k}) "
            f"probabilities; got {target.shape} and {probabilities.shape}."
        )


def check_images(image: Names) -> None:
    """Raise unless every image has a name and occurs once.

    Raises:
        PredictionsError: see above; the text names the offenders.
    """
    names, counts = np.unique(image, return_counts=True)
    repeated = names[counts > 1]
    if repeated.size:
        raise PredictionsError(
            f"{counted(repeated.size, 'image is', 'images are')} predicted more "
            f"than once: {name_offenders(repeated)}. Keep one row per image."
        )
    if names.size and names[0] == "":
        raise PredictionsError("An image has an empty name. Give every row its image id.")


def check_targets(image: Names, target: Indices, classes: tuple[str, ...]) -> None:
    """Raise unless every target is -1 or an index into the classes.

    Raises:
        PredictionsError: see above; the text names the offenders.
    """
    wrong = image[(target < -1) | (target >= len(classes))]
    if wrong.size:
        raise PredictionsError(
            f"The target of {counted(wrong.size, 'image')} is not an "
            f"index into the {counted(len(classes), 'class', 'classes')}: "
            f"{name_offenders(wrong)}. Use 0 to {len(classes) - 1}, or -1 where it is unknown."
        )


def check_probabilities(image: Names, target: Indices, probabilities: Floats) -> None:
    """Raise unless every row is a probability distribution.

    Raises:
        PredictionsError: see above; the text names the offenders.
    """
    # written so that NaN fails both comparisons
    outside = ~((probabilities >= 0) & (probabilities <= 1)).all(axis=1)
    if outside.any() and np.isclose(probabilities.sum(axis=1), 100, atol=1).all():
        raise PredictionsError(
            f"The probabilities of {counted(len(image), 'image')} sum to 100: divide percentages by 100."
        )
    if outside.any():
        raise PredictionsError(
            f"{counted(outside.sum(), 'image has', 'images have')} a probability outside 0 to 1: "
            f"{name_offenders(image[outside])}. Give probabilities (a softmax), not logits."
        )
    sums = probabilities.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1) > ROW_SUM_TOLERANCE)
    if wrong.size:
        shown = (f"{image[row]} ({sums[row]:.6g})" for row in wrong)
        isic = ""
        if (target < 0).all():
            isic = " An ISIC submission may score each class by itself; these are not probabilities of one diagnosis."
        raise PredictionsError(
            f"The probabilities of {counted(wrong.size, 'image')} do not sum to one: {name_offenders(shown)}.{isic} "
            "Divide each row by its sum if that is meant."
        )
