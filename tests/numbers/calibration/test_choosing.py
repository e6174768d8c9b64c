"""Which method calibrates."""

import math

import numpy as np
import pytest
from scipy.special import softmax

from lentigo.numbers.calibration._choosing import choose_map


def draw(n: int, *, seed: int, favour: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2, size=(n, 2))
    target = (softmax(logits, axis=1)[:, 0] < rng.random(n)).astype(int)
    return softmax(1.5 * logits + [favour, 0], axis=1), target


def test_a_temperature_that_is_right_is_kept() -> None:
    kept = [choose_map(*draw(560, seed=seed), groups=np.arange(560))[0].method for seed in range(20)]
    assert kept == ["temperature"] * 20


def test_vector_scaling_is_chosen_where_a_class_is_favoured() -> None:
    found, candidates = choose_map(*draw(2000, seed=0, favour=1.0), groups=np.arange(2000))
    assert found.method == "vector"
    by_name = {candidate.method: candidate for candidate in candidates}
    assert by_name["vector"].is_chosen
    assert by_name["vector"].gain > 2 * by_name["vector"].gain_error > 0
    assert by_name["temperature"].gain == 0
    assert by_name["isotonic"].reason is None


def test_few_cases_are_left_to_the_temperature_and_the_reason_is_said() -> None:
    rows, target = draw(90, seed=0, favour=3.0)
    found, candidates = choose_map(rows, target, groups=np.arange(90))
    assert found.method == "temperature"
    assert [candidate.reason for candidate in candidates] == [
        None,
        "needs 100 independent images; there are 90",
        "needs 1,000 independent images; there are 90",
    ]
    assert math.isnan(candidates[0].nll)


def test_lesions_are_counted_not_their_images() -> None:
    rows, target = draw(150, seed=0)
    many = np.repeat(rows, 10, axis=0), np.repeat(target, 10)
    _, candidates = choose_map(*many, groups=np.repeat(np.arange(150), 10))
    assert candidates[2].reason == "needs 1,000 independent images; there are 150"


def test_the_images_of_a_lesion_are_never_on_both_sides_of_a_fold() -> None:
    # ten copies an image: with copies on both sides, isotonic regression would learn them by heart
    rows, target = draw(1100, seed=5)
    many = np.repeat(rows, 10, axis=0), np.repeat(target, 10)
    found, candidates = choose_map(*many, groups=np.repeat(np.arange(1100), 10))
    single, alone = choose_map(rows, target, groups=np.arange(1100))
    assert found.method == single.method == "temperature"
    assert candidates[2].nll == pytest.approx(alone[2].nll, abs=2e-3)


def test_neither_the_choice_nor_the_numbers_depend_on_the_order_of_the_images() -> None:
    rows, target = draw(400, seed=2, favour=1.0)
    ids = np.array([f"ISIC_{i}" for i in range(400)])
    shuffled = np.random.default_rng(0).permutation(400)
    found, candidates = choose_map(rows, target, groups=ids)
    again, others = choose_map(rows[shuffled], target[shuffled], groups=ids[shuffled])
    assert again.method == found.method
    assert again.scale == pytest.approx(found.scale, rel=1e-4)
    assert [one.nll for one in others[:2]] == pytest.approx([one.nll for one in candidates[:2]], abs=1e-6)


def test_a_method_that_was_asked_for_is_taken_as_it_is() -> None:
    rows, target = draw(30, seed=0)
    found, candidates = choose_map(rows, target, groups=np.arange(30), method="isotonic")
    assert (found.method, candidates) == ("isotonic", ())
