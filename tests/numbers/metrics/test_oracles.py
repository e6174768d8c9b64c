"""Every figure against scikit-learn to 1e-9 on inputs that hypothesis makes: ties, one class only, a single image."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from lentigo.numbers.evaluation._figures import figures_of
from lentigo.numbers.metrics import ThresholdCounts
from lentigo.numbers.predictions import Predictions

K = 3
CLASSES = ("NV", "MEL", "BCC")


@st.composite
def predictions(draw: st.DrawFn) -> Predictions:
    n = draw(st.integers(1, 25))
    target = draw(st.lists(st.integers(0, draw(st.integers(0, K - 1))), min_size=n, max_size=n))
    # whole tenths, so that ties are common
    parts = draw(st.lists(st.tuples(*[st.integers(0, 10)] * K).filter(any), min_size=n, max_size=n))
    rows = np.array(parts, dtype=float)
    return Predictions(np.arange(n).astype(str), np.array(target), rows / rows.sum(axis=1, keepdims=True), CLASSES)


def expected_of(said: Predictions) -> dict[str, object]:
    target, rows, labels = said.target, said.probabilities, list(range(K))
    predicted, truth, score = rows.argmax(axis=1), said.is_malignant(CLASSES[1:]), said.malignant(CLASSES[1:])
    precision, recall, f1, _ = oracle.precision_recall_fscore_support(
        target, predicted, labels=labels, zero_division=np.nan
    )
    tn, fp, fn, _ = oracle.multilabel_confusion_matrix(target, predicted, labels=labels).reshape(K, 4).T
    with np.errstate(invalid="ignore"):
        specificity, npv = tn / (tn + fp), tn / (tn + fn)
    both = [0 < (target == k).sum() < target.size for k in labels]
    return {
        "accuracy": oracle.accuracy_score(target, predicted),
        "balanced_accuracy": oracle.balanced_accuracy_score(target, predicted),
        "class_precision": precision,
        "class_recall": recall,
        "class_f1": f1,
        "class_specificity": specificity,
        "class_npv": npv,
        "class_auroc": [oracle.roc_auc_score(target == k, rows[:, k]) if both[k] else np.nan for k in labels],
        "class_average_precision": [
            oracle.average_precision_score(target == k, rows[:, k]) if (target == k).any() else np.nan for k in labels
        ],
        "auroc": oracle.roc_auc_score(truth, score) if 0 < truth.sum() < truth.size else np.nan,
        "average_precision": oracle.average_precision_score(truth, score) if truth.any() else np.nan,
        "brier": oracle.brier_score_loss(target, rows, labels=labels),
        "malignant_brier": ((score - truth) ** 2).mean(),
        "nll": oracle.log_loss(target, rows, labels=labels),
    }


@given(predictions())
@settings(max_examples=200, deadline=None)
def test_every_figure_is_scikit_learns(said: Predictions) -> None:
    found = figures_of(said, CLASSES[1:], [0.5])(np.ones((len(said), 1)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of what is undefined
        expected = expected_of(said)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name][..., 0], value, atol=1e-9, rtol=0, err_msg=name)


@given(predictions())
@settings(max_examples=200, deadline=None)
def test_rates_at_a_threshold_and_at_fixed_rates_are_read_off_scikit_learns_curve(said: Predictions) -> None:
    truth, score = said.is_malignant(CLASSES[1:]), said.malignant(CLASSES[1:])
    found = figures_of(said, CLASSES[1:], [0.5])(np.ones((len(said), 1)))
    called, counts = score >= 0.5, ThresholdCounts(*found["threshold_0"][:, 0])
    for name, hits, cases in (
        ("sensitivity", called, truth),
        ("specificity", ~called, ~truth),
        ("ppv", truth, called),
        ("npv", ~truth, ~called),
    ):
        share = hits[cases].mean() if cases.any() else np.nan
        assert float(getattr(counts, name)) == pytest.approx(share, abs=1e-9, nan_ok=True)
    if not 0 < truth.sum() < truth.size:
        assert np.isnan(found["sensitivity_at_specificity_90"][0])
        return
    rate, sensitivity, _ = oracle.roc_curve(truth, score, drop_intermediate=False)
    for percent in (90, 95):
        wanted = percent / 100 - 1e-12
        assert found[f"sensitivity_at_specificity_{percent}"][0] == pytest.approx(sensitivity[1 - rate >= wanted].max())
        assert found[f"specificity_at_sensitivity_{percent}"][0] == pytest.approx(1 - rate[sensitivity >= wanted].min())
