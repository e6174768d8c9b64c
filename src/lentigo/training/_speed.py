"""How fast this machine trains: real steps of the real loop on random pixels, for a few seconds.

A table of machines would be wrong on the next one. What is timed is what `finetune` will do: augmentation, both passes,
the optimiser, the average of the weights, validation, and the checkpoint of an epoch.
"""

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from lentigo.config import Config
from lentigo.images import Preprocess
from lentigo.training._backbones import starting_network
from lentigo.training._classifier import Classifier, choose_device
from lentigo.training._examples import Examples
from lentigo.training._final_predictions import logits_in, may_reduce
from lentigo.training._ranks import Ranks
from lentigo.training._trainer import _Loop

LEAST_STEPS: Final = 2  # timed after one that warms up: the first step allocates, and on a GPU chooses its algorithms


@dataclasses.dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of one size of image on this machine.

    Args:
        size: side of the image in pixels.
        step_s: to train on one image.
        validate_s: to validate one image.
        predict_s: to predict one image from one view.
        checkpoint_s: to write the checkpoints of an epoch.

    Example:
        >>> Speed(160, 0.04, 0.01, 0.01, 0.5).at(320).step_s
        0.16
    """

    size: int
    step_s: float
    validate_s: float
    predict_s: float
    checkpoint_s: float

    def at(self, size: int) -> "Speed":
        """Return the speed that follows for another size: the work grows as the number of pixels."""
        ratio = (size / self.size) ** 2
        return Speed(size, self.step_s * ratio, self.validate_s * ratio, self.predict_s * ratio, self.checkpoint_s)


def measure_speed(config: Config, n_classes: int, *, seconds: float = 6.0) -> Speed:
    """Return how fast this machine trains and predicts by these settings.

    Args:
        config: of it, the size, the backbone, the batch, the augmentation and the device; no weights are read.
        n_classes: outputs of the network.
        seconds: to spend on training steps, at least; two steps are timed in any case.
    """
    config = config.changed({"model.weights": "none", "train.folds": 0, "train.teacher": ""})
    size, n = config.image.size, 2 * config.train.batch_size
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (n, size, size, 3), dtype=np.uint8)
    examples = Examples(pixels, np.arange(n), np.arange(n) % n_classes)
    classes = tuple(f"class {k}" for k in range(n_classes))
    with tempfile.TemporaryDirectory(prefix="lentigo-speed-") as folder:
        loop = _Loop(
            examples, examples, network=starting_network(config, n_classes), classes=classes, malignant=classes[:1],
            config=config, folder=Path(folder), ranks=Ranks().on(config.train.device),
        )  # fmt: skip
        step_s = _step_seconds(loop, n, seconds)
        validate_s = _seconds(loop._validate) / n
        loop.write_history()
        checkpoint_s = _seconds(lambda: loop.keep({"epoch": 1, "val_auroc": 0.5}))
        classifier = Classifier(
            loop.network.eval(), classes, Preprocess(config.image), choose_device(config.train.device)
        )
        is_reduced = may_reduce(config, classifier.device)
        predict_s = _seconds(lambda: logits_in(classifier, pixels, is_reduced=is_reduced)) / n
    return Speed(size, step_s, validate_s, predict_s, checkpoint_s)


def _step_seconds(loop: _Loop, n: int, seconds: float) -> float:
    """Return the seconds of one image in training: the median step, so that one slow one does not decide."""
    places = np.arange(n)[: loop.config.train.batch_size]
    loop.parallel.train()
    loop._step(1, 0, places)
    times: list[float] = []
    while len(times) < LEAST_STEPS or sum(times) < seconds:
        times.append(_seconds(lambda: loop._step(1, len(times) + 1, places)))
    return float(np.median(times)) / len(places)


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()  # else the time is that of asking for the work
    return time.perf_counter() - started
