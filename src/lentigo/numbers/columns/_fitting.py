"""Image scores and columns in one logistic model: what it says out of fold, and the fusion that is deployed.

The penalty is always chosen inside the images that are learned from, by the same steps, so that the figures out of fold
are those of the way in which the deployed model is made.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lentigo.errors import ConfigError
from lentigo.model import LinearHead
from lentigo.model.decision import Estimate, Fusion, log_odds, log_probabilities, softmax
from lentigo.numbers.columns._design import Block
from lentigo.numbers.heads import Rows, fit_linear
from lentigo.numbers.predictions import Predictions

PENALTIES: Final = (0.001, 0.01, 0.1, 1.0)
N_INNER: Final = 5  # parts of the groups; the penalty is chosen on one of them

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def image_score(said: Predictions, malignant: Sequence[str]) -> Floats:
    """Return the malignant log-odds (N, 1) of an image, within one in a million of certainty.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([0]), np.array([[0.5, 0.5]]), ("NV", "MEL"))
        >>> image_score(said, ["MEL"]).tolist()
        [[0.0]]
    """
    chance = said.malignant(malignant).clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(chance / (1 - chance))[:, np.newaxis])


def out_of_fold(values: Floats, truth: npt.NDArray[np.bool_], fold: Integers, inner: Integers) -> Floats:
    """Return probabilities (N, 2) of each image by a model that saw none of its fold.

    Args:
        values: shape (N, D).
        truth: (N,) which are malignant.
        fold: (N,) of each image.
        inner: (N,) a further part of the groups, 0 for those that the penalty is chosen on.
    """
    said = np.zeros((len(values), 2))
    numbers = values.astype(np.float32)
    for k in np.unique(fold):
        head = _fitted(numbers, truth, fold != k, inner)
        said[fold == k] = softmax(head.logits(numbers[fold == k]))
    return said


def fit_fusion(
    score: Floats, blocks: Sequence[Block], truth: npt.NDArray[np.bool_], inner: Integers, *, gain: Estimate, note: str
) -> Fusion:
    """Return the fusion of image score and columns, fitted on all images.

    Args:
        score: malignant log-odds (N, 1) of the image.
        blocks: the columns.
        truth: (N,) which are malignant.
        inner: as for `out_of_fold`.
        gain: AUROC that the columns add, in nested folds.
        note: what else has to be said.

    Raises:
        ConfigError: the image would count against itself.
    """
    values = np.hstack([score, *(block.matrix for block in blocks)])
    head = _fitted(values.astype(np.float32), truth, np.ones(len(truth), bool), inner)
    weights = (head.weight[1] - head.weight[0]).astype(np.float64)
    if weights[0] <= 0:
        raise ConfigError(
            "beside these columns the image scores do not count: the model says nothing about these images. Train a "
            "better one, or evaluate the columns alone with 'lentigo ablate'."
        )
    ends = np.cumsum([1, *(block.matrix.shape[1] for block in blocks)])
    terms = tuple(block.term(weights[start:stop]) for block, start, stop in zip(blocks, ends, ends[1:], strict=False))
    offset = float(head.bias[1] - head.bias[0])
    return Fusion(float(weights[0]), offset, terms, len(truth), gain, note)


def fused(said: Predictions, malignant: Sequence[str], odds: Floats) -> Predictions:
    """Return predictions whose malignant log-odds (N,) are others; within each side the ratios stay.

    Example:
        >>> said = Predictions(np.array(["a"]), np.array([0]), np.array([[0.5, 0.25, 0.25]]), ("NV", "MEL", "BCC"))
        >>> fused(said, ["MEL", "BCC"], np.log([3.0])).probabilities.round(3).tolist()
        [[0.25, 0.375, 0.375]]
    """
    side = np.isin(said.classes, list(malignant))
    logits = log_probabilities(said.probabilities)
    shift = odds - log_odds(logits, side)
    return Predictions(said.image, said.target, softmax(logits + np.outer(shift, side)), said.classes)


def _fitted(
    values: npt.NDArray[np.float32], truth: npt.NDArray[np.bool_], is_open: npt.NDArray[np.bool_], inner: Integers
) -> LinearHead:
    """Return a model of some images, its penalty chosen on a part of them."""
    targets = truth.astype(np.int64)
    is_learned, is_chosen_on = is_open & (inner != 0), is_open & (inner == 0)
    if min(len(np.unique(targets[is_learned])), len(np.unique(targets[is_chosen_on]))) < 2:
        is_learned = is_chosen_on = is_open
    learned, chosen_on, whole = (_rows(values, targets, some) for some in (is_learned, is_chosen_on, is_open))
    penalty = fit_linear(learned, chosen_on, n_classes=2, penalties=PENALTIES).chosen
    head: Any = fit_linear(whole, whole, n_classes=2, penalties=(penalty,)).head
    found: LinearHead = head
    return found


def _rows(values: npt.NDArray[np.float32], targets: Integers, some: npt.NDArray[np.bool_]) -> Rows:
    return Rows(values, np.flatnonzero(some), targets[some])
