"""Conformal sets: their quantiles by hand, and their promise in simulation."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lentigo.errors import MetricError
from lentigo.numbers.calibration import Conformal

NAMES = ("NV", "MEL")


def draw(rng: np.random.Generator, n: int, *, share: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    target = (rng.random(n) < share).astype(int)
    p = 1 / (1 + np.exp(-rng.normal(np.where(target == 1, 1.0, -2.0), 1.5)))
    return np.stack([1 - p, p], axis=1), target


def test_the_threshold_is_the_order_statistic_of_the_textbook() -> None:
    # 19 images, error 0.1: ceil(20 x 0.9) = 18, so the 18th highest of 0.01, 0.02, ..., 0.19
    p = np.arange(1, 20) / 100
    rows = np.concatenate([np.stack([1 - p, p], axis=1), np.tile([0.9, 0.1], (19, 1))])
    fitted = Conformal.fit(rows, np.repeat([1, 0], 19), NAMES, error=0.1)
    assert fitted.classes["MEL"].threshold == pytest.approx(0.02)


@given(st.integers(0, 10_000), st.integers(20, 200), st.sampled_from([0.05, 0.1, 0.2]))
@settings(max_examples=40, deadline=None)
def test_on_the_calibration_images_each_class_is_covered_as_promised(seed: int, n: int, error: float) -> None:
    rows, target = draw(np.random.default_rng(seed), n)
    sets = Conformal.fit(rows, target, NAMES, error=error).sets(rows)
    for k in range(2):
        if (target == k).any():
            assert sets[target == k, k].mean() >= 1 - error


def test_new_images_are_covered_on_average_by_the_promise_and_hardly_more() -> None:
    rng = np.random.default_rng(0)
    fresh, truth = draw(rng, 20_000)
    coverage = []
    for _ in range(300):
        rows, target = draw(rng, 200)
        sets = Conformal.fit(rows, target, NAMES, error=0.1).sets(fresh)
        coverage.append([sets[truth == k, k].mean() for k in range(2)])
    found = np.mean(coverage, axis=0)
    # at least 0.9, at most 0.9 + 1 / (n + 1) with 140 and 60 images a class; 300 repeats have a standard error of 0.002
    assert (found > 0.895).all()
    assert (found < [0.9 + 1 / 141 + 0.006, 0.9 + 1 / 55 + 0.006]).all()


def test_the_expected_range_holds_the_coverage_of_95_of_100_calibrations() -> None:
    rng = np.random.default_rng(1)
    fresh, truth = draw(rng, 50_000, share=0.5)
    inside = []
    for _ in range(400):
        rows, target = draw(rng, 160, share=0.5)
        fitted = Conformal.fit(rows, target, NAMES, error=0.1)
        found = fitted.classes["MEL"]
        inside.append(found.low <= fitted.sets(fresh)[truth == 1, 1].mean() <= found.high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_many_images_a_lesion_neither_break_the_promise_nor_count_as_many() -> None:
    # a lesion has 1 or 20 images that share most of their score
    rng = np.random.default_rng(2)

    def lesions(n: int) -> tuple[np.ndarray, np.ndarray]:
        sizes = np.where(rng.random(n) < 0.2, 20, 1)
        centre = np.repeat(rng.normal(np.where(sizes == 20, 3.0, 0.0), 1.0), sizes)
        p = 1 / (1 + np.exp(-(centre + rng.normal(0, 0.2, centre.size))))
        return np.stack([1 - p, p], axis=1), np.repeat(np.arange(n), sizes)

    hierarchical, naive = [], []
    for _ in range(200):
        rows, group = lesions(60)
        target = np.ones(len(rows), dtype=int)
        new, new_group = lesions(400)
        one_each = np.unique(new_group, return_index=True)[1]  # a random image of each new lesion
        for kept, groups in ((hierarchical, group), (naive, None)):
            fitted = Conformal.fit(rows, target, NAMES, error=0.1, groups=groups, unit="lesion")
            kept.append(fitted.sets(new[one_each])[:, 1].mean())
    assert np.mean(hierarchical) > 0.895
    assert np.mean(naive) < 0.85


def test_a_class_with_too_few_cases_belongs_to_every_set_and_this_is_said() -> None:
    rows = np.tile([[0.9, 0.1]], (28, 1))
    fitted = Conformal.fit(rows, np.repeat([0, 1], [20, 8]), NAMES, error=0.1)
    assert fitted.classes["MEL"].threshold == 0
    assert fitted.too_few == ("MEL",)
    assert "MEL: fewer than 9 images, so always in the set" in fitted.guarantee()
    nine = Conformal.fit(np.tile([[0.9, 0.1]], (29, 1)), np.repeat([0, 1], [20, 9]), NAMES, error=0.1)
    assert nine.too_few == ()


def test_the_guarantee_says_its_limits_and_travels_with_the_numbers() -> None:
    rows, target = draw(np.random.default_rng(0), 100)
    fitted = Conformal.fit(rows, target, NAMES)
    for word in ("at least 90%", "exchangeability", "not for a single image", "subgroups", "Another hospital"):
        assert word in fitted.guarantee()
    # of 8 patients on test the coverage was 96.3% (72.0 to 99.6%): that shows nothing, whatever validation was
    few = Conformal.fit(*draw(np.random.default_rng(0), 20), NAMES)
    for sets in (few, fitted):
        assert "compare the coverage on test images, with its interval." in sets.guarantee()
    payload = json.loads(json.dumps(fitted.json()))
    assert payload["guarantee"] == fitted.guarantee()
    assert Conformal.from_json(payload) == fitted


@pytest.mark.parametrize("error", [0, 1, -1])
def test_an_impossible_error_is_refused(error: float) -> None:
    with pytest.raises(MetricError, match=r"Try 0\.1"):
        Conformal.fit(np.array([[0.5, 0.5]]), np.array([0]), NAMES, error=error)


@pytest.mark.parametrize("n", [8, 60])
def test_sets_that_always_hold_every_class_promise_nothing(n: int) -> None:
    """Of 13 images it was said that at least 90 % have their class in the set, which always held both."""
    target = np.arange(n) % 2
    rows = np.where(target[:, None] == np.arange(2), 0.8, 0.2)
    said = Conformal.fit(rows, target, NAMES).guarantee()
    assert ("each is always in the set: these sets tell nothing" in said) is (n == 8)
    assert ("at least 90% have their true class" in said) is (n == 60)
