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
from lentigo.numbers.heads import EmbeddingRows, fit_linear
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


def out_of_fold(
    score: Floats | None,
    blocks: Sequence[Block],
    truth: npt.NDArray[np.bool_],
    fold: Integers,
    inner: Integers,
) -> Floats:
    """Return probabilities (N, 2) of each image by a model that saw none of its fold.

    Where the patient's other photographs count, an image without others is judged by a model without them.

    Args:
        score: malignant log-odds (N, 1) of the image; None for columns alone.
        blocks: the columns.
        truth: (N,) which are malignant.
        fold: (N,) of each image.
        inner: (N,) a further part of the groups, 0 for those that the penalty is chosen on.
    """
    values, is_whole = _values(score, blocks), _with_context(blocks, len(truth))
    said = np.tile([0.5, 0.5], (len(truth), 1))
    if not is_whole.all():
        plain = [block for block in blocks if block.kind != "context"]
        if plain or score is not None:
            said = out_of_fold(score, plain, truth, fold, inner)
    for k in np.unique(fold):
        asked = (fold == k) & is_whole
        if asked.any():
            head = _fitted(values, truth, (fold != k) & is_whole, inner)
            said[asked] = softmax(head.logits(values[asked]))
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
    plain, is_whole = [block for block in blocks if block.kind != "context"], _with_context(blocks, len(truth))
    has_context = len(plain) < len(blocks)
    lone = fit_fusion(score, plain, truth, inner, gain=gain, note="") if has_context else None
    head = _fitted(_values(score, blocks), truth, is_whole, inner)
    weights = (head.weight[1] - head.weight[0]).astype(np.float64)
    if weights[0] <= 0 and not has_context:
        raise ConfigError(
            "beside these columns the image scores do not count: the model says nothing about these images. Train a "
            "better one, or evaluate the columns alone with 'lentigo ablate'."
        )
    ends = np.cumsum([1, *(block.matrix.shape[1] for block in blocks)])
    terms = tuple(block.term(weights[start:stop]) for block, start, stop in zip(blocks, ends, ends[1:], strict=False))
    offset = float(head.bias[1] - head.bias[0])
    return Fusion(float(weights[0]), offset, terms, int(is_whole.sum()), gain, note, lone)


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


def _values(score: Floats | None, blocks: Sequence[Block]) -> npt.NDArray[np.float32]:
    parts = [*([] if score is None else [score]), *(block.matrix for block in blocks)]
    return np.hstack(parts).astype(np.float32)


def _with_context(blocks: Sequence[Block], n_images: int) -> npt.NDArray[np.bool_]:
    """Return which images have others of their patient; all of them where these do not count."""
    context = [block.there for block in blocks if block.kind == "context"]
    return np.any(context, axis=0) if context else np.ones(n_images, bool)


def _fitted(
    values: npt.NDArray[np.float32], truth: npt.NDArray[np.bool_], is_open: npt.NDArray[np.bool_], inner: Integers
) -> LinearHead:
    """Return a model of some images, its penalty chosen on a part of them.

    Raises:
        ConfigError: they are on one side.
    """
    targets = truth.astype(np.int64)
    if len(np.unique(targets[is_open])) < 2:
        raise ConfigError("the images to fit columns on are all benign, or all malignant. Leave the columns out.")
    is_learned, is_chosen_on = is_open & (inner != 0), is_open & (inner == 0)
    if min(len(np.unique(targets[is_learned])), len(np.unique(targets[is_chosen_on]))) < 2:
        is_learned = is_chosen_on = is_open
    learned, chosen_on, whole = (_rows(values, targets, some) for some in (is_learned, is_chosen_on, is_open))
    penalty = fit_linear(learned, chosen_on, n_classes=2, penalties=PENALTIES).chosen
    head: Any = fit_linear(whole, whole, n_classes=2, penalties=(penalty,)).head
    found: LinearHead = head
    return found


def _rows(values: npt.NDArray[np.float32], targets: Integers, some: npt.NDArray[np.bool_]) -> EmbeddingRows:
    return EmbeddingRows(values, np.flatnonzero(some), targets[some])
