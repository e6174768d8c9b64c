"""How often each image is drawn, and what that does to the probabilities that are learned.

A network that sees rare classes more often than they are says so of them too often. With p the learned probabilities,
drawn and natural the shares of a class in training batches and in the data, p * natural / drawn, made to sum to one, is
what it would have said (Saerens et al. 2002); in logits that is a constant for each class, added to the head's bias.
"""

import logging
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lentigo.config import TrainConfig
from lentigo.numbers import heads
from lentigo.training._examples import Examples
from lentigo.training._optimizer import class_weights

logger = logging.getLogger(__name__)


def draw_shares(train: Examples, n_classes: int, settings: TrainConfig) -> NDArray[np.float64] | None:
    """Return how often each image is drawn, shape (N,), summing to one; None for all of them once an epoch.

    Example:
        >>> from lentigo.config import TrainConfig
        >>> train = Examples(np.zeros((4, 2, 2, 3), np.uint8), np.arange(4), np.array([0, 0, 0, 1]))
        >>> draw_shares(train, 2, TrainConfig(imbalance="sampler")).round(3).tolist()
        [0.167, 0.167, 0.167, 0.5]
    """
    return heads.draw_shares(train.targets, train.sources, n_classes, settings)


def example_weights(train: Examples, n_classes: int, settings: TrainConfig) -> NDArray[np.float64]:
    """Return how much each image counts in all, drawn more often or weighted in the loss, shape (N,), of mean one.

    Example:
        >>> from lentigo.config import TrainConfig
        >>> train = Examples(np.zeros((4, 2, 2, 3), np.uint8), np.arange(4), np.array([0, 0, 0, 1]))
        >>> example_weights(train, 2, TrainConfig(imbalance="weights")).round(3).tolist()
        [0.667, 0.667, 0.667, 2.0]
    """
    return heads.row_weights(train.targets, train.sources, n_classes, settings)


def share_of_loss(
    train: Examples, places: NDArray[np.int64], whole: NDArray[np.int64], n_classes: int, settings: TrainConfig
) -> float:
    """Return what the mean loss of the examples at `places`, part of a `whole` batch, counts in that of the batch.

    Example:
        >>> from lentigo.config import TrainConfig
        >>> train = Examples(np.zeros((4, 2, 2, 3), np.uint8), np.arange(4), np.array([0, 0, 0, 1]))
        >>> share_of_loss(train, np.array([2, 3]), np.arange(4), 2, TrainConfig())
        0.5
        >>> share_of_loss(train, np.array([2, 3]), np.arange(4), 2, TrainConfig(imbalance="weights"))  # (2/3 + 2) / 4
        0.6666...
    """
    # torch divides a loss of soft targets by their number, weighted or not
    if settings.imbalance != "weights" or train.soft is not None:
        return len(places) / len(whole)
    weights = class_weights(train.targets, n_classes).numpy().astype(np.float64)[train.targets]
    return float(weights[places].sum() / weights[whole].sum())


def source_logits(
    train: Examples, classes: Sequence[str], malignant: Sequence[str], settings: TrainConfig
) -> Tensor | None:
    """Return what is added to the logits of each example while its loss is taken, shape (N, K); None for nothing.

    See `lentigo.numbers.heads.source_log_odds`.

    Example:
        >>> from lentigo.config import TrainConfig
        >>> train = Examples(np.zeros((4, 2, 2, 3), np.uint8), np.arange(4), np.array([0, 0, 0, 1]))
        >>> source_logits(train, ("NV", "MEL"), ("MEL",), TrainConfig(source_prior="removed")) is None
        True
    """
    is_malignant = np.isin(classes, malignant)
    offsets = heads.source_log_odds(train.targets, train.sources, is_malignant, settings)
    if offsets is None:
        if settings.source_prior == "removed":
            logger.warning("train.source_prior='removed' changes nothing: the training images have one known source.")
        return None
    return torch.from_numpy(np.outer(offsets, is_malignant)).float()


def prior_shift(train: Examples, n_classes: int, settings: TrainConfig) -> Tensor | None:
    """Return what to add to the logits, shape (K,), so that probabilities hold for the data; None for nothing.

    Example:
        >>> from lentigo.config import TrainConfig
        >>> train = Examples(np.zeros((4, 2, 2, 3), np.uint8), np.arange(4), np.array([0, 0, 0, 1]))
        >>> prior_shift(train, 2, TrainConfig(imbalance="sampler")).exp().tolist()  # 0.75 / 0.5 and 0.25 / 0.5
        [1.5, 0.5]
    """
    shift = heads.logit_shift(train.targets, train.sources, n_classes, settings)
    return None if shift is None else torch.from_numpy(shift).float()
