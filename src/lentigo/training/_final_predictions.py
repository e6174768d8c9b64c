"""What a trained network predicts for the images that it has not learned from, in the precision of its training steps.

bfloat16 halves the time of the last part of a small training. How far it moves the logits depends on the network, so it
is measured first, on some of the same images; where it moves them too far, all are predicted in float32.
"""

import dataclasses
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.model.decision import softmax
from lentigo.progress import Track
from lentigo.training._classifier import Classifier
from lentigo.training._examples import Examples
from lentigo.training._precision import uses_bfloat16
from lentigo.wording import counted

logger = logging.getLogger(__name__)

N_COMPARED = 32  # images that are predicted in both precisions, in one view: the mean of eight moves less
# Networks of ResNet-18 move by 0.02 to 0.1 (docs/performance.md); a tenth is a probability of 0.50 for 0.475.
LARGEST_DIFFERENCE = 0.1


@dataclass(frozen=True, slots=True)
class FinalPredictions:
    """Uncalibrated probabilities of some examples, and the precision they were computed in.

    Args:
        probabilities: shape (N, K), float64, rows summing to one.
        precision: "float32" or "bfloat16".
        n_compared: images that were predicted in both precisions; 0 where float32 was asked for.
        largest_difference: largest difference of a logit between both precisions, each image's mean logit subtracted;
            None where nothing was compared.
    """

    probabilities: NDArray[np.float64]
    precision: str
    n_compared: int = 0
    largest_difference: float | None = None

    def json(self) -> dict[str, Any]:
        """Return what `environment.json` keeps of it."""
        return {
            "precision": self.precision,
            "n_compared": self.n_compared,
            "largest_logit_difference": self.largest_difference,
        }


def predict_finally(
    classifier: Classifier, examples: Examples, config: Config, *, track: Track, what: str
) -> FinalPredictions:
    """Return the probabilities of all examples, in bfloat16 if `predict.precision` and the network allow it.

    Args:
        classifier: the trained network.
        examples: what to predict.
        config: the settings of the run.
        track: draws progress.
        what: what the progress bar says.
    """
    n_compared, difference, is_reduced = 0, None, False
    if may_reduce(config, classifier.device):
        sample = np.unique(np.linspace(0, len(examples) - 1, N_COMPARED).astype(np.int64))
        n_compared, difference = len(sample), _difference(classifier, examples.take(sample))
        is_reduced = difference <= LARGEST_DIFFERENCE
        if not is_reduced:
            logger.info(
                "%s: in float32, because bfloat16 moves a logit by %.3f in %s, more than %s.",
                what, difference, counted(n_compared, "image"), LARGEST_DIFFERENCE,
            )  # fmt: skip
    size = config.predict.batch_size
    starts = track(range(0, len(examples), size), what, len(examples), unit=size)
    logits = [
        logits_in(classifier, examples.take(slice(start, start + size)), is_reduced=is_reduced) for start in starts
    ]
    precision = "bfloat16" if is_reduced else "float32"
    return FinalPredictions(softmax(np.concatenate(logits)), precision, n_compared, difference)


def may_reduce(config: Config, device: torch.device) -> bool:
    """Return whether bfloat16 is tried: as asked for, or as the steps on a CPU are computed."""
    if config.predict.precision != "auto":
        return config.predict.precision == "bfloat16"
    # A GPU takes seconds for these either way, and the steps of a probe are computed in float32.
    return device.type == "cpu" and config.train.method == "finetune" and uses_bfloat16(config.train, device)


def _difference(classifier: Classifier, pixels: NDArray[np.uint8]) -> float:
    classifier = dataclasses.replace(classifier, views=1)
    exact, reduced = (logits_in(classifier, pixels, is_reduced=is_reduced) for is_reduced in (False, True))
    # A number that is added to all logits of an image changes no probability.
    centred = (exact - exact.mean(axis=1, keepdims=True)) - (reduced - reduced.mean(axis=1, keepdims=True))
    return float(np.abs(centred).max())


def logits_in(classifier: Classifier, pixels: NDArray[np.uint8], *, is_reduced: bool) -> NDArray[np.float32]:
    """Return logits (N, K) for one batch of fitted pixels (N, size, size, 3), in bfloat16 if wanted."""
    with torch.autocast(classifier.device.type, torch.bfloat16, enabled=is_reduced):
        return classifier.logits(pixels)
