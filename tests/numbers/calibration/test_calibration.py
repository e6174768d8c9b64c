"""Temperature, thresholds and their file."""

import json
import logging
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from lentigo.config import CalibrateConfig
from lentigo.errors import MetricError, PredictionsError
from lentigo.model.decision import wilson_interval
from lentigo.numbers.calibration import (
    Calibration,
    apply_temperature,
    choose_threshold,
    fit_temperature,
)
from lentigo.numbers.metrics import negative_log_likelihood
from lentigo.numbers.predictions import Predictions

CLASSES = ("NV", "MEL", "BCC")


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def make(n: int = 400, *, overconfidence: float = 1.0, k: int = 3, seed: int = 0) -> Predictions:
    """Predictions whose targets are drawn from the softmax of logits, which are then multiplied by `overconfidence`."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2, size=(n, k))
    target = (softmax(logits).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(max=k - 1)
    return Predictions(np.arange(n).astype(str), target, softmax(logits * overconfidence), CLASSES[:k])


@pytest.mark.parametrize("overconfidence", [0.5, 1.0, 2.5])
def test_the_temperature_undoes_a_known_overconfidence(overconfidence: float) -> None:
    said = make(20_000, overconfidence=overconfidence)
    assert fit_temperature(said.probabilities, said.target) == pytest.approx(overconfidence, rel=0.04)


@given(st.integers(0, 10_000), st.floats(0.4, 3), st.integers(2, 3))
@settings(max_examples=25, deadline=None)
def test_the_temperature_is_where_a_plain_minimiser_finds_the_least_nll(seed: int, factor: float, k: int) -> None:
    said = make(200, overconfidence=factor, k=k, seed=seed)

    def nll(log_temperature: float) -> float:
        return negative_log_likelihood(apply_temperature(said.probabilities, math.exp(log_temperature)), said.target)

    best = minimize_scalar(nll, bounds=(math.log(0.1), math.log(10)), method="bounded", options={"xatol": 1e-9})
    assert fit_temperature(said.probabilities, said.target) == pytest.approx(math.exp(best.x), rel=1e-4)


def test_a_temperature_without_a_minimum_stops_at_a_bound_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    rows = np.array([[0.9, 0.1], [0.2, 0.8]])
    with caplog.at_level(logging.WARNING):
        assert fit_temperature(rows, np.array([1, 0])) == 10
        assert fit_temperature(np.array([[0.51, 0.49]] * 100), np.zeros(100, dtype=int)) == 0.1
    assert len(caplog.records) == 3


@pytest.mark.parametrize("n", [4, 10, 40, 200])
def test_after_n_images_without_an_error_one_is_still_thought_possible(n: int) -> None:
    rows = np.tile([[0.7, 0.3], [0.2, 0.8]], (n // 2, 1))
    temperature = fit_temperature(rows, np.tile([0, 1], n // 2))
    said = apply_temperature(rows, temperature)
    assert np.mean(1 - said.max(axis=1)) == pytest.approx(1 / (n + 2), rel=0.3)


@given(st.integers(1, 30), st.integers(2, 6), st.floats(0.1, 10), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_a_temperature_keeps_the_argmax_and_rows_that_sum_to_one(n: int, k: int, temperature: float, seed: int) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(k, 0.4), n)
    found = apply_temperature(rows, temperature)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    kept = np.take_along_axis(found, rows.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    np.testing.assert_array_equal(kept, found.max(axis=1))


def test_a_temperature_divides_logits_and_survives_probabilities_of_zero() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4))
    np.testing.assert_allclose(apply_temperature(softmax(logits), 1.7), softmax(logits / 1.7), atol=1e-12)
    assert apply_temperature(np.array([[1.0, 0.0]]), 2.0)[0, 0] == pytest.approx(1, abs=1e-7)
    assert np.isfinite(fit_temperature(np.array([[1.0, 0.0], [1.0, 0.0], [0.3, 0.7]]), np.array([0, 1, 1])))


@pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf])
def test_a_temperature_that_is_no_positive_number_is_refused(temperature: float) -> None:
    with pytest.raises(MetricError, match="not the parameters of the calibration method 'temperature'"):
        apply_temperature(np.array([[0.5, 0.5]]), temperature)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=60).filter(
        lambda pairs: any(t for t, _ in pairs)
    ),
    st.sampled_from([0.05, 0.5, 0.8, 0.9, 0.95, 0.975, 1.0]),
)
@settings(max_examples=150, deadline=None)
def test_the_threshold_is_the_highest_that_reaches_the_wanted_sensitivity(pairs, wanted: float) -> None:
    truth, probability = np.array([t for t, _ in pairs]), np.array([p / 20 for _, p in pairs])
    found = choose_threshold(truth, probability, target_sensitivity=wanted)
    reached = [t for t in np.unique(probability) if (probability[truth] >= t).mean() >= wanted - 1e-9]
    assert found == max(reached)


def test_95_percent_of_20_asks_for_19() -> None:
    probability = np.arange(1, 21) / 20
    assert choose_threshold(np.ones(20, dtype=bool), probability, target_sensitivity=0.95) == 0.1


def test_an_impossible_sensitivity_is_refused() -> None:
    for wanted in (0, 1.5, math.nan):
        with pytest.raises(MetricError, match=r"Try 0\.95"):
            choose_threshold(np.array([True]), np.array([0.5]), target_sensitivity=wanted)


def test_fit_lowers_nll_and_sets_thresholds_on_calibrated_probabilities() -> None:
    said = make(2000, overconfidence=3)
    fitted = Calibration.fit(said, malignant=["MEL", "BCC"], target_sensitivities=(0.9, 0.975), source_sha256="ab")
    assert fitted.nll_after < fitted.nll_before
    assert fitted.ece_after < fitted.ece_before
    assert (fitted.n_images, fitted.source_sha256, fitted.malignant_classes) == (2000, "ab", ("MEL", "BCC"))
    assert [point.name for point in fitted.operating_points] == ["sensitivity_90", "sensitivity_97.5", "youden"]
    probability, truth = fitted.apply(said).malignant(["MEL", "BCC"]), said.is_malignant(["MEL", "BCC"])
    for point in fitted.operating_points[:2]:
        called = probability >= point.threshold
        assert point.sensitivity.value == called[truth].mean() >= point.target_sensitivity
        assert point.specificity.value == (~called)[~truth].mean()
        assert (point.n_malignant, point.n_benign) == (truth.sum(), (~truth).sum())
        expected = wilson_interval(called[truth].sum(), truth.sum())
        assert (point.sensitivity.low, point.sensitivity.high) == pytest.approx(expected)
    assert "Wilson" in fitted.intervals


def test_intervals_of_operating_points_are_wider_over_lesions_than_over_images() -> None:
    one = make(300, seed=4)
    six_views = Predictions(
        np.arange(1800).astype(str), np.repeat(one.target, 6), np.repeat(one.probabilities, 6, axis=0), one.classes
    )
    lesions = np.repeat(np.arange(300), 6)
    once = CalibrateConfig(method="temperature")
    plain = Calibration.fit(six_views, malignant=["MEL"], settings=once).operating_points[0]
    grouped = Calibration.fit(six_views, malignant=["MEL"], settings=once, groups=lesions, unit="lesion")
    point = grouped.operating_points[0]
    assert point.specificity.value == plain.specificity.value
    widths = [estimate.high - estimate.low for estimate in (point.specificity, plain.specificity)]
    assert widths[0] / widths[1] == pytest.approx(6**0.5, rel=0.15)
    assert grouped.intervals == "95% Wilson by effective size, from 2000 resamples of 300 lesions"


def test_images_without_target_are_left_out_with_their_groups() -> None:
    said = make(100)
    target = said.target.copy()
    target[::3] = -1
    partly = Predictions(said.image, target, said.probabilities, said.classes)
    groups = np.arange(100) // 2
    found = Calibration.fit(partly, malignant=["MEL"], groups=groups, n_resamples=50)
    expected = Calibration.fit(partly.labelled(), malignant=["MEL"], groups=groups[target >= 0], n_resamples=50)
    assert found.json() == expected.json()


def test_apply_refuses_predictions_of_other_classes_or_another_order() -> None:
    fitted = Calibration.fit(make(), malignant=["MEL"])
    said = make()
    other = Predictions(said.image, said.target, said.probabilities, ("MEL", "NV", "BCC"))
    with pytest.raises(PredictionsError, match=r"classes NV, MEL, BCC; the predictions have MEL, NV, BCC"):
        fitted.apply(other)


@pytest.mark.parametrize(("target", "missing"), [(0, "malignant"), (1, "benign"), (-1, "malignant")])
def test_validation_with_one_side_only_is_refused_with_the_remedy(target: int, missing: str) -> None:
    said = make(10)
    one_sided = Predictions(said.image, np.full(10, target), said.probabilities, said.classes)
    with pytest.raises(MetricError, match=f"No {missing} one.*make a validation set with both"):
        Calibration.fit(one_sided, malignant=["MEL"])


def test_a_written_calibration_reads_back_exactly(tmp_path: Path) -> None:
    fitted = Calibration.fit(make(), malignant=["MEL"], target_sensitivities=(0.8, 0.95))
    fitted.write(tmp_path / "calibration.json")
    assert Calibration.read(tmp_path / "calibration.json") == fitted
    assert json.loads((tmp_path / "calibration.json").read_text())["schema_version"] == 2


def test_damaged_missing_and_future_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    with pytest.raises(MetricError, match="does not exist"):
        Calibration.read(path)
    Calibration.fit(make(), malignant=["MEL"]).write(path)
    payload = json.loads(path.read_text())
    path.write_text(json.dumps(payload | {"schema_version": 3}))
    with pytest.raises(MetricError, match="schema version 3; this lentigo reads 1 and 2"):
        Calibration.read(path)
    path.write_text(json.dumps({name: value for name, value in payload.items() if name != "temperature"}))
    with pytest.raises(MetricError, match=r"not a complete calibration \(KeyError\('temperature'\)\)"):
        Calibration.read(path)
