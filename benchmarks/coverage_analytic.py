"""How often the intervals that need no resamples hold the truth: thousands of sets in minutes.

Usage: python benchmarks/coverage_analytic.py [n_sets] [stretch] [mix] [seed]

These are the intervals of proportions and of the calibration slope and intercepts, which come from the jackknife. Sets
and truth are those of `interval_coverage.py`, the same draws for the same seed; the intervals are lentigo's own
estimates. The jackknife is done on sums over patients, 200 rows instead of some 1,600, and what else an evaluation
computes is left out, so that 92 and 93 % can be told apart. `check` shows that an evaluation says the same.
"""

import sys

import interval_coverage as clustered
import numpy as np

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import Draws
from lentigo.numbers.metrics import Jackknife, Resampler, ThresholdCounts, fit_recalibration

Figures = dict[str, np.ndarray]

COEFFICIENTS = ("slope", "intercept", "intercept_in_the_large")
SHARES = ("sensitivity", "specificity", "ppv", "npv")
CLASS_THRESHOLD = 0.5
CHECKED = 2
"""Sets that are also evaluated in full."""

EVERY = 250
"""Sets after which the table so far is printed."""


def main(n_sets: int = 2000, stretch: float = 0.8, mix: str = "fixed", seed: int = 7) -> None:
    population = clustered.N_MALIGNANT * clustered.POPULATION, clustered.N_BENIGN * clustered.POPULATION
    _, is_malignant, score = clustered.draw(np.random.default_rng(1), *population)
    model = fit_recalibration(is_malignant, clustered.expit(score))

    def said(score: np.ndarray) -> np.ndarray:
        return clustered.expit(stretch * (model.intercept + model.slope * score))

    threshold = float(np.quantile(said(score)[is_malignant], 0.05))
    everyone = np.zeros(score.size, dtype=int)
    truth = {
        name: float(array[0])
        for name, array in sums(is_malignant, said(score), everyone, threshold)(np.ones((1, 1))).items()
    }
    found: dict[str, list[Estimate]] = {name: [] for name in truth}
    for number in range(n_sets):
        rng = np.random.default_rng([seed, number])
        n_malignant = clustered.N_MALIGNANT
        n_patients = clustered.N_MALIGNANT + clustered.N_BENIGN
        if mix == "random":
            n_malignant = rng.binomial(n_patients, clustered.N_MALIGNANT / n_patients)
        patient, is_malignant, score = clustered.draw(rng, n_malignant, n_patients - n_malignant)
        judged = estimates(is_malignant, said(score), patient, threshold, n_malignant)
        if number < CHECKED:
            check(judged, is_malignant, said(score), patient, threshold)
        for name, estimate in judged.items():
            found[name].append(estimate)
        if (number + 1) % EVERY == 0 or number + 1 == n_sets:
            report(truth, found)


def sums(is_malignant: np.ndarray, said: np.ndarray, patient: np.ndarray, threshold: float):
    """Return the function from (G, B) weights of patients to the figures, each (B,)."""
    n_patients = patient.max() + 1

    def by_patient(terms: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(patient, weights=row, minlength=n_patients) for row in terms])

    cells = {}
    for where, cut in (("at the threshold", threshold), ("of the class", CLASS_THRESHOLD)):
        called = said >= cut
        cells[where] = by_patient(
            np.stack([is_malignant & called, ~is_malignant & called, is_malignant & ~called, ~is_malignant & ~called])
        )
    logit = np.log(said) - np.log1p(-said)
    fit = fit_recalibration(is_malignant, said)
    derivatives = []
    for expected in (clustered.expit(fit.intercept + fit.slope * logit), clustered.expit(fit.in_the_large + logit)):
        variance = expected * (1 - expected)
        third = variance * (1 - 2 * expected)
        terms = [(is_malignant - expected) * logit**k for k in range(2)]
        terms += [variance * logit**k for k in range(3)] + [third * logit**k for k in range(4)]
        derivatives.append(by_patient(np.stack(terms)))

    def measure(weights: np.ndarray) -> Figures:
        found = {}
        for where, cell in cells.items():
            counts = ThresholdCounts(*(cell @ weights))
            found |= {f"{name} {where}": getattr(counts, name) for name in SHARES}
        found["accuracy"] = (counts.tp + counts.tn) / (counts.tp + counts.fp + counts.fn + counts.tn)
        u, v, w = np.split(derivatives[0] @ weights, [2, 5])
        shift, rise = solve(v, u[0], u[1])
        bent = [shift**2 * w[k] + 2 * shift * rise * w[k + 1] + rise**2 * w[k + 2] for k in range(2)]
        more_shift, more_rise = solve(v, -bent[0] / 2, -bent[1] / 2)
        found["slope"] = fit.slope + rise + more_rise
        found["intercept"] = fit.intercept + shift + more_shift
        u, v, w = np.split(derivatives[1] @ weights, [2, 5])
        shift = u[0] / v[0]
        found["intercept_in_the_large"] = fit.in_the_large + shift - w[0] * shift**2 / (2 * v[0])
        return found

    return measure


