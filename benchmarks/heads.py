"""A head on embeddings beside scikit-learn's logistic regression: time, growth and memory on the same grouped folds.

    nice -n 5 python benchmarks/heads.py --images 10000 40000 100000 400000 --folds 2

Embeddings are synthetic: 768 float32 numbers, four images per patient, two classes. Each side and size is a process of
its own with one thread, so that the peak of memory is its own; time is processor time, as a clock is no measure on a
machine with other work. Folds are scikit-learn's GroupKFold by patient; with fewer folds run than made, all is said per
fold. Needs the extra `lab`; writes one JSON line per process.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

N_NUMBERS, N_FOLDS, A_PATIENT = 768, 5, 4
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def drawn(n_images: int) -> tuple[Any, Any, Any]:
    """Return embeddings (N, 768), classes (N,) and patients (N,), in blocks, without a second copy of them."""
    import numpy as np

    rng = np.random.default_rng(0)
    weight = rng.normal(size=N_NUMBERS) / N_NUMBERS**0.5
    values = np.empty((n_images, N_NUMBERS), np.float32)
    target = np.empty(n_images, np.int64)
    for start in range(0, n_images, 10_000):
        block = values[start : start + 10_000]
        block[:] = rng.normal(size=block.shape)
        odds = 4 * block @ weight - 2
        target[start : start + 10_000] = rng.random(len(block)) < 1 / (1 + np.exp(-odds))
    return values, target, np.arange(n_images) // A_PATIENT


def measure(side: str, n_images: int, n_folds: int) -> dict[str, Any]:
    """Return processor time of some folds, NLL on the images held out, and the peak of memory of this process."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold
    from sklearn.preprocessing import StandardScaler

    from lentigo.config import Config
    from lentigo.model.decision import softmax
    from lentigo.numbers.heads import EmbeddingRows, fit_linear, logits_of

    values, target, patient = drawn(n_images)
    seconds, losses = [], []
    for learned, held_out in list(GroupKFold(N_FOLDS).split(values, target, patient))[:n_folds]:
        began = time.process_time()
        if side == "lentigo":
            rows = [EmbeddingRows(values, some, target[some]) for some in (learned, held_out)]
            fitted = fit_linear(*rows, n_classes=2, penalties=Config().features.penalties)
            chances = softmax(logits_of(fitted.head, rows[1]))[:, 1]
        else:
            scaler = StandardScaler()
            model = LogisticRegression(max_iter=1000).fit(scaler.fit_transform(values[learned]), target[learned])
            chances = model.predict_proba(scaler.transform(values[held_out]))[:, 1]
        seconds.append(time.process_time() - began)
        said = np.where(target[held_out] == 1, chances, 1 - chances)
        losses.append(float(-np.log(said.clip(1e-7)).mean()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"side": side, "images": n_images, "seconds_per_fold": [round(s, 2) for s in seconds],
            "nll": round(sum(losses) / len(losses), 4), "peak_gib": round(peak, 2)}  # fmt: skip


def main() -> None:
    """Measure each side and size in a process of its own."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--images", type=int, nargs="+", default=[10_000, 40_000, 100_000])
    asked.add_argument("--folds", type=int, default=N_FOLDS)
    asked.add_argument("--side", choices=["lentigo", "scikit-learn"])
    given = asked.parse_args()
    if given.side:
        sys.stdout.write(json.dumps(measure(given.side, given.images[0], given.folds)) + "\n")
        return
    for n_images in given.images:
        for side in ("lentigo", "scikit-learn"):
            words = [sys.executable, __file__, "--images", str(n_images), "--folds", str(given.folds), "--side", side]
            subprocess.run(words, check=True, env=os.environ | ONE_THREAD)


if __name__ == "__main__":
    main()
