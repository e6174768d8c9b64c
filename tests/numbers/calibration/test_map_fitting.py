"""The maps of probabilities, and how their numbers are found."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from lentigo.errors import MetricError
from lentigo.model.decision import METHODS, ProbabilityMap
from lentigo.numbers.calibration import apply_temperature
from lentigo.numbers.calibration._fitting import fit_map
from lentigo.numbers.calibration._temperature import fit_temperature
from lentigo.numbers.metrics import auroc, negative_log_likelihood


def draw(n: int, k: int, *, seed: int, temperature: float = 1.0, favour: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are too extreme by `temperature`, class 0 favoured, and targets drawn from the true ones."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2, size=(n, k))
    target = (softmax(logits, axis=1).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(max=k - 1)
    said = logits * temperature
    said[:, 0] += favour
    return softmax(said, axis=1), target


@pytest.mark.parametrize("method", METHODS)
@given(n=st.integers(2, 60), k=st.integers(2, 5), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_every_map_gives_probabilities_and_reads_back_equal(method: str, n: int, k: int, seed: int) -> None:
    rows, target = draw(n, k, seed=seed)
    rows[0] = np.eye(k)[0]  # certainty is not a reason to stumble
    found = fit_map(method, rows, target)
    mapped = found.apply(rows)
    assert mapped.min() >= 0
    np.testing.assert_allclose(mapped.sum(axis=1), 1, atol=1e-9)
    again = ProbabilityMap.from_json(json.loads(json.dumps(found.json())))
    np.testing.assert_array_equal(again.apply(rows), mapped)
    assert (again.method, again.scale, again.said) == (found.method, found.scale, found.said)


def test_vector_scaling_is_the_softmax_of_scaled_and_moved_log_probabilities() -> None:
    rows = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    found = ProbabilityMap("vector", scale=(0.5, 1.0, 2.0), offset=(0.3, 0.0, -0.3)).apply(rows)
    np.testing.assert_allclose(found, softmax(np.log(rows) * [0.5, 1, 2] + [0.3, 0, -0.3], axis=1), atol=1e-12)


def test_vector_scaling_undoes_a_favoured_class_that_a_temperature_cannot() -> None:
    rows, target = draw(4000, 3, seed=1, temperature=2.0, favour=2.0)
    honest, _ = draw(4000, 3, seed=1)
    losses = {name: negative_log_likelihood(fit_map(name, rows, target).apply(rows), target) for name in METHODS}
    best = negative_log_likelihood(honest, target)
    assert losses["vector"] == pytest.approx(best, abs=0.01)
    assert losses["temperature"] > best + 0.04


def test_vector_scaling_of_a_few_separable_images_stays_near_the_temperature() -> None:
    rows, target = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]), np.array([0, 0, 1, 1])
    found = fit_map("vector", rows, target)
    sharpness = 1 / fit_temperature(rows, target)
    assert max(abs(scale - sharpness) for scale in found.scale) < 1
    assert max(map(abs, found.offset)) < 1


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_isotonic_curves_keep_the_ranking_of_two_classes(seed: int) -> None:
    rows, target = draw(300, 2, seed=seed, temperature=3.0)
    mapped = fit_map("isotonic", rows, target).apply(rows)
    order = np.argsort(rows[:, 1])
    assert (np.diff(mapped[order, 1]) >= -1e-12).all()
    assert auroc(target == 1, mapped[:, 1]) == pytest.approx(auroc(target == 1, rows[:, 1]), abs=1e-9)


def test_isotonic_curves_pass_through_the_middles_of_scikit_learns_steps() -> None:
    from sklearn.isotonic import IsotonicRegression

    rows, target = draw(500, 2, seed=3, temperature=2.0)
    found = fit_map("isotonic", rows, target)
    steps = IsotonicRegression(y_min=0, y_max=1).fit_transform(rows[:, 1], (target == 1).astype(float))
    inner = np.unique(steps.round(12))[1:-1]
    middles = [rows[np.isclose(steps, level), 1].mean() for level in inner]
    np.testing.assert_allclose(np.interp(middles, found.said[1], found.meant[1]), inner, atol=1e-9)


def test_no_handful_of_images_makes_an_isotonic_curve_certain() -> None:
    rows, target = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]), np.array([0, 0, 1, 1])
    mapped = fit_map("isotonic", rows, target).apply(np.array([[0.85, 0.15]]))
    assert mapped[0, 1] == pytest.approx(1 / 6)  # one case in N + 2, at the middle of the lower step


def test_a_temperature_map_is_the_plain_number_of_old_files() -> None:
    rows = np.array([[0.9, 0.1]])
    found = ProbabilityMap.from_json({"temperature": 1.5})
    np.testing.assert_array_equal(found.apply(rows), apply_temperature(rows, 1.5))
    assert found.json() == {"method": "temperature", "temperature": 1.5}
    other = ProbabilityMap("vector", scale=(1.0, 1.0), offset=(0.0, 0.0))
    assert "temperature" not in other.json()
    assert math.isnan(other.temperature)  # so that nobody divides by it unnoticed


@pytest.mark.parametrize(
    "numbers",
    [
        {"method": "temperature"},
        {"method": "vector", "scale": (1.0, -1.0), "offset": (0.0, 0.0)},
        {"method": "isotonic", "said": ((0.0, 0.0),) * 2, "meant": ((0.0, 1.0),) * 2},
        {"method": "magic", "temperature": 1.0},
    ],
)
def test_numbers_that_are_no_map_are_refused(numbers: dict) -> None:
    with pytest.raises(MetricError, match="not the parameters of the calibration method"):
        ProbabilityMap(**numbers)


def test_a_map_of_other_classes_is_refused() -> None:
    with pytest.raises(MetricError, match="for 2 classes; got 3"):
        ProbabilityMap("vector", scale=(1.0, 1.0), offset=(0.0, 0.0)).apply(np.full((1, 3), 1 / 3))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_isotonic_curves_of_very_sure_predictions_are_curves_still(n_classes: int) -> None:
    rng = np.random.default_rng(0)
    target = rng.integers(0, n_classes, 2000)
    logits = rng.normal(0, 14, (2000, n_classes)) + 24 * np.eye(n_classes)[target]
    rows = softmax(logits, axis=1)
    assert (rows[:, 0] < 1e-16).any()
    mapped = fit_map("isotonic", rows, target).apply(rows)
    assert np.isfinite(mapped).all()
    np.testing.assert_allclose(mapped.sum(axis=1), 1)
    assert negative_log_likelihood(mapped, target) < negative_log_likelihood(rows, target)
