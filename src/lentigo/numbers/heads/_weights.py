"""How much each row of the training data counts, and what that does to the probabilities that are learned.

A model that is shown rare classes more often than they are says so of them too often. With p the learned
probabilities, drawn and natural the shares of a class in training and in the data, p * natural / drawn, made to sum to
one, is what it would have said (Saerens et al. 2002); in logits that is a constant for each class.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.config import TrainConfig

PSEUDO_ROWS: Final = 10.0  # of the overall mix, added to each source

Floats = NDArray[np.float64]


def class_weights(targets: NDArray[np.int64], n_classes: int) -> Floats:
    """Return inverse class frequencies, shape (K,), whose mean over the rows is one.

    Example:
        >>> class_weights(np.array([0, 0, 0, 1]), 2).round(3).tolist()
        [0.667, 2.0]
    """
    counts = np.bincount(targets, minlength=n_classes)
    return np.asarray(len(targets) / (n_classes * counts.clip(1)), dtype=np.float64)


def draw_shares(
    targets: NDArray[np.int64], sources: NDArray[np.int64] | None, n_classes: int, settings: TrainConfig
) -> Floats | None:
    """Return how often each row is drawn, shape (N,), summing to one; None for all of them once an epoch.

    Example:
        >>> draw_shares(np.array([0, 0, 0, 1]), None, 2, TrainConfig(imbalance="sampler")).round(3).tolist()
        [0.167, 0.167, 0.167, 0.5]
    """
    power = {"sampler": 1.0, "root": 0.5}.get(settings.imbalance, 0.0)
    shares = class_weights(targets, n_classes)[targets] ** power
    if settings.balance_sources and sources is not None:
        _, source, counts = np.unique(sources, return_inverse=True, return_counts=True)
        shares = shares * counts[source] ** -0.5
    return None if np.ptp(shares) == 0 else shares / shares.sum()


def row_weights(
    targets: NDArray[np.int64], sources: NDArray[np.int64] | None, n_classes: int, settings: TrainConfig
) -> Floats:
    """Return how much each row counts in all, drawn more often or weighted in the loss, shape (N,), of mean one.

    Example:
        >>> row_weights(np.array([0, 0, 0, 1]), None, 2, TrainConfig(imbalance="weights")).round(3).tolist()
        [0.667, 0.667, 0.667, 2.0]
    """
    shares = draw_shares(targets, sources, n_classes, settings)
    weights = np.ones(len(targets)) if shares is None else shares
    if settings.imbalance == "weights":
        weights = weights * class_weights(targets, n_classes)[targets]
    return np.asarray(weights / weights.mean())


def source_log_odds(
    targets: NDArray[np.int64],
    sources: NDArray[np.int64] | None,
    is_malignant: NDArray[np.bool_],
    settings: TrainConfig,
) -> Floats | None:
    """Return by how much malignant images are commoner in each row's source than in all, shape (N,); None for nothing.

    It is a difference of log odds, as rows are drawn and weighted. Added to the malignant logits of a row while a model
    learns, and left out when it predicts, it explains the mix of the source, so that the model has no reason to tell
    sources apart for the sake of it (logit adjustment, Menon et al. 2021, by source instead of class). A source counts
    as if it had `PSEUDO_ROWS` more rows of the overall mix, so that one without malignant images has an end. Rows of an
    unknown source (negative) have no difference.

    Args:
        targets: (N,) class of each row.
        sources: (N,) number of its source; None for one source.
        is_malignant: (K,) which classes are malignant.
        settings: how rows are drawn and weighted, and whether this is wanted (`source_prior`).

    Example:
        >>> source = np.array([0] * 20 + [1] * 20)
        >>> target = np.array([0] * 10 + [1] * 10 + [0] * 20)
        >>> found = source_log_odds(target, source, np.array([False, True]), TrainConfig(source_prior="removed"))
        >>> found[[0, 20]].round(2).tolist()
        [0.76, -1.3]
    """
    if settings.source_prior == "learned" or sources is None:
        return None
    weights = row_weights(targets, sources, len(is_malignant), settings)
    cases = weights * is_malignant[targets]
    overall = cases.sum() / weights.sum()
    offsets = np.zeros(len(targets))
    known = np.unique(sources[sources >= 0])
    if len(known) < 2 or not 0 < overall < 1:
        return None
    for source in known:
        is_own = sources == source
        share = (cases[is_own].sum() + PSEUDO_ROWS * overall) / (weights[is_own].sum() + PSEUDO_ROWS)
        offsets[is_own] = np.log(share / (1 - share)) - np.log(overall / (1 - overall))
    return offsets


def logit_shift(
    targets: NDArray[np.int64], sources: NDArray[np.int64] | None, n_classes: int, settings: TrainConfig
) -> Floats | None:
    """Return what to add to the logits, shape (K,), so that probabilities hold for the data; None for nothing.

    Example:
        >>> np.exp(logit_shift(np.array([0, 0, 0, 1]), None, 2, TrainConfig(imbalance="sampler"))).tolist()
        [1.5, 0.5]
    """
    if settings.priors == "drawn":
        return None
    weights = row_weights(targets, sources, n_classes, settings)
    if np.ptp(weights) == 0:
        return None
    drawn = np.bincount(targets, weights=weights, minlength=n_classes) / weights.sum()
    natural = np.bincount(targets, minlength=n_classes) / len(targets)
    ratio = np.divide(natural, drawn, out=np.ones(n_classes), where=natural > 0)
    return np.asarray(np.log(ratio), dtype=np.float64)
