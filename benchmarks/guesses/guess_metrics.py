"""Answers S1 to S7, S10 to S12, S28 to S31 of docs/guesses.md: metrics, splits and the challenge scorer.

python benchmarks/guesses/guess_metrics.py [s1 ...]
"""

import warnings

import numpy as np
from asking import answer_all

warnings.simplefilter("ignore")


RNG = np.random.default_rng(0)
TRUTH = np.tile([0, 1], 60)
SCORE = np.clip(RNG.normal(0.35 + 0.3 * TRUTH, 0.2), 0.01, 0.99).round(2)


def s1() -> object:
    import torch
    from torchmetrics.classification import BinaryAUROC

    logits, truth = torch.tensor([0.1, 0.4, 0.6, 0.7, 0.45, -2.0, 1.0, 2.0]), torch.tensor([0, 0, 1, 1, 0, 0, 1, 1])
    metric = BinaryAUROC()
    for rows in (slice(0, 4), slice(4, 8)):
        metric.update(logits[rows], truth[rows])
    pieces = float(metric.compute())
    return {"two batches": pieces, "one batch": float(BinaryAUROC()(logits, truth))}


def s2() -> object:
    import torch
    from torchmetrics.classification import BinaryAUROC

    logits, truth = torch.tensor([20.0, 25.0, 30.0, 40.0]), torch.tensor([0, 0, 1, 1])
    return float(BinaryAUROC()(logits, truth))


def s3() -> object:
    import torch
    from torchmetrics.classification import BinaryAveragePrecision

    return float(BinaryAveragePrecision()(torch.tensor([0.2, 0.7]), torch.tensor([0, 0])))


def s4() -> object:
    import torch
    from sklearn.metrics import balanced_accuracy_score
    from torchmetrics.classification import MulticlassAccuracy, MulticlassAUROC

    truth, said = [0, 0, 1, 1], [0, 2, 1, 1]
    rows = torch.tensor([[0.8, 0.1, 0.1], [0.3, 0.1, 0.6], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1]])
    return {
        "torchmetrics": float(MulticlassAccuracy(num_classes=3)(torch.tensor(said), torch.tensor(truth))),
        "scikit-learn": float(balanced_accuracy_score(truth, said)),
        "torchmetrics, absent class never said": float(
            MulticlassAccuracy(num_classes=3)(torch.tensor([0, 1, 1, 1]), torch.tensor(truth))
        ),
        "scikit-learn, the same": float(balanced_accuracy_score(truth, [0, 1, 1, 1])),
        "macro AUROC": float(MulticlassAUROC(num_classes=3)(rows, torch.tensor(truth))),
    }


def s5() -> object:
    import torch
    from torchmetrics.classification import BinaryCalibrationError

    # all said 0.1 and none positive: malignant ECE 0.1; top label (0.9 said, all right) 0.1 too, so make them differ
    said, truth = torch.tensor([0.1, 0.1, 0.6, 0.6]), torch.tensor([0, 0, 0, 1])
    return float(BinaryCalibrationError(n_bins=2, norm="l1")(said, truth)), "positive: 0.1; top label: 0.25 in one bin"


def s6() -> object:
    from sklearn.metrics import roc_auc_score

    rows = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1]])
    return float(roc_auc_score([0, 0, 1, 1], rows, multi_class="ovr", labels=[0, 1, 2]))


def s7() -> object:
    from sklearn.metrics import brier_score_loss

    rows = np.eye(3)[[1, 2, 0]]
    return {"three": brier_score_loss([0, 1, 2], rows), "two": brier_score_loss([0, 1], np.eye(2)[[1, 0]])}


def s10() -> object:
    from sklearn.model_selection import LeaveOneGroupOut

    groups = np.array([1.0, 1.0, np.nan, np.nan, np.nan])
    return [test.tolist() for _, test in LeaveOneGroupOut().split(np.zeros((5, 1)), groups=groups)]


def s11() -> object:
    from sklearn.model_selection import GroupKFold

    groups = np.array(["a", "b", float("nan"), "c", float("nan")], dtype=object)
    return [test.tolist() for _, test in GroupKFold(2).split(np.zeros((5, 1)), groups=groups)]


def s12() -> object:
    from sklearn.metrics import auc, roc_auc_score, roc_curve

    def raw(score: np.ndarray, truth: np.ndarray) -> float:
        """Return the area above 80 % sensitivity, on its own scale of 0 to 0.2: classes swapped, scores negated."""
        fpr, tpr, _ = roc_curve(1 - truth, -score)
        stop = np.searchsorted(fpr, 0.2, "right")
        last = np.interp(0.2, [fpr[stop - 1], fpr[stop]], [tpr[stop - 1], tpr[stop]])
        return float(auc(np.append(fpr[:stop], 0.2), np.append(tpr[:stop], last)))

    p = roc_auc_score(TRUTH, SCORE, max_fpr=0.2)
    q = roc_auc_score(1 - TRUTH, -SCORE, max_fpr=0.2)
    return {"max_fpr": float(p), "swapped, McClish scale": float(q), "ISIC 2024, 0 to 0.2": raw(SCORE, TRUTH)}


def s28() -> object:
    from MLstatkit import Delong_test

    rng = np.random.default_rng(3)
    other = np.clip(SCORE + rng.normal(0, 0.2, SCORE.size), 0, 1).round(2)
    order = rng.permutation(SCORE.size)
    first = Delong_test(TRUTH, SCORE, other)
    return first, Delong_test(TRUTH[order], SCORE[order], other[order])


def s29() -> object:
    import pandas as pd
    from isic_challenge_scoring import metrics

    truth = pd.DataFrame({"MEL": [1.0, 0.0], "NV": [0.0, 1.0]})
    tied = pd.DataFrame({"MEL": [0.5, 0.2], "NV": [0.5, 0.8]})
    return metrics.balanced_multiclass_accuracy(truth, tied, pd.Series([1.0, 1.0]))


def s30() -> object:
    import pandas as pd
    from isic_challenge_scoring.confusion import create_binary_confusion_matrix

    # ClassificationMetrics calls a category positive by `.gt(0.5)`
    half = pd.Series([0.5, 0.5])
    return create_binary_confusion_matrix(
        truth_binary_values=np.array([True, False]), prediction_binary_values=half.gt(0.5).to_numpy()
    ).to_dict()


def s31() -> object:
    import pandas as pd
    from isic_challenge_scoring import metrics

    truth, said, weight = pd.Series([0.0, 0.0]), pd.Series([0.2, 0.7]), pd.Series([1.0, 1.0])
    return {"auc": metrics.auc(truth, said, weight), "ap": metrics.average_precision(truth, said, weight)}


if __name__ == "__main__":
    answer_all(globals(), "s", "scikit-learn torchmetrics torch MLstatkit isic-challenge-scoring")
