"""How often intervals hold the truth with 2 to 20 patients on the scarcer side: simulated test sets.

Usage: python benchmarks/few_clusters.py N_SETS MALIGNANT,BENIGN,DISTANCE ...

A patient has 1 to 4 images of one side, which share 0.6 of the variance of the score; DISTANCE is between the means of
the two sides in standard deviations (1.8 is an AUROC of 0.90). The truth is that of some 40,000 malignant patients.
Printed by figure: how many of the sets gave it an interval, and the share of these that held the truth.
"""

import math
import sys

import numpy as np

from lentigo.model.decision import Estimate, OperatingPoint
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.evaluation._at_prevalence import resample_prevalence
from lentigo.numbers.evaluation._resampling import Draws, resample_all
from lentigo.numbers.metrics import Resampler
from lentigo.numbers.predictions import Predictions

N_RESAMPLES = 400
SHARED = 0.6
POPULATION = 40_000
METRICS = ("auroc", "auroc_delong", "average_precision", "partial_auroc", "brier", "nll", "balanced_accuracy",
           "accuracy", "slope", "ece")  # fmt: skip
AT_THE_POINT = ("sensitivity", "specificity", "ppv", "npv")
AT_PREVALENCE = ("ppv", "npv", "number_needed_to_biopsy", "net_benefit")
NOBODY = Estimate(0.95, 0.9, 1.0, n=10)


def main(n_sets: int, sets: list[str]) -> None:
    for text in sets:
        malignant, benign, distance = text.split(",")
        n_malignant, n_benign, apart = int(malignant), int(benign), float(distance)
        _, truth, score = draw(np.random.default_rng(1), POPULATION, POPULATION * n_benign // n_malignant, apart)
        shift = math.log(n_malignant / n_benign)
        threshold = float(np.quantile(said(score, apart, shift)[truth], 0.1))
        known = figures(truth, said(score, apart, shift), None, threshold, n_resamples=1)
        found: dict[str, list[Estimate]] = {}
        for number in range(n_sets):
            patient, truth, score = draw(np.random.default_rng([11, number]), n_malignant, n_benign, apart)
            here = figures(truth, said(score, apart, shift), patient, threshold, n_resamples=N_RESAMPLES)
            for name, estimate in here.items():
                found.setdefault(name, []).append(estimate)
        print(f"{n_malignant} malignant and {n_benign} benign patients, {n_sets} sets", flush=True)
        for name, estimates in found.items():
            report(name, known[name].value, [one for one in estimates if one.has_interval], n_sets)


def draw(
    rng: np.random.Generator, n_malignant: int, n_benign: int, distance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the patient, the truth and the score of each image."""
    patient = np.repeat(np.arange(n_malignant + n_benign), rng.integers(1, 5, n_malignant + n_benign))
    truth = patient < n_malignant
    shared = math.sqrt(SHARED) * rng.normal(size=n_malignant + n_benign)[patient]
    return (
        patient,
        truth,
        np.where(truth, 0.5, -0.5) * distance + shared + math.sqrt(1 - SHARED) * rng.normal(size=truth.size),
    )


def said(score: np.ndarray, distance: float, shift: float) -> np.ndarray:
    return 0.5 * (1 + np.tanh((0.8 * distance * score + shift) / 2))


def figures(
    truth: np.ndarray, probability: np.ndarray, groups: np.ndarray | None, threshold: float, *, n_resamples: int
) -> dict[str, Estimate]:
    names = np.array([f"{i:07d}" for i in range(truth.size)])
    rows = np.column_stack([1 - probability, probability])
    point = OperatingPoint("point", threshold, 0.9, NOBODY, NOBODY, 10, 10)
    whole = evaluate(
        Predictions(names, truth.astype(int), rows, ("NV", "MEL")),
        malignant=["MEL"],
        groups=groups,
        unit="patient",
        operating_points=[point],
        n_resamples=n_resamples,
    )
    found = {name: whole.metrics[name] for name in METRICS}
    found |= {f"{name} at the threshold": getattr(whole.operating_points[0], name) for name in AT_THE_POINT}
    resampler = Resampler.of(truth.astype(int), names if groups is None else groups, n_resamples=n_resamples)
    asked = resample_prevalence(
        truth,
        probability,
        [point],
        source=float(truth.mean()),
        prevalence=0.1,
        draws=Draws(resampler, "patient", 0.95),
    )
    there = resample_all({"there": asked}, resampler)["there"].points[0]
    return found | {f"{name} at 10 %": getattr(there, name) for name in AT_PREVALENCE}


def report(name: str, truth: float, estimates: list[Estimate], n_sets: int) -> None:
    if not estimates:
        print(f"  {name:34} truth {truth:.3f}  no interval in any set")
        return
    low, high = (np.array([getattr(one, end) for one in estimates]) for end in ("low", "high"))
    held = 100 * np.mean((low <= truth) & (truth <= high))
    width = np.mean(high - low)
    print(f"  {name:34} truth {truth:.3f}  held {held:5.1f} %  width {width:.3f}  in {len(estimates)} of {n_sets}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
