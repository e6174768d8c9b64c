"""A rule for which class is called, fitted on validation, with what it reaches on folds that it was not fitted on.

Weights by class are fitted to the images that they are then judged on only in name: of seven classes the rarest has
some twenty images, and thresholds chosen on these are as good as their luck. So every figure is nested: five folds of
whole lesions or patients, each called by a rule fitted on the other four.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.config import CalibrateConfig
from lentigo.errors import ConfigError, suggest
from lentigo.model.decision import ClassRule, Estimate
from lentigo.numbers.calibration._choosing import N_FOLDS, fold_of
from lentigo.numbers.metrics import (
    Resampler,
    balanced_accuracy,
    bootstrap,
    bootstrap_estimate,
    confusion_counter,
    confusion_matrix,
    f1,
    macro_mean,
)

Floats = NDArray[np.float64]
Targets = NDArray[np.integer]

N_RESAMPLES: Final = 1000
STEPS: Final = np.geomspace(1 / 8, 8, 25)  # tried for the weight of a class, around where it stands; a quarter octave
N_ROUNDS: Final = 3  # over all classes; a fourth changed nothing on simulated sets of seven


def fit_class_rule(
    probabilities: Floats,
    target: Targets,
    classes: tuple[str, ...],
    *,
    settings: CalibrateConfig,
    groups: NDArray[np.generic],
    unit: str = "image",
    confidence: float = 0.95,
    seed: int = 0,
) -> ClassRule | None:
    """Return the rule that the settings ask for; None for the most probable class, and for two classes.

    Two classes are called by the threshold, which was chosen for a sensitivity.

    Args:
        probabilities: (N, K), calibrated.
        target: (N,) true class.
        classes: K names.
        settings: which rule, and what mistakes cost.
        groups: (N,) lesion, patient or image: not divided between folds, and resampled.
        unit: what a group is.
        confidence: of the intervals.
        seed: of folds and resamples.

    Raises:
        ConfigError: costs are asked for and not given, or are of other classes.
    """
    name = settings.class_rule
    if name == "most_probable" or len(classes) < 3:
        return None
    costs = read_costs(settings.class_costs, classes) if name == "costs" else None
    sample = Resampler.of(target, groups, n_resamples=N_RESAMPLES, seed=seed)
    fold = fold_of(sample, seed=seed)
    called = np.empty(len(target), dtype=np.int64)
    for k in range(N_FOLDS):
        inside, outside = fold == k, fold != k
        if inside.any():
            found = _fitted(name, probabilities[outside], target[outside], costs)
            called[inside] = _unjudged(name, found, costs).call(probabilities[inside])
    figures = _nested(called, probabilities.argmax(axis=1), target, classes, sample, unit, confidence)
    weights = _fitted(name, probabilities, target, costs)
    flat = () if costs is None else tuple(costs.ravel().tolist())
    return ClassRule(name, tuple(weights.tolist()), flat, *figures)


def read_costs(text: str, classes: tuple[str, ...]) -> Floats:
    """Return what calling each class (columns) costs for each true one (rows): 1 for a mistake not named, 0 if right.

    Args:
        text: such as "MEL:NV=10 MEL:BKL=10": calling NV what is MEL costs 10.
        classes: K names.

    Raises:
        ConfigError: it cannot be read, or is empty.

    Example:
        >>> read_costs("MEL:NV=10", ("NV", "MEL")).tolist()
        [[0.0, 1.0], [10.0, 0.0]]
    """
    if not text.strip():
        raise ConfigError(
            "calibrate.class_rule is costs, and calibrate.class_costs is empty. Name what a mistake costs, such as "
            "'MEL:NV=10': calling a melanoma NV costs ten times as much as another mistake."
        )
    costs = 1.0 - np.eye(len(classes))
    for part in text.replace(",", " ").split():
        pair, _, number = part.partition("=")
        truth, _, called = pair.partition(":")
        for name in (truth, called):
            if name not in classes:
                raise ConfigError(
                    f"calibrate.class_costs names the class '{name}' in '{part}'.{suggest(name, list(classes))} "
                    f"The classes are: {', '.join(classes)}."
                )
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1e6 or truth == called:
            raise ConfigError(f"calibrate.class_costs has '{part}'. Write TRUE:CALLED=COST, a cost from 0 to 1000000.")
        costs[classes.index(truth), classes.index(called)] = value
    return costs


def _fitted(name: str, probabilities: Floats, target: Targets, costs: Floats | None) -> Floats:
    """Return a weight for each class, their geometric mean 1; empty where costs decide."""
    if costs is not None:
        return np.empty(0)
    n_classes = probabilities.shape[1]
    # one image more for each class: one that a fold lacks must not weigh infinitely much
    shares = (np.bincount(target, minlength=n_classes) + 1) / (len(target) + n_classes)
    weights = 1 / shares if name == "equal_priors" else _greatest_f1(probabilities, target, 1 / np.sqrt(shares))
    return np.asarray(weights / np.exp(np.log(weights).mean()))


def _greatest_f1(probabilities: Floats, target: Targets, weights: Floats) -> Floats:
    """Return weights of greatest macro F1, changed class by class from where they begin."""
    weights = weights.copy()
    for _ in range(N_ROUNDS):
        for k in range(len(weights)):
            tried = [_macro_f1(probabilities * np.where(np.arange(len(weights)) == k, weights * step, weights), target)
                     for step in STEPS]  # fmt: skip
            best = np.flatnonzero(np.isclose(tried, np.max(tried)))
            weights[k] *= STEPS[best[np.argmin(np.abs(np.log(STEPS[best])))]]  # of equally good ones the least change
    return weights


def _macro_f1(scores: Floats, target: Targets) -> float:
    return float(np.nan_to_num(f1(confusion_matrix(target, scores.argmax(axis=1), n_classes=scores.shape[1]))).mean())


def _unjudged(name: str, weights: Floats, costs: Floats | None) -> ClassRule:
    flat = () if costs is None else tuple(costs.ravel().tolist())
    none = Estimate.undefined("not judged yet")
    return ClassRule(name, tuple(weights.tolist()), flat, none, none, none, none)


def _nested(
    called: Targets,
    plain: Targets,
    target: Targets,
    classes: tuple[str, ...],
    sample: Resampler,
    unit: str,
    confidence: float,
) -> tuple[Estimate, Estimate, Estimate, Estimate]:
    """Return balanced accuracy, macro F1, the balanced accuracy of the most probable class, and the gain."""
    n_classes = len(classes)
    count = [confusion_counter(target, each, n_classes=n_classes) for each in (called, plain)]

    def figures(weights: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
        by_rule, before = (counted(weights).reshape(n_classes, n_classes, -1) for counted in count)
        balanced = {"balanced": balanced_accuracy(by_rule), "plain": balanced_accuracy(before)}
        return balanced | {"f1": macro_mean(f1(by_rule)), "gain": balanced["balanced"] - balanced["plain"]}

    whole, replicates = figures(np.ones((len(target), 1))), bootstrap(figures, sample)
    sides = sample.supports(target, classes)
    found = [
        bootstrap_estimate(
            float(whole[name][0]),
            replicates[name],
            n=len(target),
            n_clusters=sample.n_clusters,
            unit=unit,
            confidence=confidence,
            sides=sides,
        )
        for name in ("balanced", "f1", "plain", "gain")
    ]
    return found[0], found[1], found[2], found[3]
