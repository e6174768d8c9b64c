"""A threshold that keeps the wanted sensitivity in the worst source that was not learned from."""

import numpy as np
import pytest

from lentigo.errors import MetricError
from lentigo.numbers.calibration import choose_threshold, demanded_sensitivity
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
