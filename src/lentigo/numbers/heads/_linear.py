"""A regularised logistic head on embeddings, its penalty chosen on validation; the optimum of scikit-learn's, sooner.

The loss and its gradient are taken in one pass over blocks of rows that fit the cache, in float32 with sums in float64;
scikit-learn 1.7 makes two passes and, in float32, a copy in float64 for each. Penalties are tried from the strongest
down, each from where the last one ended.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model import LinearHead
from lentigo.model.decision import softmax
from lentigo.numbers.heads._fitted import EmbeddingRows, FittedHead, figures

Floats = NDArray[np.float32]

BLOCK: Final = 2048  # rows at once: 6 MB of 768 numbers
CHOOSE_ON: Final = 50_000
"""Rows that the penalty is chosen on. The L2 strength that suits the sum of the losses hardly depends on how many rows
are summed, so that relative to their mean it is divided by what the rows are more."""

MOST_STEPS: Final = 1000
TOLERANCE: Final = 1e-5  # of the gradient of the mean loss, by standardised number; scikit-learn stops at 1e-4


def fit_linear(train: EmbeddingRows, val: EmbeddingRows, *, n_classes: int, penalties: Sequence[float]) -> FittedHead:
    """Return a linear head for raw embeddings, and the NLL of each penalty on validation.

    Args:
        train: what is learned from; every class 0..K-1 must occur.
        val: what the penalty is chosen on, by NLL.
        n_classes: K.
        penalties: L2 strengths relative to the mean loss; the one with the lowest validation NLL is kept.
    """
    standard = train.values[train.rows].astype(np.float32, copy=False)  # a copy, which is standardised in place
    centre, spread = _moments(standard)
    standard -= centre
    standard /= spread
    n, n_tried = len(standard), min(len(standard), CHOOSE_ON)
    tried = np.arange(n) if n_tried == n else np.sort(np.random.default_rng(0).choice(n, n_tried, replace=False))
    few = standard if n_tried == n else standard[tried]
    weights = np.ones(n) if train.weights is None else train.weights
    parameters = np.zeros((1 if n_classes == 2 else n_classes, standard.shape[1] + 1))
    found: list[tuple[float, float, NDArray[np.float64]]] = []
    history: list[dict[str, Any]] = []
    for penalty in sorted(penalties, reverse=True):
        parameters = _minimum(few, train.targets[tried], weights[tried], penalty, parameters)
        head = _head(parameters, centre, spread, n_classes, train.shift)
        about = figures(head, val)
        history.append({"penalty": penalty, **about})
        found.append((about["val_loss"], penalty, parameters))
    _, penalty, parameters = min(found, key=lambda entry: entry[0])
    if n_tried < n:
        penalty *= n_tried / n
        parameters = _minimum(standard, train.targets, weights, penalty, parameters)
        head = _head(parameters, centre, spread, n_classes, train.shift)
        history.append({"penalty": penalty, **figures(head, val)})
    return FittedHead(_head(parameters, centre, spread, n_classes, train.shift), history, penalty)


def _moments(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each number, summed in float64 without a copy of all of them."""
    total, squares = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for start in range(0, len(values), BLOCK):
        total += values[start : start + BLOCK].sum(axis=0, dtype=np.float64)
    centre = total / len(values)
    for start in range(0, len(values), BLOCK):
        squares += ((values[start : start + BLOCK] - centre) ** 2).sum(axis=0)
    spread = np.sqrt(squares / len(values))
    # a number that never changes says nothing; its weight stays zero
    return centre.astype(np.float32), np.where(spread > 1e-12 * (1 + np.abs(centre)), spread, 1.0).astype(np.float32)


def _minimum(
    values: Floats, targets: NDArray[np.int64], weights: NDArray[np.float64], penalty: float, start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weights and, last, biases (R, D + 1) at the minimum of the penalised mean loss."""
    from scipy.optimize import minimize

    shape, share = start.shape, weights / weights.sum()
    loss = _binary if shape[0] == 1 else _multinomial

    def objective(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        now = flat.reshape(shape)
        gradient = np.zeros(shape)
        gradient[:, :-1] = penalty * now[:, :-1]
        total = 0.5 * penalty * float((now[:, :-1] ** 2).sum())
        weight, bias = np.ascontiguousarray(now[:, :-1], dtype=np.float32), now[:, -1]
        for at in range(0, len(values), BLOCK):
            block = values[at : at + BLOCK]
            with np.errstate(invalid="ignore"):  # kernels of OpenBLAS raise that flag now and then on finite numbers
                raw = (block @ weight.T).astype(np.float64) + bias
            part, slope = loss(raw, targets[at : at + BLOCK], share[at : at + BLOCK])
            total += part
            with np.errstate(invalid="ignore"):
                gradient[:, :-1] += slope.T.astype(np.float32) @ block
            gradient[:, -1] += slope.sum(axis=0)
        return total, gradient.ravel()

    options = {"maxiter": MOST_STEPS, "gtol": TOLERANCE, "ftol": 1e-12, "maxls": 50}
    found = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x, dtype=np.float64).reshape(shape)


def _binary(
    raw: NDArray[np.float64], targets: NDArray[np.int64], share: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the weighted loss of one block, and its slope (N, 1), where raw is the logit of the second class."""
    margin = raw[:, 0]
    loss = np.logaddexp(0, margin) - targets * margin
    chance = np.exp(margin - np.logaddexp(0, margin))
    return float(share @ loss), (share * (chance - targets))[:, np.newaxis]


def _multinomial(
    raw: NDArray[np.float64], targets: NDArray[np.int64], share: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the weighted loss of one block, and its slope (N, K)."""
    chances = softmax(raw)
    rows = np.arange(len(targets))
    loss = -np.log(chances[rows, targets].clip(1e-300))
    chances[rows, targets] -= 1
    return float(share @ loss), chances * share[:, np.newaxis]


def _head(
    parameters: NDArray[np.float64], centre: Floats, spread: Floats, n_classes: int, shift: NDArray[np.float64] | None
) -> LinearHead:
    """Return the head for raw embeddings; one row per class, also for two."""
    weight, bias = parameters[:, :-1], parameters[:, -1]
    if n_classes == 2:
        weight, bias = np.concatenate([-weight / 2, weight / 2]), np.concatenate([-bias / 2, bias / 2])
    raw = weight / spread
    bias = bias - raw @ centre.astype(np.float64) + (0 if shift is None else shift)
    return LinearHead(raw.astype(np.float32), bias.astype(np.float32))
