"""How the numbers of a calibration method are found on validation; each method is safe where images are few."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from lentigo.model.decision import Method, ProbabilityMap, log_probabilities
from lentigo.numbers.calibration._temperature import fit_temperature

Floats = npt.NDArray[np.float64]
Targets = npt.NDArray[np.integer]
Bools = npt.NDArray[np.bool_]

_SCALE_BOUNDS = (0.02, 20.0)
"""Wider than those of a temperature by a factor of two: a class may need more than all together."""

_APART = 1e-12  # bends are kept off 0 and 1 by this, so that a curve has a logarithm at both ends


def fit_map(method: Method, probabilities: Floats, target: Targets) -> ProbabilityMap:
    """Return the map of one method that fits labelled predictions best.

    Args:
        method: which.
        probabilities: (N, K) rows that sum to one.
        target: (N,) true class.

    Raises:
        MetricError: there are no images.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])
        >>> fit_map("temperature", sure, np.array([0, 0, 1, 1])).describe()
        'temperature 2.000'
    """
    temperature = fit_temperature(probabilities, target)
    if method == "temperature":
        return ProbabilityMap(method, temperature=temperature)
    if method == "vector":
        scale, offset = _fit_vector(probabilities, target, 1 / temperature)
        return ProbabilityMap(method, scale=tuple(scale.tolist()), offset=tuple(offset.tolist()))
    curves = _fit_curves(probabilities, target)
    return ProbabilityMap(
        method,
        said=tuple(tuple(said.tolist()) for said, _ in curves),
        meant=tuple(tuple(meant.tolist()) for _, meant in curves),
    )


def _fit_vector(probabilities: Floats, target: Targets, sharpness: float) -> tuple[Floats, Floats]:
    """Return factors and offsets, drawn towards the one temperature by a normal prior of standard deviation 1.

    The prior costs half a nat in all, so 500 images outvote it; five separable ones do not run away to infinity.
    """
    logits = log_probabilities(probabilities)
    n_classes = logits.shape[1]
    truth = np.eye(n_classes)[target]
    start = np.concatenate([np.full(n_classes, sharpness), np.zeros(n_classes)])

    def loss(numbers: Floats) -> tuple[float, Floats]:
        scaled = numbers[:n_classes] * logits + numbers[n_classes:]
        log_shares = scaled - logsumexp(scaled, axis=1, keepdims=True)
        gap, drift = np.exp(log_shares) - truth, numbers - start
        slope = np.concatenate([(gap * logits).sum(axis=0), gap.sum(axis=0)])
        return float(-(truth * log_shares).sum() + (drift**2).sum() / 2), slope + drift

    bounds = [_SCALE_BOUNDS] * n_classes + [(None, None)] * n_classes
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:n_classes], found[n_classes:]


def _fit_curves(probabilities: Floats, target: Targets) -> list[tuple[Floats, Floats]]:
    n_classes = probabilities.shape[1]
    curves = [_fit_curve(probabilities[:, k], target == k) for k in range(1 if n_classes == 2 else 0, n_classes)]
    if n_classes == 2:
        # two classes say the same thing twice: the first curve is the second one upside down
        said, meant = curves[0]
        curves.insert(0, (1 - said[::-1], 1 - meant[::-1]))
    return curves


def _fit_curve(probability: Floats, outcome: Bools) -> tuple[Floats, Floats]:
    """Return the bends of a strictly rising curve: centred isotonic regression (Oron and Flournoy 2017).

    Plain isotonic regression is a staircase, on which images that the model ranks become equal, and it promises 0 and 1
    after a handful of images. So every step is taken at its middle only, with straight lines between, and no step is
    nearer to 0 or 1 than one case in N + 2.
    """
    from sklearn.isotonic import IsotonicRegression  # a second of imports, for the rare validation set of this size

    steps = IsotonicRegression(y_min=0, y_max=1).fit_transform(probability, outcome.astype(np.float64))
    level, step = np.unique(steps.round(12), return_inverse=True)
    middle = np.bincount(step, weights=probability) / np.bincount(step)
    least = 1 / (probability.size + 2)
    level = level.clip(least, 1 - least)
    # bends that stay apart when the curve is turned upside down, where doubles near 1 are 1e-16 apart
    middle, place = np.unique(middle.round(12).clip(_APART, 1 - _APART), return_index=True)
    return np.concatenate([[0.0], middle, [1.0]]), np.concatenate([[0.0], level[place], [1.0]])
