"""Which calibration method: the one with the least NLL on validation images it was not fitted on.

Five folds of whole lesions or patients; each method is fitted on four of them and judged on the fifth. A method with
more numbers replaces a simpler one only where it is better by more than two standard errors of the difference: what may
be chance is a tie, and ties keep the one temperature.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import METHODS, Method, ProbabilityMap
from lentigo.numbers.calibration._fitting import fit_map
from lentigo.numbers.calibration._source_temperature import LeftOutSource, fit_over_sources
from lentigo.numbers.metrics import Resampler, nll_terms
from lentigo.numbers.predictions import Predictions

N_FOLDS: Final = 5  # of a class of 20 cases, the fewest for vector scaling, four are in each
N_ERRORS: Final = 2.0
"""Standard errors. Simulated with 560 images: where a temperature was right, it was kept in 100 of 100 sets (98 with
one error); where one class was favoured besides, by 1 in log-odds, that was found in 75 (97); with 2,000, always."""

LEAST_A_CLASS: Final[Mapping[Method, int]] = {"temperature": 0, "vector": 20, "isotonic": 100}
"""Independent cases of every class: ten for each number of vector scaling; what a curve needs at its ends."""

LEAST_IN_ALL: Final[Mapping[Method, int]] = {"temperature": 0, "vector": 100, "isotonic": 1000}
"""Isotonic regression overfits below a thousand cases (Niculescu-Mizil and Caruana 2005)."""

Floats = npt.NDArray[np.float64]
Targets = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One calibration method, judged on validation folds it was not fitted on.

    Args:
        method: its name.
        nll: mean negative log likelihood on held-out folds, in nats; NaN when it was not tried.
        gain: by how much that is below the one temperature's, in nats an image.
        gain_error: standard error of the gain, over lesions or patients.
        is_chosen: whether it is the one.
        reason: why it was not tried; None when it was.

    Example:
        >>> Candidate("vector", 0.21, 0.004, 0.003).is_chosen
        False
    """

    method: Method
    nll: float
    gain: float
    gain_error: float
    is_chosen: bool = False
    reason: str | None = None

    def json(self) -> dict[str, Any]:
        """Return the candidate as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the candidate that was written as JSON; null is NaN."""
        numbers = ("nll", "gain", "gain_error")
        return cls(**{**payload, **{name: math.nan if payload[name] is None else payload[name] for name in numbers}})


def choose_map(
    probabilities: Floats,
    target: Targets,
    *,
    groups: npt.NDArray[np.generic],
    method: Method | Literal["auto"] = "auto",
    seed: int = 0,
) -> tuple[ProbabilityMap, tuple[Candidate, ...]]:
    """Return the fitted map of the best method, and how every method did; the order of the images does not matter.

    Args:
        probabilities: (N, K) rows that sum to one.
        target: (N,) true class.
        groups: (N,) what must not be divided between folds: patient, lesion or image id.
        method: one of `METHODS` takes it as it is, without asking whether it is the best.
        seed: of the folds.

    Raises:
        MetricError: there are no images.

    Example:
        >>> rows, ids = np.array([[0.9, 0.1], [0.2, 0.8]] * 3), np.arange(6)
        >>> chosen, candidates = choose_map(rows, np.array([0, 1, 0, 1, 1, 0]), groups=ids)
        >>> chosen.method, candidates[1].reason
        ('temperature', 'needs 100 independent images; there are 6')
    """
    if method != "auto":
        return fit_map(method, probabilities, target), ()
    sample = Resampler.of(target, groups, n_resamples=1) if target.size else None
    reasons = {name: _too_few(name, target, sample) if sample else None for name in METHODS}
    tried = [name for name in METHODS if not reasons[name]]
    if sample is None or len(tried) == 1:
        chosen: Method = "temperature"
        terms = {}
    else:
        terms = _cross_fit(tried, probabilities, target, sample, seed=seed)
        chosen = _simplest_of_the_best(terms, sample.cluster)
    candidates = tuple(_candidate(name, terms, chosen, reasons[name], sample) for name in METHODS)
    return fit_map(chosen, probabilities, target), candidates


