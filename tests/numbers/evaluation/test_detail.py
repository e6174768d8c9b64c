"""The detail of an evaluation: reliability, deferral and conformal sets on test, the headline and the text."""

import dataclasses
import json
from dataclasses import replace

import numpy as np
import pytest

from lentigo.config import CalibrateConfig, EvaluateConfig
from lentigo.errors import MetricError
from lentigo.numbers.calibration import Calibration, RiskCoverage, margin
from lentigo.numbers.evaluation import DecisionFigures, Evaluation, evaluate, evaluate_whole
from lentigo.numbers.metrics import negative_log_likelihood, reliability_bins
from lentigo.numbers.predictions import Predictions
from lentigo.storage import jsonable
from lentigo.study.reporting import evaluation_table

QUICK = EvaluateConfig(n_resamples=100)


@pytest.fixture
def calibration(said) -> Calibration:
    return Calibration.fit(said(400, seed=7), malignant=["MEL"], settings=CalibrateConfig(method="temperature"))


@pytest.fixture
def detail(said, listed, calibration) -> DecisionFigures:
    one = said()
    manifest = listed(one, sex=np.array(["female", "male"])[np.arange(300) % 2])
    return evaluate_whole(one, malignant=["MEL"], calibration=calibration, manifest=manifest, settings=QUICK).detail


def test_reliability_is_that_of_the_bins_before_and_after_calibration(said, calibration, detail) -> None:
    one = said()
    truth = one.is_malignant(["MEL"])
    for curve, count, probabilities in (
        (detail.reliability.before, detail.reliability.count_before, one),
        (detail.reliability.after, detail.reliability.count_after, calibration.apply(one)),
    ):
        expected = reliability_bins(truth, probabilities.malignant(["MEL"]))
        np.testing.assert_allclose(curve.x, expected.probability)
        np.testing.assert_allclose(curve.y, expected.observed)
        assert list(count) == expected.count.tolist()
        assert (curve.low <= curve.y).all()
        assert (curve.y <= curve.high).all()
    before, after = (negative_log_likelihood(x.probabilities, x.target) for x in (one, calibration.apply(one)))
    assert detail.reliability.nll_gain.value == pytest.approx(before - after)


def test_reliability_bands_widen_where_images_share_a_lesion(said, calibration) -> None:
    one = said(150)
    copies = Predictions(
        np.arange(900).astype(str), np.repeat(one.target, 6), np.repeat(one.probabilities, 6, axis=0), one.classes
    )
    how = {"malignant": ["MEL"], "calibration": calibration, "settings": EvaluateConfig(n_resamples=500)}
    alone = evaluate_whole(copies, **how).detail.reliability.after
    together = evaluate_whole(
        copies, groups=np.repeat(np.arange(150), 6), unit="lesion", **how
    ).detail.reliability.after
    np.testing.assert_allclose(alone.y, together.y)
    assert np.mean(together.high - together.low) > 1.8 * np.mean(alone.high - alone.low)


def test_risk_coverage_on_test_is_that_of_a_plain_loop(said, calibration, detail) -> None:
    p, truth = calibration.apply(said()).malignant(["MEL"]), said().is_malignant(["MEL"])
    threshold = calibration.operating_points[0].threshold
    confidence, wrong = margin(p, threshold=threshold), (p >= threshold) != truth
    assert detail.deferral.area.value == pytest.approx(RiskCoverage.of(wrong, confidence).area(np.ones((300, 1)))[0])
    assert detail.deferral.error.value == pytest.approx(wrong.mean())
    order = np.argsort(-confidence, kind="stable")
    for coverage, risk, missed in zip(
        detail.deferral.risk.x, detail.deferral.risk.y, detail.deferral.missed.y, strict=True
    ):
        kept = order[: round(coverage * 300)]
        assert risk == pytest.approx(wrong[kept].mean())
        if truth[kept].any():
            assert missed == pytest.approx(wrong[kept][truth[kept]].mean())
        else:
            assert np.isnan(missed)


def test_the_stored_band_is_judged_on_test(said, calibration, detail) -> None:
    p, truth = calibration.apply(said()).malignant(["MEL"]), said().is_malignant(["MEL"])
    is_low = calibration.low_confidence.is_low(p)
    outside = detail.deferral.outside
    assert outside["share"].value == pytest.approx(is_low.mean())
    called = p >= calibration.operating_points[0].threshold
    assert outside["sensitivity"].value == pytest.approx(called[truth & ~is_low].mean())
    assert outside["missed"].value == pytest.approx(1 - outside["sensitivity"].value)
    assert outside["specificity"].value == pytest.approx((~called)[~truth & ~is_low].mean())


