"""Agreement with the challenges' own scorer, where it is installed: it needs Python 3.13 (docs/statistics.md: seen)."""

import numpy as np
import pytest

from lentigo.numbers.metrics import (
    Ranking,
    auroc,
    average_precision,
    balanced_accuracy,
    confusion_matrix,
    partial_auroc,
    threshold_counts,
)

pd = pytest.importorskip("pandas")
oracle = pytest.importorskip("isic_challenge_scoring.metrics", reason="isic-challenge-scoring needs Python 3.13")


@pytest.mark.parametrize("seed", range(20))
def test_figures_are_those_of_isic_challenge_scoring(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(10, 200)), 4
    target = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    rows = rng.random((n, k)) + 0.5 * np.eye(k)[target]
    ones = pd.Series(np.ones(n))
    confusion = confusion_matrix(target, rows.argmax(axis=1), n_classes=k)
    expected = oracle.balanced_multiclass_accuracy(pd.DataFrame(np.eye(k)[target]), pd.DataFrame(rows), ones)
    assert balanced_accuracy(confusion) == pytest.approx(expected, abs=1e-9)
    truth, score = target == 1, np.round(rows[:, 1], 2)
    series = (pd.Series(truth.astype(float)), pd.Series(score), ones)
    assert auroc(truth, score) == pytest.approx(oracle.auc(*series), abs=1e-9)
    assert average_precision(truth, score) == pytest.approx(oracle.average_precision(*series), abs=1e-9)
    counts = threshold_counts(truth, score, threshold=0.5)
    cells = pd.Series({"TP": counts.tp, "FP": counts.fp, "FN": counts.fn, "TN": counts.tn})
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        assert getattr(counts, name) == pytest.approx(getattr(oracle, f"binary_{name}")(cells), abs=1e-9)
    # their partial area lies under the curve down to 0, right of the point with 80 % sensitivity; ours (ISIC 2024)
    # stands on the line of 80 %: the difference is a rectangle as wide as the specificity at that point
    above = oracle.auc_above_sensitivity(*series, 0.8)
    width = (above - partial_auroc(truth, score)) / 0.8
    nearest = Ranking.of(truth, score).weigh(np.ones((n, 1))).sensitivity_at(np.array([1 - width - 0.01, 1 - width]))
    assert 0 < width <= 1
    assert nearest[0, 0] <= 0.8 + 0.2
