"""How long an evaluation takes and what it needs: 100,000 predictions, 10 classes, 2,000 resamples unless told else.

Usage: python benchmarks/evaluate.py [n_images] [n_classes] [n_resamples]
"""

import resource
import sys
import time

import numpy as np

from lentigo.model.decision import Estimate, OperatingPoint
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.predictions import Predictions


def main(n_images: int = 100_000, n_classes: int = 10, n_resamples: int = 2000) -> None:
    rng = np.random.default_rng(0)
    target = rng.choice(n_classes, n_images, p=_shares(n_classes))
    logits = rng.normal(size=(n_images, n_classes))
    logits[np.arange(n_images), target] += 1.5
    rows = np.exp(logits)
    rows /= rows.sum(axis=1, keepdims=True)
    classes = tuple(f"C{k}" for k in range(n_classes))
    said = Predictions(np.array([f"{i:07d}" for i in range(n_images)]), target, rows, classes)
    reached = Estimate(0.9, 0.8, 1.0, n=10)
    points = [OperatingPoint(f"point_{t}", t, 0.95, reached, reached, 10, 10) for t in (0.1, 0.2, 0.3)]
    lesions = rng.integers(0, max(1, n_images // 2), n_images)
    started = time.perf_counter()
    found = evaluate(
        said,
        malignant=classes[1::3],
        groups=lesions,
        unit="lesion",
        operating_points=points,
        n_resamples=n_resamples,
    )
    seconds = time.perf_counter() - started
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"AUROC {found.metrics['auroc']}, {found.resampling.n_units:,} lesions")
    print(f"{n_images:,} images, {n_classes} classes, {n_resamples:,} resamples: {seconds:.1f} s, {peak_gib:.2f} GiB")


def _shares(n_classes: int) -> np.ndarray:
    # the commonest class is some twenty times as common as the rarest, as in HAM10000 without its extreme
    shares = np.geomspace(20, 1, n_classes)
    return shares / shares.sum()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
