"""Losses: counted by hand, paired, and sorted by harm."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from lentigo.study.stressing import StressPredictions, choose, measure

TRUTH = np.array([True, True, True, True, False, False, False, False, False])
CLEAN = np.array([0.9, 0.8, 0.7, 0.4, 0.6, 0.3, 0.2, 0.1, 0.05])


def report_of(rows, *, keys=("jpeg",), groups=None, unit="image", **options):
    corrupted = np.stack([np.stack([row] * 5) for row in rows])
    groups = np.arange(TRUTH.size) if groups is None else groups
    answers = StressPredictions(TRUTH, groups, unit, CLEAN, corrupted, choose(list(keys)))
    return measure(answers, threshold=0.5, n_resamples=200, **options)


def test_figures_are_those_counted_by_hand():
    said = np.array([0.9, 0.3, 0.7, 0.6, 0.6, 0.55, 0.2, 0.1, 0.05])
    cell = report_of([said]).worst.cells[0]
    # malignant: 0.8 -> 0.3 is lost, 0.4 -> 0.6 is found: 3 of 4 before and after; benign: 0.3 -> 0.55 is called
    assert cell.sensitivity.value == 0.75
    assert cell.sensitivity_change.value == 0
    assert cell.specificity.value == pytest.approx(3 / 5)
    assert cell.specificity_change.value == pytest.approx(-1 / 5)
    assert cell.worse == "specificity"
    assert cell.loss.value == pytest.approx(0.2)
    assert cell.flip_rate.value == pytest.approx(3 / 9)
    assert cell.probability_change.value == pytest.approx((0.5 + 0.2 + 0.25) / 9)


def test_auroc_and_its_change_are_scikit_learns():
    said = np.random.default_rng(0).random(TRUTH.size)
    report = report_of([said])
    cell = report.worst.cells[4]
    assert cell.auroc.value == pytest.approx(roc_auc_score(TRUTH, said))
    assert cell.auroc_change.value == pytest.approx(roc_auc_score(TRUTH, said) - roc_auc_score(TRUTH, CLEAN))
    assert report.clean["auroc"].value == pytest.approx(roc_auc_score(TRUTH, CLEAN))


def test_an_unmoved_model_loses_nothing_and_claims_no_interval_for_it():
    cell = report_of([CLEAN]).worst.cells[0]
    assert cell.loss.value == 0
    assert not cell.is_certain
    assert cell.sensitivity_change.reason == "malignant images of only 4 images: no interval from fewer than 10"
    assert cell.flip_rate.value == 0
    assert cell.probability_change.value == 0


def test_interval_of_a_change_is_that_of_the_paired_difference():
    # The same images flip: resampled together the change varies with how often these are drawn, not with the rest.
    rng = np.random.default_rng(1)
    truth = np.ones(400, dtype=bool)
    truth[:200] = False
    clean = np.where(truth, rng.random(400), 0.0)
    said = clean.copy()
    said[200:204] = 1 - said[200:204]
    said = np.where((clean >= 0.5) & (np.arange(400) >= 396), 0.0, clean)
    answers = StressPredictions(truth, np.arange(400), "image", clean, np.stack([[said] * 5]), choose(["jpeg"]))
    cell = measure(answers, threshold=0.5, n_resamples=500).worst.cells[0]
    paired = cell.sensitivity_change.high - cell.sensitivity_change.low
    single = cell.sensitivity.high - cell.sensitivity.low
    assert paired < single / 3


def test_the_corruption_that_loses_more_comes_first():
    half = np.where(TRUTH, 0.0, CLEAN)
    report = report_of([CLEAN, half], keys=("hair", "jpeg"))
    assert [row.key for row in report.endured] == ["jpeg", "hair"]
    assert report.worst.mean_loss == pytest.approx(0.75)


def test_images_of_one_lesion_are_drawn_together():
    groups = np.array(["a", "a", "b", "b", "c", "c", "d", "d", "e"])
    report = report_of([CLEAN], groups=groups, unit="lesion")
    assert (report.unit, report.n_units) == ("lesion", 5)


def test_without_benign_images_specificity_and_auroc_are_undefined_with_the_reason():
    truth = np.ones(3, dtype=bool)
    answers = StressPredictions(truth, np.arange(3), "image", np.ones(3), np.zeros((1, 5, 3)), choose(["jpeg"]))
    report = measure(answers, threshold=0.5, n_resamples=50)
    cell = report.worst.cells[0]
    assert cell.specificity.reason == "0 benign images"
    assert cell.auroc_change.reason == "0 benign images"
    assert (cell.worse, cell.loss.value) == ("sensitivity", 1.0)


def test_same_seed_gives_the_same_report():
    said = np.random.default_rng(0).random(TRUTH.size)
    assert report_of([said], seed=3).json() == report_of([said], seed=3).json()
    assert report_of([said], seed=3).json() != report_of([said], seed=4).json()


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="9 images need"):
        StressPredictions(TRUTH, np.arange(9), "image", CLEAN, np.zeros((1, 4, 9)), choose(["jpeg"]))


def test_one_malignant_lesion_gives_auroc_no_interval():
    said = np.random.default_rng(0).random(TRUTH.size)
    cell = report_of([said], groups=np.array([0, 0, 0, 0, 1, 2, 3, 4, 5]), unit="lesion").worst.cells[0]
    assert cell.auroc.reason == "all 4 malignant images are of one lesion: no interval"
    assert cell.specificity.has_interval


def test_what_is_refused_is_counted_beside_what_is_missed():
    """Of 4 malignant, corrupted: one called, one missed, two refused. Those refused are neither found nor missed."""
    said = np.array([0.9, 0.3, 0.7, 0.4, 0.6, 0.3, 0.2, 0.1, 0.05])
    refused = np.zeros((6, 9), dtype=bool)
    refused[1:, [2, 3, 8]] = True
    answers = StressPredictions(
        TRUTH, np.arange(9), "image", CLEAN, np.tile(said, (1, 5, 1)), choose(["jpeg"]), refused
    )
    report = measure(answers, threshold=0.5, n_resamples=50)
    cell = report.worst.cells[4]
    assert (report.clean["refused"].value, report.clean["missed"].value) == (0, 0.25)
    assert (cell.refused.value, cell.missed.value) == (pytest.approx(3 / 9), 0.25)
    assert cell.sensitivity.value == 0.5  # of the two that are answered
    assert cell.specificity.value == 0.75  # of the four
    assert cell.flip_rate.value == pytest.approx(4 / 9)  # three answers gone, one turned