def test_conformal_coverage_on_test_is_counted_per_class(said, calibration, detail) -> None:
    one = calibration.apply(said())
    sets = calibration.conformal.sets(one.probabilities)
    for k, name in enumerate(one.classes):
        assert detail.coverage.per_class[name].value == pytest.approx(sets[one.target == k, k].mean())
    assert detail.coverage.mean_size.value == pytest.approx(sets.sum(axis=1).mean())
    assert detail.coverage.single.value == pytest.approx((sets.sum(axis=1) == 1).mean())
    assert "at least 90%" in detail.coverage.guarantee


def test_a_set_of_one_class_is_impossible_where_two_are_in_every_set(said, calibration) -> None:
    known = calibration.conformal
    few = dict.fromkeys(list(known.classes)[:2], 3)
    classes = {name: replace(found, n_groups=few.get(name, found.n_groups)) for name, found in known.classes.items()}
    alike = replace(calibration, conformal=replace(known, classes=classes))
    found = evaluate_whole(said(), malignant=["MEL"], calibration=alike, manifest=None, settings=QUICK).detail.coverage
    assert (found.single.value, found.single.has_interval) == (0.0, False)
    assert not found.empty.has_interval


def _numbers(payload: object) -> list[float]:
    """Return every number of some JSON, in order."""
    if isinstance(payload, dict):
        payload = [payload[key] for key in sorted(payload)]
    if isinstance(payload, list):
        return [number for each in payload for number in _numbers(each)]
    return [payload] if isinstance(payload, float) else []


def test_the_order_of_the_images_does_not_matter(said, calibration) -> None:
    one = said()
    how = {"malignant": ["MEL"], "calibration": calibration, "settings": QUICK}
    turned = one.select(np.random.default_rng(0).permutation(300))
    first, second = (evaluate_whole(x, **how).detail.json() for x in (one, turned))
    for one_part, other in zip(_numbers(first), _numbers(second), strict=True):
        assert one_part == pytest.approx(other, abs=1e-12, nan_ok=True)  # sums of the same numbers in another order
    assert first["deferral"]["risk"]["y"] == pytest.approx(second["deferral"]["risk"]["y"])


def test_foreign_predictions_without_calibration_are_judged_at_a_half(said) -> None:
    found = evaluate_whole(said(), malignant=["MEL"], settings=QUICK).detail
    wrong = (said().malignant(["MEL"]) >= 0.5) != said().is_malignant(["MEL"])
    assert found.deferral.error.value == pytest.approx(wrong.mean())
    assert (found.reliability.before, found.coverage, found.subgroups, found.deferral.band) == (None,) * 4
    assert found.at_prevalence.points == ()


def test_images_of_one_side_have_no_prevalence_and_images_without_target_are_refused(said) -> None:
    one = said()
    benign = one.select(one.target == 0)
    found = evaluate_whole(benign, malignant=["MEL"], settings=QUICK).detail
    assert found.at_prevalence is None
    assert found.deferral.missed.json()["y"][-1] != found.deferral.missed.json()["y"][-1]  # NaN: nothing to miss
    unknown = Predictions(one.image, np.full(300, -1), one.probabilities, one.classes)
    with pytest.raises(MetricError, match="have no target"):
        evaluate_whole(unknown, malignant=["MEL"])


def test_an_evaluation_keeps_its_detail_in_its_file_and_names_the_worst_subgroup_first(
    said, calibration, detail, tmp_path
) -> None:
    figures = evaluate(
        calibration.apply(said()),
        malignant=["MEL"],
        operating_points=calibration.operating_points,
        n_resamples=100,
    )
    whole = dataclasses.replace(figures, detail=detail)
    whole.write(tmp_path / "evaluation.json")
    again = Evaluation.read(tmp_path / "evaluation.json")
    assert jsonable(again.json()) == jsonable(whole.json()) == json.loads((tmp_path / "evaluation.json").read_text())
    table, worst = detail.subgroups.worst
    assert f"Lowest of 2 subgroups that can be compared: {table.name} {worst.value}, sensitivity" in whole.headline
    assert f"(n = {worst.n_malignant} malignant images)" in whole.headline
    text = evaluation_table(whole)
    assert text.replace("\n", " ").startswith(whole.headline)
    for words in ("at a prevalence of", "biopsies per malignancy", "AURC", "conformal sets", "by sex", "corrected"):
        assert words in text
    assert text.isascii()
    assert max(map(len, text.split("\n"))) <= 88


def test_an_evaluation_without_detail_has_no_headline(said) -> None:
    plain = evaluate(said(), malignant=["MEL"], n_resamples=50)
    assert plain.headline == ""
    assert DecisionFigures.from_json(DecisionFigures().json()).json() == DecisionFigures().json()
