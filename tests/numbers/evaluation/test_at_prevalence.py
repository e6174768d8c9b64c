"""Operating points and net benefit at another prevalence, against plain loops and simulated populations."""

import numpy as np
import pytest
from scipy import stats

from lentigo.errors import ConfigError
from lentigo.model.decision import Estimate, OperatingPoint, shift_probability
from lentigo.numbers.evaluation._at_prevalence import (
    NET_BENEFIT_GRID,
    PrevalenceScores,
    resample_prevalence,
)
from lentigo.numbers.evaluation._rates_elsewhere import net_benefit, predictive
from lentigo.numbers.evaluation._resampling import resample_all
from lentigo.numbers.metrics._few_clusters import expanded_confidence

NONE = Estimate.undefined("not measured")


def points(*thresholds: float) -> list[OperatingPoint]:
    return [OperatingPoint(f"p{i}", value, 0.95, NONE, NONE, 9, 9) for i, value in enumerate(thresholds)]


def asked(said, draws, *thresholds, prevalence=0.07) -> PrevalenceScores:
    truth, probability = said.is_malignant(["MEL"]), said.malignant(["MEL"])
    source = float(truth.mean())
    how = {"source": source, "prevalence": prevalence, "draws": draws}
    return resample_all({"x": resample_prevalence(truth, probability, points(*thresholds), **how)}, draws.resampler)[
        "x"
    ]


def test_ppv_npv_and_biopsies_are_those_of_a_population_of_that_prevalence(said, drawn) -> None:
    one = said()
    found = asked(one, drawn(one), 0.3).points[0]
    truth, called = one.is_malignant(["MEL"]), one.malignant(["MEL"]) >= 0.3
    sensitivity, specificity = called[truth].mean(), (~called)[~truth].mean()
    # of 100,000: 7,000 malignant
    hits, alarms = 7000 * sensitivity, 93000 * (1 - specificity)
    assert found.ppv.value == pytest.approx(hits / (hits + alarms))
    assert found.number_needed_to_biopsy.value == pytest.approx((hits + alarms) / hits)
    cleared, missed = 93000 * specificity, 7000 * (1 - sensitivity)
    assert found.npv.value == pytest.approx(cleared / (cleared + missed))
    for name in ("ppv", "npv", "number_needed_to_biopsy", "net_benefit"):
        assert getattr(found, name).low < getattr(found, name).value < getattr(found, name).high


def test_at_its_own_prevalence_the_figures_are_those_of_the_images(said, drawn) -> None:
    one = said()
    found = asked(one, drawn(one), 0.3, prevalence=None)
    truth, called = one.is_malignant(["MEL"]), one.malignant(["MEL"]) >= 0.3
    assert found.is_own
    assert found.points[0].ppv.value == pytest.approx(truth[called].mean())
    assert found.points[0].threshold_there == pytest.approx(0.3)
    # Vickers and Elkin's own form: (TP - FP x odds) / n
    y = [(truth & (one.malignant(["MEL"]) >= t)).sum() / 300 - (~truth & (one.malignant(["MEL"]) >= t)).sum() / 300
         * t / (1 - t) for t in NET_BENEFIT_GRID]  # fmt: skip
    np.testing.assert_allclose(found.net_benefit.y, y, atol=1e-12)


