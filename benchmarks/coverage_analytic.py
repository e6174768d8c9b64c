"""How often the intervals that need no resamples hold the truth: thousands of the sets of `coverage.py` in minutes.

Usage: python benchmarks/coverage_analytic.py [n_sets] [stretch] [mix] [seed]

These are the intervals of proportions and of the calibration slope and intercepts, which come from the jackknife, and
DeLong's. Sets, truth and intervals are those of `coverage.py`: the same draws for the same seed, lentigo's own
jackknife and estimates. What else an evaluation computes is left out, so that 92 and 93 % can be told apart.
"""

import sys

import coverage as clustered
import numpy as np

from lentigo.evaluation.draws import Draws
from lentigo.metrics import Estimate, Resampler, fit_recalibration
from lentigo.metrics.acceleration import jackknife
from lentigo.metrics.bootstrap import Statistics, Weights
from lentigo.metrics.classification import ThresholdCounts, threshold_counter
from lentigo.metrics.delong import delong
from lentigo.metrics.recalibration import recalibration_figures

COEFFICIENTS = ("slope", "intercept", "intercept_in_the_large")
SHARES = ("sensitivity", "specificity", "ppv", "npv")
CLASS_THRESHOLD = 0.5


def main(n_sets: int = 2000, stretch: float = 0.8, mix: str = "fixed", seed: int = 7) -> None:
    population = clustered.N_MALIGNANT * clustered.POPULATION, clustered.N_BENIGN * clustered.POPULATION
    _, is_malignant, score = clustered.draw(np.random.default_rng(1), *population)
    model = fit_recalibration(is_malignant, clustered.expit(score))

    def said(score: np.ndarray) -> np.ndarray:
        return clustered.expit(stretch * (model.intercept + model.slope * score))

    threshold = float(np.quantile(said(score)[is_malignant], 0.05))
    measure = measures(is_malignant, said(score), threshold)
    truth = {name: float(array[0]) for name, array in measure(np.ones((score.size, 1))).items()}
    truth["auroc_delong"] = float(delong(is_malignant, [said(score)]).auroc[0])
    found: dict[str, list[Estimate]] = {name: [] for name in truth}
    for number in range(n_sets):
        rng = np.random.default_rng([seed, number])
        n_malignant = clustered.N_MALIGNANT
        n_patients = clustered.N_MALIGNANT + clustered.N_BENIGN
        if mix == "random":
            n_malignant = rng.binomial(n_patients, clustered.N_MALIGNANT / n_patients)
        patient, is_malignant, score = clustered.draw(rng, n_malignant, n_patients - n_malignant)
        for name, estimate in estimates(is_malignant, said(score), patient, threshold).items():
            found[name].append(estimate)
    report(truth, found)


def measures(is_malignant: np.ndarray, said: np.ndarray, threshold: float):
    """Return the function from (N, B) weights to the figures, each (B,)."""
    counters = {
        "at the threshold": threshold_counter(is_malignant, said, threshold=threshold),
        "of the class": threshold_counter(is_malignant, said, threshold=CLASS_THRESHOLD),
    }
    recalibrate = recalibration_figures(is_malignant, said)

    def measure(weights: Weights) -> Statistics:
        found = recalibrate(weights)
        for where, count in counters.items():
            counts = ThresholdCounts(*count(weights))
            found |= {f"{name} {where}": getattr(counts, name) for name in SHARES}
        found["accuracy"] = (counts.tp + counts.tn) / (counts.tp + counts.fp + counts.fn + counts.tn)
        return found

    return measure


def estimates(is_malignant: np.ndarray, said: np.ndarray, patient: np.ndarray, threshold: float) -> dict[str, Estimate]:
    resampler = Resampler.of(is_malignant.astype(int), patient, n_resamples=1)
    draws = Draws(resampler, "patient", 0.95)
    measure = measures(is_malignant, said, threshold)
    blocks = jackknife(measure, resampler)
    rests_on = {"accuracy": np.ones_like(is_malignant)}
    for where, cut in (("at the threshold", threshold), ("of the class", CLASS_THRESHOLD)):
        cases = (is_malignant, ~is_malignant, said >= cut, said < cut)
        rests_on |= {f"{name} {where}": each for name, each in zip(SHARES, cases, strict=True)}
    fewer = min((is_malignant, ~is_malignant), key=resampler.count_clusters)
    found = {}
    for name, array in measure(np.ones((said.size, 1))).items():
        left_out = blocks.left_out[name]
        is_coefficient = name in COEFFICIENTS
        found[name] = draws.estimate(
            array[0],
            left_out,  # an interval is refused where resamples are all alike; these stand in for them
            fewer if is_coefficient else rests_on[name],
            name,
            is_proportion=not is_coefficient,
            is_coefficient=is_coefficient,
            influence=blocks.influence_of(left_out),
        )
    area = delong(is_malignant, [said], groups=patient)
    found["auroc_delong"] = Estimate(float(area.auroc[0]), *area.interval(), n=said.size)
    return found


def report(truth: dict[str, float], found: dict[str, list[Estimate]]) -> None:
    print("| figure | truth | mean estimate | held | below / above the interval | width |")
    print("|---|---|---|---|---|---|")
    for name, true in truth.items():
        estimates = [each for each in found[name] if each.has_interval]
        below = 100 * np.mean([true < each.low for each in estimates])
        above = 100 * np.mean([true > each.high for each in estimates])
        mean, width = np.mean([each.value for each in estimates]), np.mean([each.high - each.low for each in estimates])
        held = 100 - below - above
        print(f"| {name} | {true:.4f} | {mean:.4f} | {held:.1f} % | {below:.1f} / {above:.1f} | {width:.3f} |")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(kind(text) for kind, text in zip((int, float, str, int), given, strict=False)))