def find_map(
    said: Predictions,
    method: Method | Literal["auto"],
    *,
    groups: npt.NDArray[np.generic] | None,
    left_out: Mapping[str, Predictions] | None,
    seed: int,
) -> tuple[ProbabilityMap, tuple[Candidate, ...], tuple[LeftOutSource, ...]]:
    """Return the map, and what it was chosen among, or the left-out sources that its one temperature serves, too.

    Args:
        said: labelled predictions on validation.
        method: as of `choose_map`; left-out sources always mean one temperature.
        groups: (N,) lesion or patient of each image; None for images.
        left_out: predictions on sources by networks that had not learned from them.
        seed: of the folds on which methods are compared.

    Raises:
        PredictionsError: a left-out source has other classes, or no labelled images.
    """
    if left_out:
        temperature, judged = fit_over_sources(said, {name: part.labelled() for name, part in left_out.items()})
        return ProbabilityMap("temperature", temperature=temperature), (), judged
    unit = said.image if groups is None else groups
    return *choose_map(said.probabilities, said.target, groups=unit, method=method, seed=seed), ()


def _too_few(method: Method, target: Targets, sample: Resampler) -> str | None:
    least, least_each = LEAST_IN_ALL[method], LEAST_A_CLASS[method]
    if sample.n_clusters < least:
        return f"needs {least:,} independent images; there are {sample.n_clusters:,}"
    fewest = min(sample.count_clusters(target == k) for k in np.unique(target))
    return f"needs {least_each} independent images of each class; there are {fewest}" if fewest < least_each else None


def _cross_fit(
    methods: list[Method], probabilities: Floats, target: Targets, sample: Resampler, *, seed: int
) -> dict[Method, Floats]:
    """Return the (N,) negative log likelihood of each image under maps that were fitted without its group."""
    fold = fold_of(sample, seed=seed)
    terms: dict[Method, Floats] = {name: np.empty(target.size) for name in methods}
    for k in range(N_FOLDS):
        held_out = fold == k
        for name in methods:
            fitted = fit_map(name, probabilities[~held_out], target[~held_out])
            terms[name][held_out] = nll_terms(fitted.apply(probabilities[held_out]), target[held_out])
    return terms


def fold_of(sample: Resampler, *, seed: int) -> npt.NDArray[np.int64]:
    """Return the fold of each image: within every class the clusters are shuffled and dealt out in turn."""
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(int(size)) for size in sample.sizes]
    starts = np.cumsum(sample.sizes) - sample.sizes
    # the clusters of one class stand in a row; the next class goes on dealing where this one ended
    dealt = np.concatenate([start + order for start, order in zip(starts, shuffled, strict=True)])
    return np.asarray(dealt % N_FOLDS)[sample.cluster]


def _simplest_of_the_best(terms: Mapping[Method, Floats], cluster: npt.NDArray[np.int64]) -> Method:
    chosen, *others = terms
    for name in others:
        gain, error = _gain(terms[chosen], terms[name], cluster)
        if gain > N_ERRORS * error:
            chosen = name
    return chosen


def _gain(before: Floats, after: Floats, cluster: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return the mean of a difference, and its standard error over clusters."""
    difference = before - after
    mean = float(difference.mean())
    return mean, float(np.sqrt((np.bincount(cluster, weights=difference - mean) ** 2).sum()) / difference.size)


def _candidate(
    name: Method, terms: Mapping[Method, Floats], chosen: Method, reason: str | None, sample: Resampler | None
) -> Candidate:
    if name not in terms or sample is None:
        return Candidate(name, math.nan, math.nan, math.nan, is_chosen=name == chosen, reason=reason)
    gain, error = _gain(terms["temperature"], terms[name], sample.cluster)
    return Candidate(name, float(terms[name].mean()), gain, error, is_chosen=name == chosen)
