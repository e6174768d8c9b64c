"""Compiled loops give NumPy's figures, and work is counted: one pass over the resamples, whatever is asked of it."""

import dataclasses

import numpy as np
import pytest

from lentigo.config import EvaluateConfig
from lentigo.numbers.calibration import RiskCoverage
from lentigo.numbers.evaluation import evaluate, evaluate_whole
from lentigo.numbers.metrics import Ranking, Resampler, _loops, group_sum, partial_auroc_of, specificity_at, term_sums
from lentigo.numbers.predictions import Predictions

RATES = np.array([0.0, 0.07, 0.5, 0.9, 1.0])


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(_loops, "_FEWEST_VALUES", 1)
    return _loops.installed_loops()


def _scores(n: int = 300, decimals: int = 8):
    rng = np.random.default_rng(0)
    truth = rng.random(n) < 0.3
    return truth, (rng.normal(size=n) + truth).round(decimals)


def _weightings(n: int = 300) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    counts = rng.poisson(1, (n, 12))
    counts[:, 3] = 0  # no weight at all
    return [counts.astype(np.uint8), rng.random((n, 9))]


def _figures_of_a_ranking(truth: np.ndarray, score: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    ranking = Ranking.of(truth, score)
    counts = ranking.weigh(weights)
    area, average = ranking.areas(weights)
    return {
        "auroc": area,
        "average_precision": average,
        "partial": partial_auroc_of(counts),
        "sensitivity": counts.sensitivity_at(RATES),
        "specificity": specificity_at(counts, RATES),
        "precision": counts.precision_at(RATES),
        "risk": RiskCoverage.of(truth, np.abs(score)).area(weights),
        "groups": group_sum(np.arange(truth.size) % 7 - 1, 6)(weights),
        "products": group_sum(np.arange(truth.size) % 7 - 1, 6, values=score)(weights),
        "terms": term_sums([score, score**2])(weights),
    }


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("decimals", [8, 1])  # without and with ties
@pytest.mark.parametrize("kind", [0, 1])
def test_compiled_loops_give_the_figures_of_numpy(compiled, monkeypatch, decimals: int, kind: int) -> None:
    assert compiled is not None
    truth, score = _scores(decimals=decimals)
    weights = _weightings()[kind]
    found = _figures_of_a_ranking(truth, score, weights)
    monkeypatch.setattr(_loops, "_FEWEST_VALUES", 10**12)
    wanted = _figures_of_a_ranking(truth, score, weights.astype(np.float32) if kind == 0 else weights)
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12, atol=1e-12, err_msg=name)


def test_resamples_drawn_as_bytes_are_the_resamples(compiled) -> None:
    assert compiled is not None
    rng = np.random.default_rng(2)
    resampler = Resampler.of(rng.integers(0, 3, 400), rng.integers(0, 200, 400), n_resamples=20, seed=5)
    drawn = resampler.weights_in_bytes(3, 20)
    assert drawn.dtype == np.uint8
    np.testing.assert_array_equal(drawn, resampler.weights(3, 20))


def _said(n: int = 200) -> Predictions:
    rng = np.random.default_rng(3)
    rows = rng.dirichlet(np.ones(3), n)
    return Predictions(np.array([f"{i:04}" for i in range(n)]), rng.integers(0, 3, n), rows, ("NV", "BKL", "MEL"))


def test_figures_are_the_same_with_and_without_what_follows_from_deciding() -> None:
    how = {"malignant": ["MEL"], "groups": np.arange(200) // 2, "unit": "lesion", "seed": 4}
    whole = evaluate_whole(_said(), settings=EvaluateConfig(n_resamples=100), **how)
    figures = evaluate(_said(), n_resamples=100, **how)
    assert dataclasses.replace(whole, detail=None).json() == figures.json()


def test_every_resample_is_drawn_once_for_all_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    weights = Resampler.weights

    def counting(self: Resampler, start: int, stop: int) -> np.ndarray:
        drawn.extend(range(start, stop))
        return weights(self, start, stop)

    monkeypatch.setattr(Resampler, "weights", counting)
    evaluate_whole(_said(), malignant=["MEL"], settings=EvaluateConfig(n_resamples=130))
    assert drawn == list(range(130))
