"""What a head is fitted on, and what fitting brings back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.model import Head
from lentigo.model.decision import softmax

BLOCK = 8192  # rows at once: 25 MB of 768 numbers


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingRows:
    """Some rows of a table of embeddings, with their classes.

    Args:
        values: of all images, shape (M, D), float32.
        rows: which of them, shape (N,).
        targets: class index of each of these, shape (N,).
        weights: how much each counts, shape (N,), of mean one; None for all the same.
        shift: added to the logits, shape (K,), so that probabilities hold for the data although rows are weighted.

    Example:
        >>> len(EmbeddingRows(np.zeros((4, 2), np.float32), np.array([0, 3]), np.array([0, 1])))
        2
    """

    values: NDArray[np.float32]
    rows: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64] | None = None
    shift: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class FittedHead:
    """A head with what led to it.

    Args:
        head: for raw embeddings.
        history: one record per penalty (or number of trees) that was tried.
        chosen: the penalty, or the number of trees.

    Example:
        >>> FittedHead.__slots__
        ('head', 'history', 'chosen')
    """

    head: Head
    history: list[dict[str, Any]]
    chosen: float


def logits_of(head: Head, some: EmbeddingRows) -> NDArray[np.float32]:
    """Return the logits (N, K) of some rows, in blocks."""
    parts = [head.logits(some.values[some.rows[at : at + BLOCK]]) for at in range(0, len(some), BLOCK)]
    return np.concatenate(parts)


def figures(head: Head, val: EmbeddingRows) -> dict[str, float]:
    """Return NLL and accuracy on validation."""
    return figures_of_logits(logits_of(head, val), val.targets)


def figures_of_logits(logits: NDArray[np.floating[Any]], targets: NDArray[np.int64]) -> dict[str, float]:
    """Return NLL and accuracy of logits (N, K)."""
    chances = softmax(logits)
    own = chances[np.arange(len(targets)), targets]
    return {
        "val_loss": float(-np.log(own.clip(1e-300)).mean()),
        "val_accuracy": float((chances.argmax(axis=1) == targets).mean()),
    }
