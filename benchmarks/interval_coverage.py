"""How often the intervals of an evaluation hold the truth: simulated test sets of images of lesions of patients.

Usage: python benchmarks/interval_coverage.py [n_sets] [n_resamples] [stretch] [mix]

A set has 200 patients of 1 to 5 lesions of 1 to 4 images each; 60 of the patients have a melanoma, sometimes two. A
patient's lesions look alike, images of a lesion more so (0.2 and 0.7 of the variance of the score). The probabilities
said are those of a logistic model stretched by `stretch` on the logit scale: 0.8 is a true calibration slope of 1.25,
1 is calibrated. The truth is that of 60,000 such patients. `mix` is "fixed" (every set has 60 and 140 patients, what
the intervals claim) or "random" (the number with a melanoma varies as in a random sample of patients).

Each set is evaluated twice: with patients resampled, as lentigo does, and with every image taken for independent.
"""

import sys

import numpy as np

from lentigo.model.decision import Estimate, OperatingPoint
from lentigo.numbers.evaluation import Evaluation, evaluate
from lentigo.numbers.metrics import fit_recalibration
from lentigo.numbers.predictions import Predictions

N_MALIGNANT, N_BENIGN = 60, 140
POPULATION = 300
WITHOUT_TRUTH = Estimate(0.95, 0.9, 1.0, n=10)


def main(n_sets: int = 500, n_resamples: int = 1000, stretch: float = 0.8, mix: str = "fixed") -> None:
    patient, is_malignant, score = draw(np.random.default_rng(1), N_MALIGNANT * POPULATION, N_BENIGN * POPULATION)
    model = fit_recalibration(is_malignant, expit(score))
    shift = stretch * model.intercept

    def said(score: np.ndarray) -> np.ndarray:
        return expit(shift + stretch * model.slope * score)

    threshold = float(np.quantile(said(score)[is_malignant], 0.05))
    truth = figures(judge(is_malignant, said(score), None, threshold, n_resamples=1))
    # the name of a figure, and which images stand together: how often its interval lay below, on and above the truth
    found: dict[tuple[str, str], list[Estimate]] = {}
    for number in range(n_sets):
        rng = np.random.default_rng([7, number])
        n_malignant = N_MALIGNANT
        if mix == "random":
            n_malignant = rng.binomial(N_MALIGNANT + N_BENIGN, N_MALIGNANT / (N_MALIGNANT + N_BENIGN))
        patient, is_malignant, score = draw(rng, n_malignant, N_MALIGNANT + N_BENIGN - n_malignant)
        for unit, groups in (("patient", patient), ("image", None)):
            judged = judge(is_malignant, said(score), groups, threshold, n_resamples=n_resamples)
            for name, estimate in figures(judged).items():
                found.setdefault((name, unit), []).append(estimate)
    report(truth, found)


def draw(rng: np.random.Generator, n_malignant: int, n_benign: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the patient, the truth and the score of each image."""
    has_melanoma = np.arange(n_malignant + n_benign) < n_malignant
    n_lesions = rng.integers(1, 6, has_melanoma.size)
    of_lesion = np.repeat(np.arange(has_melanoma.size), n_lesions)
    first = np.cumsum(n_lesions) - n_lesions
    is_malignant = has_melanoma[of_lesion] & (rng.random(of_lesion.size) < 0.15)
    is_malignant[first[has_melanoma]] = True
    n_images = rng.integers(1, 5, of_lesion.size)
    lesion = np.repeat(np.arange(of_lesion.size), n_images)
    patient, truth = of_lesion[lesion], is_malignant[lesion]
    by_patient, by_lesion = rng.normal(size=has_melanoma.size), rng.normal(size=of_lesion.size)
    noise = np.sqrt(0.2) * by_patient[patient] + np.sqrt(0.5) * by_lesion[lesion]
    return patient, truth, np.where(truth, 1.1, -1.1) + noise + np.sqrt(0.3) * rng.normal(size=lesion.size)


def judge(
    is_malignant: np.ndarray, said: np.ndarray, groups: np.ndarray | None, threshold: float, *, n_resamples: int
) -> Evaluation:
    names = np.array([f"{i:07d}" for i in range(said.size)])
    predictions = Predictions(names, is_malignant.astype(int), np.column_stack([1 - said, said]), ("NV", "MEL"))
    point = OperatingPoint("point", threshold, 0.95, WITHOUT_TRUTH, WITHOUT_TRUTH, 10, 10)
    return evaluate(
        predictions,
        malignant=["MEL"],
        groups=groups,
        unit="image" if groups is None else "patient",
        operating_points=[point],
        n_resamples=n_resamples,
    )


def figures(evaluation: Evaluation) -> dict[str, Estimate]:
    found = dict(evaluation.metrics)
    found |= {f"{name} at the threshold": getattr(evaluation.operating_points[0], name) for name in POINT_FIGURES}
    found |= {f"{name} of the class MEL": evaluation.per_class["MEL"][name] for name in CLASS_FIGURES}
    return found


POINT_FIGURES = ("sensitivity", "specificity", "ppv", "npv")
CLASS_FIGURES = ("recall", "precision", "specificity", "npv", "f1")


def report(truth: dict[str, Estimate], found: dict[tuple[str, str], list[Estimate]]) -> None:
    print("| figure | truth | mean estimate | held (patients) | below / above the interval | width | held (images) |")
    print("|---|---|---|---|---|---|---|")
    for name, true in truth.items():
        cells = [f"{true.value:.4f}", f"{np.nanmean([e.value for e in found[name, 'patient']]):.4f}"]
        for unit in ("patient", "image"):
            estimates = [e for e in found[name, unit] if e.has_interval]
            below = np.mean([true.value < e.low for e in estimates])
            above = np.mean([true.value > e.high for e in estimates])
            cells.append(f"{100 * (1 - below - above):.1f} %")
            if unit == "patient":
                cells.append(f"{100 * below:.1f} / {100 * above:.1f}")
                cells.append(f"{np.mean([e.high - e.low for e in estimates]):.3f}")
        print(f"| {name} | {' | '.join(cells)} |")


def expit(logit: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(logit / 2))


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(kind(text) for kind, text in zip((int, int, float, str), given, strict=False)))
