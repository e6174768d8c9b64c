"""Partial areas against the ISIC 2024 definition on scikit-learn, fixed rates by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lentigo.numbers.metrics import Ranking, mcclish, partial_auroc
from lentigo.numbers.metrics._partial import partial_auroc_of, specificity_at


def isic_2024(truth: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, float]:
    """The challenge's own lines: raw area, and McClish's before it is unscaled."""
    max_fpr = 0.2
    scaled = roc_auc_score(~truth, -score, max_fpr=max_fpr, sample_weight=weight)
    raw = 0.5 * max_fpr**2 + (max_fpr - 0.5 * max_fpr**2) / (1.0 - 0.5) * (scaled - 0.5)
    return raw, scaled


cases = st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=60)


@given(cases)
@settings(max_examples=300, deadline=None)
def test_raw_and_mcclish_are_isic_2024s_with_ties_and_weights_and_nan_without_both_classes(rows) -> None:
    truth, score, weight = (np.array(column) for column in zip(*rows, strict=True))
    score = score / 20
    for w in (np.ones(len(truth)), weight.astype(float)):
        area = partial_auroc_of(Ranking.of(truth, score).weigh(w[:, None]))
        if not (w[truth].sum() > 0 and w[~truth].sum() > 0):
            assert np.isnan(area[0])
            continue
        raw, scaled = isic_2024(truth[w > 0], score[w > 0], w[w > 0])
        assert area[0] == pytest.approx(raw, abs=1e-9)
        assert mcclish(area)[0] == pytest.approx(scaled, abs=1e-9)


def test_the_raw_area_is_at_most_a_fifth_and_a_fiftieth_for_a_constant_score() -> None:
    truth = np.array([False, True] * 10)
    assert partial_auroc(truth, truth.astype(float)) == pytest.approx(0.2)
    assert partial_auroc(truth, np.zeros(20)) == pytest.approx(0.02)


def test_specificity_is_read_at_the_highest_threshold_that_reaches_the_sensitivity() -> None:
    # positives 0.9, 0.6, 0.3; negatives 0.7, 0.5, 0.4, 0.1. Two of three positives: from 0.6 on, one of four negatives
    truth = np.array([True, True, True, False, False, False, False])
    counts = Ranking.of(truth, np.array([0.9, 0.6, 0.3, 0.7, 0.5, 0.4, 0.1])).weigh(np.ones((7, 1)))
    assert specificity_at(counts, np.array([0.5, 0.9]))[:, 0].tolist() == [0.75, 0.25]
