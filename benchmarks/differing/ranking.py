# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""How well a probability ranks: AUROC, its intervals and tests, average precision, partial AUROC."""

import numpy as np
import pandas as pd

from differing.shared_file import (
    CLASSES,
    DATA,
    PERFECT,
    ROWS,
    SCORE,
    SECOND,
    TARGET,
    TRUTH,
    Answers,
    one_hot,
    proc,
    tensors,
    weights,
)


def auroc() -> Answers:
    def lentigo() -> object:
        from lentigo.numbers.metrics import auroc as area

        return area(TRUTH, SCORE)

    def sklearn() -> object:
        from sklearn.metrics import roc_auc_score

        return roc_auc_score(TRUTH, SCORE)

    def torchmetrics() -> object:
        from torchmetrics.classification import BinaryAUROC

        return float(BinaryAUROC()(*tensors(SCORE, TRUTH.astype(int))))

    def binned() -> object:
        from torchmetrics.classification import BinaryAUROC

        return float(BinaryAUROC(thresholds=20)(*tensors(SCORE, TRUTH.astype(int))))

    def interval() -> object:
        from confidenceinterval import roc_auc_score

        return roc_auc_score(TRUTH.astype(int), SCORE)[0]

    def mlstatkit() -> object:
        from MLstatkit import Delong_test

        return Delong_test(TRUTH.astype(int), SCORE, SECOND)[4]

    def challenge() -> object:
        from isic_challenge_scoring import metrics

        return metrics.auc(pd.Series(TRUTH.astype(float)), DATA["MEL"], weights())

    return {
        "lentigo": lentigo, "scikit-learn": sklearn, "torchmetrics": torchmetrics, "torchmetrics, `thresholds=20`": binned,
        "confidenceinterval": interval, "MLstatkit": mlstatkit, "isic-challenge-scoring": challenge,
        "pROC": lambda: proc("cat(auc(roc(y,s,quiet=TRUE,direction='<')))"),
    }  # fmt: skip


def average_precision() -> Answers:
    def lentigo() -> object:
        from lentigo.numbers.metrics import average_precision as mean

        return mean(TRUTH, SCORE)

    def sklearn() -> object:
        from sklearn.metrics import average_precision_score

        return average_precision_score(TRUTH, SCORE)

    def trapezoid() -> object:
        from sklearn.metrics import auc, precision_recall_curve

        precision, recall, _ = precision_recall_curve(TRUTH, SCORE)
        return auc(recall, precision)

    def torchmetrics() -> object:
        from torchmetrics.classification import BinaryAveragePrecision

        return float(BinaryAveragePrecision()(*tensors(SCORE, TRUTH.astype(int))))

    def challenge() -> object:
        from isic_challenge_scoring import metrics

        return metrics.average_precision(pd.Series(TRUTH.astype(float)), DATA["MEL"], weights())

    return {
        "lentigo": lentigo, "scikit-learn": sklearn, "torchmetrics": torchmetrics, "isic-challenge-scoring": challenge,
        "scikit-learn, `auc` of `precision_recall_curve`": trapezoid,
    }  # fmt: skip


def average_precision_of_no_positive() -> Answers:
    none = np.zeros(len(DATA), dtype=bool)

    def lentigo() -> object:
        from lentigo.numbers.metrics import average_precision as mean

        return mean(none, SCORE)

    def sklearn() -> object:
        from sklearn.metrics import average_precision_score

        return average_precision_score(none, SCORE)

    def torchmetrics() -> object:
        from torchmetrics.classification import BinaryAveragePrecision

        return float(BinaryAveragePrecision()(*tensors(SCORE, none.astype(int))))

    return {"lentigo": lentigo, "scikit-learn": sklearn, "torchmetrics": torchmetrics}


