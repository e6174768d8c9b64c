"""The figures of the classes that a stored rule calls, beside those of the most probable class."""

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import ClassRule, Estimate
from lentigo.numbers.metrics import (
    Resampler,
    balanced_accuracy,
    bootstrap,
    bootstrap_estimate,
    confusion_counter,
    f1,
    macro_mean,
)
from lentigo.numbers.predictions import Predictions

Floats = npt.NDArray[np.floating]


def by_class_rule(
    said: Predictions, rule: ClassRule, resampler: Resampler, *, unit: str, confidence: float
) -> dict[str, Estimate]:
    """Return balanced accuracy and macro F1 of the classes that the rule calls.

    Args:
        said: calibrated, every image with its target.
        rule: chosen on validation.
        resampler: of the same images.
        unit: what is resampled.
        confidence: of the intervals, in (0, 1).
    """
    n_classes = len(said.classes)
    count = confusion_counter(said.target, rule.call(said.probabilities), n_classes=n_classes)

    def figures(weights: Floats) -> dict[str, Floats]:
        confusion = count(weights).reshape(n_classes, n_classes, -1)
        return {
            "balanced_accuracy_by_rule": balanced_accuracy(confusion),
            "macro_f1_by_rule": macro_mean(f1(confusion)),
        }

    whole, replicates = figures(np.ones((len(said), 1))), bootstrap(figures, resampler)
    return {
        name: bootstrap_estimate(
            float(value[0]),
            replicates[name],
            n=len(said),
            n_clusters=resampler.n_clusters,
            unit=unit,
            confidence=confidence,
            sides=resampler.supports(said.target, said.classes),
        )
        for name, value in whole.items()
    }
