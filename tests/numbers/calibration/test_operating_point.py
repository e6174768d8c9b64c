"""Thresholds by cost and by Youden, and their record."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from lentigo.errors import MetricError
from lentigo.model._json_reader import Fields
from lentigo.model.decision import OperatingPoint
from lentigo.numbers.calibration._operating_point import cost_threshold, fit_operating_point, youden_threshold

both_sides = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60).filter(
    lambda pairs: len({truth for truth, _ in pairs}) == 2
)


@given(both_sides)
@settings(max_examples=100, deadline=None)
def test_youdens_threshold_has_scikit_learns_greatest_sum_and_misses_least(pairs) -> None:
    truth, probability = np.array([t for t, _ in pairs]), np.array([p / 20 for _, p in pairs])
    alarms, found, thresholds = roc_curve(truth, probability, drop_intermediate=False)
    chosen = youden_threshold(truth, probability)
    called = probability >= chosen
    gain = called[truth].mean() - called[~truth].mean()
    if (found - alarms).max() > 1e-9:  # else nothing beats calling nobody
        assert gain == pytest.approx((found - alarms).max(), abs=1e-12)
        best = thresholds[np.isclose(found - alarms, gain, atol=1e-12)]
        assert chosen == min(best[np.isin(best, probability[truth])])


@given(st.floats(0.1, 100), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
@settings(max_examples=100, deadline=None)
def test_at_the_cost_threshold_both_answers_cost_the_same(ratio: float, source: float, prevalence: float) -> None:
    threshold = cost_threshold(ratio, source=source, prevalence=prevalence)
    # a case at the threshold, seen at the prevalence: its odds change by the odds of the prevalences
    odds = threshold / (1 - threshold) * (prevalence / (1 - prevalence)) / (source / (1 - source))
    assert odds * ratio == pytest.approx(1, rel=1e-6)  # a miss, times its chance, costs what a false alarm does


def test_a_rarer_disease_needs_a_higher_threshold_at_equal_costs() -> None:
    rare, common = (cost_threshold(10, source=0.5, prevalence=share) for share in (0.05, 0.5))
    assert rare > common == pytest.approx(1 / 11)


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.inf])
def test_a_cost_ratio_that_is_no_positive_number_is_refused(ratio: float) -> None:
    with pytest.raises(MetricError, match="Try 10"):
        cost_threshold(ratio, source=0.5, prevalence=0.5)


def test_operating_points_say_by_which_rule_they_were_chosen_and_read_back_equal() -> None:
    truth, said = np.array([True, True, False, False]), np.array([0.9, 0.6, 0.7, 0.1])
    wanted = fit_operating_point(truth, said, target_sensitivity=0.9)
    costs = fit_operating_point(truth, said, cost_ratio=10, prevalence=0.07)
    best = fit_operating_point(truth, said)
    assert [point.rule for point in (wanted, costs, best)] == ["sensitivity", "cost", "youden"]
    assert [point.name for point in (wanted, costs, best)] == ["sensitivity_90", "cost_10", "youden"]
    assert "at a prevalence of 7%" in costs.describe()
    for point in (wanted, costs, best):
        assert OperatingPoint.from_fields(Fields(json.loads(json.dumps(point.json())), "a file")) == point


def test_a_point_of_an_old_bundle_has_the_target_that_its_name_says() -> None:
    figure = {"value": 0.98, "low": 0.9, "high": 1.0}
    old = {"threshold": 0.1, "sensitivity": figure, "specificity": figure}
    found = {name: OperatingPoint.from_fields(Fields({"name": name, **old}, "bundle.json"))
             for name in ("sensitivity_97.5", "cost_10", "youden", "mine_7", "sensitivity_best")}  # fmt: skip
    assert found["sensitivity_97.5"].target_sensitivity == 0.975
    assert (found["cost_10"].rule, found["cost_10"].cost_ratio) == ("cost", 10)
    assert found["youden"].rule == "youden"
    assert all(math.isnan(found[name].target_sensitivity) for name in ("youden", "mine_7", "sensitivity_best"))
    assert found["youden"].n is None