def test_intervals_are_percentiles_of_a_plain_loop_over_the_resamples(said, drawn) -> None:
    one = said(120)
    draws = drawn(one, n_resamples=50, groups=np.arange(120) // 2)
    found = asked(one, draws, 0.3, 0.6)
    truth, called = one.is_malignant(["MEL"]), one.malignant(["MEL"]) >= 0.6
    values = []
    for weight in draws.resampler.weights(0, 50).T:
        sensitivity = np.average(called[truth], weights=weight[truth])
        specificity = np.average(~called[~truth], weights=weight[~truth])
        values.append(predictive(np.array([sensitivity]), np.array([specificity]), 0.07)[0][0])
    ends = found.points[1].ppv.low, found.points[1].ppv.high
    side = min(truth, ~truth, key=draws.resampler.count_clusters)
    tail = (1 - expanded_confidence(0.95, draws.resampler.effective_clusters(side))) / 2
    assert ends == pytest.approx(tuple(np.quantile(values, [tail, 1 - tail])))


def test_a_shifted_threshold_calls_the_same_images(said, drawn) -> None:
    one = said()
    found = asked(one, drawn(one), 0.3)
    there = shift_probability(one.malignant(["MEL"]), source=found.source, target=0.07)
    same = one.malignant(["MEL"]) >= 0.3
    np.testing.assert_array_equal(there >= found.points[0].threshold_there, same)


def test_biopsy_all_is_the_textbook_line_and_meets_zero_at_the_prevalence(said, drawn) -> None:
    one = said()
    found = asked(one, drawn(one), prevalence=0.2)
    k = int(np.argmin(abs(NET_BENEFIT_GRID - 0.2)))
    assert found.biopsy_all[k] == pytest.approx(0)
    assert found.biopsy_all[0] == pytest.approx(0.2 - 0.8 * 0.01 / 0.99)
    # below any probability the model biopsies all
    everyone = net_benefit(np.ones(1), np.zeros(1), prevalence=0.2, threshold=0.1)
    assert everyone[0] == pytest.approx(0.2 - 0.8 / 9)


def test_a_point_that_calls_nobody_has_no_ppv(said, drawn) -> None:
    one = said()
    point = asked(one, drawn(one), 1.0).points[0]
    assert not point.ppv.is_defined
    assert point.number_needed_to_biopsy.json()["value"] is None


def test_a_sensitivity_of_all_found_is_not_taken_for_certain(said, drawn) -> None:
    one = said(60)
    point = asked(one, drawn(one), float(one.malignant(["MEL"])[one.target == 1].min())).points[0]
    n_malignant = int(one.target.sum())
    assert point.npv.value == point.npv.high == 1
    # as if one in about 2 n had been missed: beta's 2.5 % quantile
    worst = stats.beta.ppf(0.025, n_malignant + 0.5, 0.5)
    assert 0.9 < worst < 0.96
    assert point.npv.low < 1 - 0.07 * (1 - worst) / 2


def test_a_share_given_in_per_cent_is_refused(said, drawn) -> None:
    one = said()
    with pytest.raises(ConfigError, match=r"For 7 % write 0\.07"):
        asked(one, drawn(one), 0.3, prevalence=7)


def test_one_malignant_lesion_gives_no_interval_at_any_prevalence(said, drawn) -> None:
    one = said(120)
    truth = one.is_malignant(["MEL"])
    point = asked(one, drawn(one, groups=np.where(truth, 0, np.arange(1, 121))), 0.3).points[0]
    for name in ("ppv", "npv", "number_needed_to_biopsy", "net_benefit"):
        assert not getattr(point, name).has_interval, name
        assert "no interval" in getattr(point, name).reason


def test_few_malignant_lesions_leave_the_ends_of_both_rates_at_any_prevalence(said, drawn) -> None:
    one = said(120)
    truth = one.is_malignant(["MEL"])
    few = drawn(one, groups=np.where(truth, np.arange(120) % 3, np.arange(3, 123)))
    found = asked(one, few, 0.3).points[0]
    plain = asked(one, drawn(one), 0.3).points[0]
    for name in ("ppv", "npv", "net_benefit"):
        wide, narrow = getattr(found, name), getattr(plain, name)
        assert wide.low <= narrow.low < wide.value < narrow.high <= wide.high, name
        assert "of 3 images" in wide.reason
    assert found.npv.high - found.npv.low > 2 * (plain.npv.high - plain.npv.low)
    assert found.number_needed_to_biopsy.low == pytest.approx(1 / found.ppv.high)
    curve = asked(one, few, 0.3).net_benefit
    assert np.isnan(curve.low).all()
    assert not np.isnan(curve.y).any()


def test_a_rate_that_is_the_same_in_both_of_two_lesions_is_not_certain(said, drawn) -> None:
    # of each of two malignant lesions one image in two is found: no resample of lesions varies
    one = said(60)
    truth, called = one.is_malignant(["MEL"]), one.malignant(["MEL"]) >= 0.5
    found, missed = np.flatnonzero(truth & called)[:2], np.flatnonzero(truth & ~called)[:2]
    kept = np.concatenate([found, missed, np.flatnonzero(~truth)])
    groups = np.concatenate([[0, 1, 0, 1], np.arange(2, 2 + kept.size - 4)])
    few = one.select(kept)
    draws = drawn(few, groups=groups)
    specificity = (few.malignant(["MEL"]) < 0.5)[few.target == 0].mean()
    low, high = predictive(np.array([0.1, 0.9]), np.full(2, specificity), 0.07)[0]
    there = asked(few, draws, 0.5).points[0].ppv
    assert there.low < low < high < there.high
    here = asked(few, draws, 0.5, prevalence=None).points[0].ppv
    assert here.high - here.low > 0.2
