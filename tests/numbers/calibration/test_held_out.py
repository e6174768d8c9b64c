"""A threshold that keeps the wanted sensitivity in the worst source that was not learned from."""

import numpy as np
import pytest

from lentigo.errors import MetricError
from lentigo.numbers.calibration import Calibration, ChosenBand, choose_band, choose_threshold, demanded_sensitivity
from lentigo.numbers.calibration._held_out import demanded_in_each
from lentigo.numbers.predictions import Predictions

CLASSES = ("benign", "malignant")


def said_of(probability, prefix: str) -> Predictions:
    """Predictions on malignant images alone."""
    probability = np.asarray(probability)
    names = np.array([f"{prefix}{i}" for i in range(len(probability))])
    return Predictions(names, np.ones(len(names), int), np.column_stack([1 - probability, probability]), CLASSES)


HOME = said_of(np.linspace(0.01, 0.99, 99), "home")


def test_the_worst_source_decides_and_keeps_the_wanted_sensitivity() -> None:
    like_home = said_of(np.linspace(0.01, 0.99, 99), "like")
    lower = said_of(np.linspace(0.005, 0.5, 99), "lower")
    alone = demanded_sensitivity(0.8, {"like": (like_home, HOME)}, malignant=["malignant"])
    both = demanded_sensitivity(0.8, {"like": (like_home, HOME), "low": (lower, HOME)}, malignant=["malignant"])
    assert alone == pytest.approx(0.8, abs=0.02)
    assert both > 0.88
    there = lower.malignant(["malignant"])
    threshold = choose_threshold(HOME.target == 1, HOME.malignant(["malignant"]), target_sensitivity=both)
    assert (there >= threshold - 1e-6).mean() >= 0.8


def test_a_source_that_is_easier_never_lowers_what_is_asked_of_validation() -> None:
    easy = said_of(np.linspace(0.9, 0.99, 50), "easy")
    assert demanded_sensitivity(0.9, {"easy": (easy, HOME)}, malignant=["malignant"]) == 0.9


def test_of_few_malignant_images_all_are_to_be_found() -> None:
    few = said_of([0.05, 0.9, 0.9, 0.9, 0.9], "few")  # four of five would do for 0.8; n + 1 of them do not
    assert demanded_sensitivity(0.8, {"few": (few, HOME)}, malignant=["malignant"]) == pytest.approx(95 / 99)


def test_no_source_is_refused() -> None:
    with pytest.raises(MetricError, match="No source was held out"):
        demanded_sensitivity(0.9, {}, malignant=["malignant"])


def two_sources(n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, probability and source; malignant images of "b" look less malignant."""
    rng = np.random.default_rng(3)
    source = np.repeat(["a", "b"], n)
    truth = rng.random(2 * n) < 0.5
    odds = 2.0 * truth - 1 + rng.normal(0, 1, 2 * n) - 1.2 * (truth & (source == "b"))
    return truth, 1 / (1 + np.exp(-odds)), source


def test_thresholds_for_every_source_keep_the_sensitivity_in_each() -> None:
    truth, probability, source = two_sources()
    rows = np.column_stack([1 - probability, probability])
    said = Predictions(np.arange(len(truth)).astype(str), truth.astype(int), rows, CLASSES)
    pooled = Calibration.fit(said, malignant=["malignant"])
    each = Calibration.fit(said, malignant=["malignant"], kept_in=source, fewest=10)

    def reached(calibration: Calibration) -> dict[str, float]:
        called = calibration.apply(said).malignant(["malignant"]) >= calibration.operating_points[0].threshold - 1e-6
        return {name: float(called[truth & (source == name)].mean()) for name in ("a", "b")}

    assert reached(pooled)["b"] < 0.95
    assert min(reached(each).values()) >= 0.95
    point = each.operating_points[0]
    assert point.name == "sensitivity_95"
    assert point.target_sensitivity == 0.95
    assert point.describe().endswith("in every source of validation")
    assert point.sensitivity.value > 0.95


def test_a_source_with_few_malignant_images_is_named_and_does_not_decide(caplog) -> None:
    truth, probability, source = two_sources()
    source = np.append(source, "c")
    found = demanded_in_each(0.9, np.append(truth, True), np.append(probability, 0.0), source, fewest=10)
    assert found < 1
    assert "do not hold for c: fewer than 10 malignant images each in validation" in caplog.text


def test_one_source_is_not_enough_for_thresholds_of_every_source() -> None:
    truth, probability, _ = two_sources()
    with pytest.raises(MetricError, match="two are needed"):
        demanded_in_each(0.9, truth, probability, np.full(len(truth), "a"), fewest=10)


def test_the_band_of_every_source_leaves_few_missed_in_each() -> None:
    truth, probability, source = two_sources(2000)
    how = {"threshold": 0.2, "target_missed": 0.05, "most_deferred": 0.6}
    pooled = choose_band(truth, probability, **how)
    each = choose_band(truth, probability, kept_in=source, fewest=10, **how)

    def missed(band: ChosenBand, name: str) -> float:
        answered = truth & (source == name) & ~band.is_low(probability)
        return float((probability[answered] < 0.2).mean())

    assert pooled.is_reached
    assert each.is_reached
    assert missed(pooled, "b") > 0.05
    assert max(missed(each, "a"), missed(each, "b")) <= 0.05
    assert each.missed < pooled.missed
