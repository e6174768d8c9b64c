"""Two models on the same images: differences by a plain loop, tests by their definitions, refusals by their words."""

import json

import numpy as np
import pytest
from sklearn import metrics as oracle

from lentigo.errors import MetricError, PredictionsError
from lentigo.numbers.evaluation import ComparedModel, compare, trivial_model
from lentigo.numbers.metrics import Resampler
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting import comparison_table

SIDES = ("benign", "malignant")


def make(n: int = 300, *, signal: float = 1.5, noise_seed: int = 1) -> Predictions:
    target = (np.random.default_rng(0).random(n) < 0.4).astype(int)
    logit = np.random.default_rng(noise_seed).normal(size=n) + signal * (target - 0.5)
    said = 1 / (1 + np.exp(-logit))
    return Predictions(np.array([f"i{k:03d}" for k in range(n)]), target, np.column_stack([1 - said, said]), SIDES)


def judged(said: Predictions, name: str = "A", threshold: float | None = 0.5) -> ComparedModel:
    return ComparedModel(name, said, said.classes[1:], threshold=threshold)


GOOD, POOR = make(signal=4), make(signal=0.5, noise_seed=2)


def test_differences_are_of_both_models_on_the_same_resamples() -> None:
    groups = np.arange(300) // 2
    found = compare(judged(GOOD), judged(POOR, "B"), groups=groups, unit="lesion", n_resamples=200)
    weights = Resampler.of(GOOD.target, groups, n_resamples=200).weights(0, 200)
    drawn = [
        oracle.roc_auc_score(GOOD.target, GOOD.probabilities[:, 1], sample_weight=w)
        - oracle.roc_auc_score(POOR.target, POOR.probabilities[:, 1], sample_weight=w)
        for w in weights.T
    ]
    gap = found.figures["auroc"].difference
    assert gap.value == pytest.approx(found.figures["auroc"].first.value - found.figures["auroc"].second.value)
    assert (gap.low, gap.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.02)
    assert found.delong.value == pytest.approx(gap.value)
    assert (found.delong.low, found.delong.high) == pytest.approx((gap.low, gap.high), abs=0.02)
    assert found.delong_p < 1e-6
    assert found.resampling.n_units == 150
    text = comparison_table(found)
    assert text.isascii()
    assert "A better" in text
    assert "150 lesions" in " ".join(text.split())


@pytest.mark.parametrize(("n", "n_missed", "is_better"), [(14, 3, False), (200, 40, True)])
def test_a_model_that_finds_all_is_better_only_as_far_as_its_own_interval_tells(
    n: int, n_missed: int, is_better: bool
) -> None:
    """Resamples of 14 of 14 are 14 of 14, so that 14 and 11 of 14 differed beyond chance (exact test: p = 0.25)."""
    target = np.repeat([1, 0], [n, 60])
    images = np.array([f"i{k:03d}" for k in range(n + 60)])
    said = np.where(target == 1, 0.9, np.random.default_rng(0).random(n + 60) * 0.9)
    missed = np.where(np.arange(n + 60) < n_missed, 0.2, said)
    models = [Predictions(images, target, np.column_stack([1 - p, p]), SIDES) for p in (said, missed)]
    figure = compare(judged(models[0]), judged(models[1], "B"), n_resamples=400).figures["sensitivity"]
    assert figure.first.value == 1
    assert figure.difference.value == pytest.approx(n_missed / n)
    assert (figure.difference.low > 0) == is_better
    assert "from the interval of each model" in str(figure.difference.reason)


def test_a_model_does_not_differ_from_itself() -> None:
    found = compare(judged(GOOD), judged(GOOD), n_resamples=50, margin=0.02)
    for figure in found.figures.values():
        assert figure.difference.value == 0
        assert not figure.difference.has_interval
        assert figure.is_noninferior is None
    assert found.mcnemar["all"].p_value == 1
    assert json.loads(json.dumps(found.json()))["delong"]["p_value"] is None


def test_images_are_matched_by_id_whatever_their_order_and_truth_is_borrowed() -> None:
    order = np.random.default_rng(3).permutation(300)
    shuffled = POOR.select(order)
    without_truth = Predictions(shuffled.image, np.full(300, -1), shuffled.probabilities, SIDES)
    expected = compare(judged(GOOD), judged(POOR, "B"), n_resamples=50)
    for other in (shuffled, without_truth):
        found = compare(judged(GOOD), judged(other, "B"), n_resamples=50)
        assert found.figures["brier"] == expected.figures["brier"]


def test_other_images_or_another_truth_are_refused_by_name() -> None:
    with pytest.raises(PredictionsError, match=r"1 only in A: i299; 2 only in B: i000, i001"):
        compare(judged(GOOD.select(np.arange(2, 300))), judged(POOR.select(np.arange(299)), "B"), n_resamples=5)
    flipped = Predictions(POOR.image, np.r_[1 - POOR.target[:1], POOR.target[1:]], POOR.probabilities, SIDES)
    with pytest.raises(PredictionsError, match="do not agree on the truth of 1 image: i000"):
        compare(judged(GOOD), judged(flipped, "B"), n_resamples=5)
    with pytest.raises(MetricError, match="positive difference"):
        compare(judged(GOOD), judged(POOR), margin=0, n_resamples=5)


def test_a_model_of_diagnoses_and_one_of_sides_meet_as_benign_against_malignant() -> None:
    p = POOR.probabilities[:, 1]
    rows = np.column_stack([1 - p, p / 2, p / 2])
    finer = Predictions(POOR.image, POOR.target * 2, rows, ("NV", "BCC", "MEL"))
    found = compare(judged(GOOD), ComparedModel("B", finer, ("BCC", "MEL"), threshold=0.5), n_resamples=50)
    assert found.classes == SIDES
    expected = compare(judged(GOOD), judged(POOR, "B"), n_resamples=50)
    assert found.figures["auroc"].second.value == pytest.approx(expected.figures["auroc"].second.value)


def test_a_margin_is_kept_where_the_whole_interval_lies_above_it() -> None:
    close = Predictions(GOOD.image, GOOD.target, np.round(GOOD.probabilities, 2), SIDES)
    better = compare(judged(close), judged(GOOD), margin=0.05, n_resamples=300)
    worse = compare(judged(POOR), judged(GOOD), margin=0.05, n_resamples=300)
    assert better.figures["auroc"].is_noninferior
    assert not worse.figures["auroc"].is_noninferior
    assert worse.figures["brier"].is_noninferior is None
    assert "not shown" in comparison_table(worse)


@pytest.mark.parametrize("kind", ["always-benign", "prevalence"])
def test_trivial_models_call_everything_benign_and_rank_nothing(kind: str) -> None:
    model = judged(GOOD)
    found = compare(model, trivial_model(kind, model), n_resamples=50)
    share = (GOOD.target == 0).mean()
    assert found.figures["accuracy"].second.value == pytest.approx(share)
    assert found.figures["auroc"].second.value == 0.5
    assert (found.figures["sensitivity"].second.value, found.figures["specificity"].second.value) == (0.0, 1.0)
    assert found.beside["prevalence: Brier score"].value == pytest.approx(share * (1 - share))
