"""Probing: a frozen backbone, its features computed once, and a logistic head chosen on validation.

Minutes on a CPU, because each image goes through the network once and nothing is differentiated. The head, feature
standardisation folded in, becomes the network's own linear head, so that a probe is asked like any other checkpoint.
"""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lentigo.config import Config
from lentigo.images import Preprocess
from lentigo.model import LinearHead
from lentigo.numbers.heads import EmbeddingRows, fit_linear
from lentigo.progress import Track, silent
from lentigo.training._backbones import head_of
from lentigo.training._classifier import Classifier, choose_device, to_input
from lentigo.training._examples import Examples
from lentigo.training._sampling import example_weights, prior_shift

logger = logging.getLogger(__name__)

Features = NDArray[np.float32]


def probe(
    train: Examples,
    val: Examples,
    *,
    network: nn.Module,
    classes: Sequence[str],
    config: Config,
    track: Track = silent,
) -> tuple[Classifier, list[dict[str, Any]]]:
    """Return a classifier with a fitted head, and one history record for each penalty that was tried.

    Args:
        train: what the head is fitted on.
        val: what the penalty is chosen on, by NLL.
        network: the frozen backbone, whose head is replaced in place; see `starting_network`.
        classes: names of the outputs.
        config: backbone, weights, penalties, seed.
        track: draws progress.
    """
    device = choose_device(config.train.device)
    classifier = Classifier(
        network.eval().to(device), tuple(classes), Preprocess(config.image), device, config.predict.views
    )
    size = config.predict.batch_size
    train_features = _features(classifier, train, batch_size=size, track=track, what="Features of train")
    val_features = _features(classifier, val, batch_size=size, track=track, what="Features of val")
    weight, bias, history = fit_head(
        train_features, train.targets, val_features, val.targets, penalties=config.probe.penalties,
        weights=example_weights(train, len(classes), config.train),
        shift=prior_shift(train, len(classes), config.train),
    )  # fmt: skip
    chosen = min(history, key=lambda record: float(record["val_loss"]))
    logger.info("Head chosen on val: penalty %g, NLL %.4f.", chosen["penalty"], chosen["val_loss"])
    head = head_of(network)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(bias))
    return classifier, history


def frozen_features(
    examples: Examples, *, network: nn.Module, config: Config, track: Track = silent, what: str = "Features"
) -> Features:
    """Return what a frozen backbone makes of images, shape (N, D), for heads that `fit_head` fits.

    Args:
        examples: the images.
        network: the backbone; see `starting_network`.
        config: image settings, device, images at once.
        track: draws progress.
        what: is said beside it.
    """
    device = choose_device(config.train.device)
    # features depend on neither the names of the classes nor the views
    classifier = Classifier(network.eval().to(device), ("", " "), Preprocess(config.image), device, 1)
    return _features(classifier, examples, batch_size=config.predict.batch_size, track=track, what=what)


def fit_head(
    features: Features,
    targets: NDArray[np.int64],
    val_features: Features,
    val_targets: NDArray[np.int64],
    *,
    penalties: Sequence[float],
    weights: NDArray[np.float64] | None = None,
    shift: Tensor | None = None,
) -> tuple[Features, Features, list[dict[str, Any]]]:
    """Return weight (K, D) and bias (K,) of a linear head for raw features, and the NLL of each penalty on validation.

    Args:
        features: shape (N, D).
        targets: class index of each row; every class 0..K-1 must occur.
        val_features: shape (M, D).
        val_targets: class index of each row.
        penalties: L2 strengths relative to the mean loss; the one with the lowest validation NLL is kept.
        weights: how much each row counts, shape (N,), of mean one; all the same when None.
        shift: added to the bias, shape (K,), so that probabilities hold for the data although rows are weighted.
    """
    fitted = fit_linear(
        EmbeddingRows(
            features, np.arange(len(targets)), targets, weights, None if shift is None else shift.double().numpy()
        ),
        EmbeddingRows(val_features, np.arange(len(val_targets)), val_targets),
        n_classes=int(targets.max()) + 1,
        penalties=penalties,
    )
    head = fitted.head
    assert isinstance(head, LinearHead)
    return head.weight, head.bias, fitted.history


@torch.inference_mode()
def _features(classifier: Classifier, examples: Examples, *, batch_size: int, track: Track, what: str) -> Features:
    starts = range(0, len(examples), batch_size)
    batches = []
    for start in track(starts, what, len(examples), unit=batch_size):
        pixels = torch.from_numpy(examples.take(slice(start, start + batch_size)))
        batch = to_input(pixels, classifier.preprocess.settings, classifier.device)
        batches.append(_pooled(classifier.network, batch).float().cpu().numpy())
    return np.concatenate(batches)


def _pooled(network: nn.Module, batch: Tensor) -> Tensor:
    features: Tensor = network.forward_head(network.forward_features(batch), pre_logits=True)  # type: ignore[operator]
    return features