def solve(matrix: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the solutions of symmetric 2 x 2 systems with the entries matrix[0], [1], [2]."""
    determinant = matrix[0] * matrix[2] - matrix[1] ** 2
    return (matrix[2] * first - matrix[1] * second) / determinant, (
        matrix[0] * second - matrix[1] * first
    ) / determinant


def estimates(
    is_malignant: np.ndarray, said: np.ndarray, patient: np.ndarray, threshold: float, n_malignant: int
) -> dict[str, Estimate]:
    measure = sums(is_malignant, said, patient, threshold)
    stratum = (np.arange(patient.max() + 1) >= n_malignant).astype(int)
    size = np.bincount(stratum)
    same = stratum[:, np.newaxis] == stratum
    weights = np.where(same, (size / (size - 1))[stratum], 1.0)
    np.fill_diagonal(weights, 0.0)
    blocks = Jackknife(measure(weights), stratum)
    draws = Draws(Resampler.of(is_malignant.astype(int), patient, n_resamples=1), "patient", 0.95)
    rests_on = {"accuracy": np.ones_like(is_malignant)}
    for where, cut in (("at the threshold", threshold), ("of the class", CLASS_THRESHOLD)):
        cases = (is_malignant, ~is_malignant, said >= cut, said < cut)
        rests_on |= {f"{name} {where}": each for name, each in zip(SHARES, cases, strict=True)}
    fewer = min((is_malignant, ~is_malignant), key=draws.resampler.count_clusters)
    return {
        name: draws.estimate(
            array[0],
            blocks.left_out[name],  # no interval is made where resamples are all alike; these stand in for them
            rests_on.get(name, fewer),
            name,
            is_proportion=name not in COEFFICIENTS,
            is_coefficient=name in COEFFICIENTS,
            influence=blocks.influence_of(blocks.left_out[name]),
        )
        for name, array in measure(np.ones((stratum.size, 1))).items()
    }


def check(
    judged: dict[str, Estimate], is_malignant: np.ndarray, said: np.ndarray, patient: np.ndarray, threshold: float
) -> None:
    """Raise an AssertionError where an evaluation of the set gives another interval."""
    evaluation = clustered.judge(is_malignant, said, patient, threshold, n_resamples=20)
    whole = clustered.figures(evaluation)
    names = {"recall": "sensitivity", "precision": "ppv"}
    for name, expected in whole.items():
        first, _, where = name.partition(" ")
        ours = f"{names.get(first, first)} {where.removesuffix(' MEL')}".strip()
        if ours in judged:
            found = judged[ours]
            np.testing.assert_allclose(
                (found.value, found.low, found.high), (expected.value, expected.low, expected.high), atol=1e-6
            )


def report(truth: dict[str, float], found: dict[str, list[Estimate]]) -> None:
    print(f"after {len(found['slope'])} sets")
    print("| figure | truth | mean estimate | held | below / above the interval | width |")
    print("|---|---|---|---|---|---|")
    for name, true in truth.items():
        estimates = [each for each in found[name] if each.has_interval]
        below = 100 * np.mean([true < each.low for each in estimates])
        above = 100 * np.mean([true > each.high for each in estimates])
        mean, width = np.mean([each.value for each in estimates]), np.mean([each.high - each.low for each in estimates])
        held = 100 - below - above
        print(
            f"| {name} | {true:.4f} | {mean:.4f} | {held:.1f} % | {below:.1f} / {above:.1f} | {width:.3f} |", flush=True
        )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(kind(text) for kind, text in zip((int, float, str, int), given, strict=False)))
