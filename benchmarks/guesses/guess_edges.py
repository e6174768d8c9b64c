"""Answers E1 to E3 of docs/guesses.md: statistics at the edge. E3 needs R with pROC, and confidenceinterval.

python benchmarks/guesses/guess_edges.py [e1 ...]
"""

import resource
import subprocess
import time
import warnings

import numpy as np
from asking import answer_all

warnings.simplefilter("ignore")


def evaluated(score: np.ndarray, target: np.ndarray, **options: object):
    from lentigo.numbers.evaluation import evaluate
    from lentigo.numbers.predictions import Predictions

    names = np.array([f"i{k:07d}" for k in range(len(score))])
    said = Predictions(names, target.astype(int), np.stack([1 - score, score], axis=1), ("NV", "MEL"))
    return evaluate(said, malignant=["MEL"], **options)


def shown(found: object, *names: str) -> dict[str, str]:
    return {
        name: f"{m.value:.4g} [{m.low:.4g}, {m.high:.4g}] {m.reason or ''}".strip()
        for name, m in ((name, found.metrics[name]) for name in names)
    }


FIGURES = ("auroc", "average_precision", "brier", "ece", "balanced_accuracy")


def e1() -> object:
    rng = np.random.default_rng(0)
    target = np.arange(200) < 12
    score = np.clip(0.2 + 0.3 * target + rng.normal(0, 0.15, 200), 0.01, 0.99)
    patients = np.where(target, 0, np.arange(200))
    found = evaluated(score, target, groups=patients, unit="patient", n_resamples=500)
    return shown(found, *(name for name in FIGURES if name in found.metrics))


def e2() -> object:
    rng = np.random.default_rng(0)
    target = rng.random(1_000_000) < 0.1
    score = 1 / (1 + np.exp(2 - 1.5 * target - rng.normal(size=len(target))))
    started = time.process_time()
    found = evaluated(score, target)
    seconds, peak = time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return f"{seconds:.0f} s of processor, {peak:.2f} GiB", shown(found, "auroc")


def e3() -> object:
    from confidenceinterval import roc_auc_score

    target, score = np.arange(40) < 10, np.full(40, 0.3)
    found = evaluated(score, target, n_resamples=500)
    program = (
        "suppressMessages(library(pROC)); r <- roc(rep(c(1,0),c(10,30)), rep(0.3,40), quiet=TRUE); print(ci.auc(r))"
    )
    proc = subprocess.run(["Rscript", "-e", program], capture_output=True, text=True, check=False)
    ours = shown(found, *(name for name in FIGURES if name in found.metrics))
    return {
        "lentigo": ours,
        "confidenceinterval": roc_auc_score(target.astype(int), score),
        "pROC": (proc.stdout + proc.stderr).strip(),
    }


if __name__ == "__main__":
    answer_all(globals(), "e", "numpy confidenceinterval")
