import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from lentigo.config import TrainConfig
from lentigo.model import mean_head
from lentigo.model.decision import softmax
from lentigo.numbers.heads import EmbeddingRows, fit_boosting, fit_linear, logit_shift, row_weights, source_log_odds
from lentigo.numbers.heads import _boosting as boosting
from lentigo.numbers.heads import _linear as linear


def drawn(n=600, d=6, n_classes=2, seed=0):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, n_classes, n)
    values = rng.normal(size=(n, d)) * np.arange(1, d + 1) + np.eye(n_classes, d)[targets] + 50
    return values.astype(np.float32), targets


def rows(values, targets, chosen, **weighted):
    return EmbeddingRows(values, np.flatnonzero(chosen), targets[chosen], **weighted)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_head_is_the_one_of_scikit_learn(n_classes):
    values, targets = drawn(n_classes=n_classes)
    some = rows(values, targets, np.ones(len(targets), bool))
    head = fit_linear(some, some, n_classes=n_classes, penalties=(0.03,)).head
    scaler = StandardScaler().fit(values)
    theirs = LogisticRegression(C=1 / (0.03 * len(values)), max_iter=5000, tol=1e-8)
    theirs.fit(scaler.transform(values).astype(np.float64), targets)
    expected = theirs.predict_proba(scaler.transform(values).astype(np.float64))
    np.testing.assert_allclose(softmax(head.logits(values)), expected, atol=2e-4)


def test_weighted_rows_are_repeated_rows_and_the_shift_brings_the_shares_back():
    values, _ = drawn(2000)
    targets = (np.random.default_rng(1).random(2000) < 0.05).astype(np.int64)
    settings = TrainConfig(imbalance="weights")
    weights, shift = (make(targets, None, 2, settings) for make in (row_weights, logit_shift))
    everything = np.ones(2000, bool)
    some = rows(values, targets, everything)
    shifted = fit_linear(
        rows(values, targets, everything, weights=weights, shift=shift), some, n_classes=2, penalties=(1e-3,)
    )
    drawn_often = fit_linear(rows(values, targets, everything, weights=weights), some, n_classes=2, penalties=(1e-3,))
    assert softmax(shifted.head.logits(values))[:, 1].mean() == pytest.approx(targets.mean(), abs=0.01)
    assert softmax(drawn_often.head.logits(values))[:, 1].mean() > 0.3


def test_above_a_number_of_rows_the_penalty_is_chosen_on_some_and_scaled(monkeypatch):
    monkeypatch.setattr(linear, "CHOOSE_ON", 100)
    values, targets = drawn(400)
    fitted = fit_linear(rows(values, targets, np.arange(400) < 300), rows(values, targets, np.arange(400) >= 300),
                        n_classes=2, penalties=(0.1, 1.0))  # fmt: skip
    tried = [record["penalty"] for record in fitted.history]
    best = min(fitted.history[:2], key=lambda record: record["val_loss"])["penalty"]
    assert tried[:2] == [1.0, 0.1]
    assert fitted.chosen == pytest.approx(best * 100 / 300) == pytest.approx(tried[2])


def test_a_number_that_never_changes_does_not_matter():
    values, targets = drawn(200)
    values[:, 0] = 1e6
    some = rows(values, targets, np.ones(200, bool))
    head = fit_linear(some, some, n_classes=2, penalties=(0.1,)).head
    assert np.abs(head.weight[:, 0]).max() < 1e-6
    assert np.isfinite(head.logits(values)).all()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_trees_answer_as_scikit_learn_without_it(n_classes, monkeypatch):
    values, targets = drawn(500, n_classes=n_classes)
    models = []
    fit = HistGradientBoostingClassifier.fit
    monkeypatch.setattr(
        HistGradientBoostingClassifier, "fit", lambda self, *a, **k: (models.append(self), fit(self, *a, **k))[1]
    )
    some = rows(values, targets, np.ones(500, bool))
    fitted = fit_boosting(some, some, n_classes=n_classes, n_rounds=10)
    assert fitted.chosen == 10
    np.testing.assert_allclose(softmax(fitted.head.logits(values)), models[0].predict_proba(values), atol=1e-6)
    twice = mean_head([fitted.head, fitted.head])
    np.testing.assert_allclose(twice.logits(values), fitted.head.logits(values), atol=1e-5)


def test_the_number_of_rounds_is_chosen_on_validation():
    rng = np.random.default_rng(0)
    values, targets = rng.normal(size=(300, 5)).astype(np.float32), rng.integers(0, 2, 300)
    fitted = fit_boosting(rows(values, targets, np.arange(300) < 200), rows(values, targets, np.arange(300) >= 200),
                          n_classes=2, n_rounds=40)  # fmt: skip
    assert fitted.chosen == min(fitted.history, key=lambda record: record["val_loss"])["trees"] < 40


def test_a_threshold_is_never_moved_past_a_number():
    threshold = np.array([0.1, -0.1, 1 / 3, 2.0])
    near = boosting._at_or_below(threshold)
    assert near.dtype == np.float32
    assert (near.astype(np.float64) <= threshold).all()
    assert (np.nextafter(near, np.float32(np.inf)).astype(np.float64) > threshold).all()


def test_the_offset_of_a_source_explains_its_mix_as_it_is_drawn():
    targets, sources = np.repeat([0, 1, 0, 1], [900, 100, 60, 140]), np.repeat([0, 1], [1000, 200])
    settings = TrainConfig(source_prior="removed", imbalance="root", balance_sources=True)
    offsets = source_log_odds(targets, sources, np.array([False, True]), settings)
    weights = row_weights(targets, sources, 2, settings)
    overall = np.average(targets, weights=weights)
    for source in (0, 1):
        own = sources == source
        share = np.average(targets[own], weights=weights[own])
        explained = 1 / (1 + np.exp(-np.log(overall / (1 - overall)) - offsets[own][0]))
        assert explained == pytest.approx(share, abs=0.02)  # ten rows of the overall mix are added


def test_no_offset_where_it_is_not_wanted_or_there_is_one_source():
    targets, both = np.array([0, 1] * 20), np.repeat([0, 1], 20)
    is_malignant = np.array([False, True])
    removed = TrainConfig(source_prior="removed")
    assert source_log_odds(targets, both, is_malignant, TrainConfig()) is None
    assert source_log_odds(targets, None, is_malignant, removed) is None
    assert source_log_odds(targets, np.zeros(40, int), is_malignant, removed) is None
    unknown = source_log_odds(targets, np.repeat([0, 1, -1], [10, 10, 20]), is_malignant, removed)
    assert np.all(unknown[20:] == 0)