def partial_area() -> Answers:
    def raw() -> object:
        from lentigo.numbers.metrics import partial_auroc

        return partial_auroc(TRUTH, SCORE)

    def scaled() -> object:
        from lentigo.numbers.metrics import mcclish, partial_auroc

        return float(mcclish(np.array([partial_auroc(TRUTH, SCORE)]))[0])

    def sklearn() -> object:
        from sklearn.metrics import roc_auc_score

        return roc_auc_score(TRUTH, SCORE, max_fpr=0.2)

    def swapped() -> object:
        from sklearn.metrics import roc_auc_score

        return roc_auc_score(~TRUTH, -SCORE, max_fpr=0.2)

    def torchmetrics() -> object:
        from torchmetrics.classification import BinaryAUROC

        return float(BinaryAUROC(max_fpr=0.2)(*tensors(SCORE, TRUTH.astype(int))))

    def challenge() -> object:
        from isic_challenge_scoring import metrics

        return metrics.auc_above_sensitivity(pd.Series(TRUTH.astype(float)), DATA["MEL"], weights(), 0.8)

    partial = "auc(roc(y,s,quiet=TRUE,direction='<'),partial.auc=c(1,.8),partial.auc.focus='sens'"
    return {
        "lentigo, raw": raw, "lentigo, McClish": scaled, "pROC, raw": lambda: proc(f"cat({partial}))"),
        "pROC, corrected": lambda: proc(f"cat({partial},partial.auc.correct=TRUE))"),
        "scikit-learn, classes swapped, scores negated, `max_fpr=0.2`": swapped,
        "scikit-learn, `max_fpr=0.2`": sklearn, "torchmetrics, `max_fpr=0.2`": torchmetrics,
        "isic-challenge-scoring, `auc_sens_80`": challenge,
    }  # fmt: skip


def two_models() -> Answers:
    def lentigo() -> object:
        from lentigo.numbers.metrics import delong_aurocs

        return delong_aurocs(TRUTH, [SCORE, SECOND]).difference()[3]

    def mlstatkit() -> object:
        from MLstatkit import Delong_test

        return Delong_test(TRUTH.astype(int), SCORE, SECOND)[1]

    return {
        "lentigo": lentigo, "MLstatkit": mlstatkit,
        "pROC": lambda: proc("cat(roc.test(roc(y,s,quiet=TRUE,direction='<'),roc(y,t,quiet=TRUE,direction='<'),method='delong')$p.value)"),
    }  # fmt: skip


def one_model_twice() -> Answers:
    def lentigo() -> object:
        from lentigo.numbers.metrics import delong_aurocs

        return delong_aurocs(TRUTH, [SCORE, SCORE]).difference()[3]

    def mlstatkit() -> object:
        from MLstatkit import Delong_test

        return Delong_test(TRUTH.astype(int), SCORE, SCORE**2)[1]

    return {
        "lentigo": lentigo, "MLstatkit, the scores and their squares": mlstatkit,
        "pROC": lambda: proc("a<-roc(y,s,quiet=TRUE,direction='<');b<-roc(y,s^2,quiet=TRUE,direction='<');cat(roc.test(a,b,method='delong')$p.value)"),
    }  # fmt: skip


def auroc_of_one() -> Answers:
    def evaluated() -> object:
        from lentigo.numbers.evaluation import evaluate
        from lentigo.numbers.predictions import Predictions

        rows = np.stack([1 - PERFECT, PERFECT], axis=1)
        said = Predictions(DATA["image_id"].to_numpy(str), TRUTH.astype(int), rows, ("NV", "MEL"))
        found = evaluate(said, malignant=["MEL"], n_resamples=500).metrics["auroc"]
        return found.value, found.low, found.high

    def interval() -> object:
        from confidenceinterval import roc_auc_score

        value, ends = roc_auc_score(TRUTH.astype(int), PERFECT)
        return value, *ends

    def mlstatkit() -> object:
        from MLstatkit import Delong_test

        found = Delong_test(TRUTH.astype(int), PERFECT, SECOND)
        return found[4], *found[2]

    return {
        "lentigo": evaluated, "confidenceinterval": interval, "MLstatkit": mlstatkit,
        "pROC": lambda: proc("cat(suppressWarnings(ci.auc(roc(y,ifelse(y==1,.8,.2),quiet=TRUE,direction='<')))[c(2,1,3)])"),
    }  # fmt: skip


def macro_auroc() -> Answers:
    def lentigo() -> object:
        from lentigo.numbers.metrics import auroc as area
        from lentigo.numbers.metrics import macro_mean

        return float(macro_mean(np.array([area(k == TARGET, ROWS[:, k]) for k in range(4)])))

    def sklearn() -> object:
        from sklearn.metrics import roc_auc_score

        return roc_auc_score(TARGET, ROWS, multi_class="ovr", labels=[0, 1, 2, 3])

    def torchmetrics() -> object:
        from torchmetrics.classification import MulticlassAUROC

        return float(MulticlassAUROC(num_classes=4)(*tensors(ROWS, TARGET)))

    def challenge() -> object:
        from isic_challenge_scoring import metrics

        return float(np.mean([metrics.auc(one_hot()[c], DATA[c], weights()) for c in CLASSES]))

    return {
        "lentigo": lentigo,
        "scikit-learn": sklearn,
        "torchmetrics": torchmetrics,
        "isic-challenge-scoring": challenge,
    }
