# ruff: noqa: E501, PLW1510 - tables and programs of other languages in strings; an exit code is an answer
"""Answers the questions S1 to S34 of docs/guesses.md: `python benchmarks/guesses/guess_statistics.py`.

Needs scikit-learn, torchmetrics, mapie, crepes, confidenceinterval, dcurves, fairlearn, netcal, uncertainty-calibration,
MLstatkit, isic-challenge-scoring, statsmodels, cleanlab; S22 to S24 need R with pROC.
"""

import subprocess
import sys
import warnings
from importlib.metadata import version

import numpy as np

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


def s8() -> object:
    from sklearn.calibration import calibration_curve

    p = np.concatenate([np.full(50, 0.1), np.linspace(0.11, 0.95, 50)])
    y = (np.arange(100) % 3 == 0).astype(int)
    true, mean = calibration_curve(y, p, strategy="quantile", n_bins=10)
    return {"points": len(true), "mean said": mean.round(3).tolist()}


def s9() -> object:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator
    from sklearn.linear_model import LogisticRegression

    x = np.linspace(-1, 1, 10)[:, None]
    y = (x[:, 0] > 0).astype(int)
    fitted = CalibratedClassifierCV(FrozenEstimator(LogisticRegression().fit(x, y)), method="temperature").fit(x, y)
    calibrator = fitted.calibrated_classifiers_[0].calibrators[0]
    return {"beta": float(calibrator.beta_), "p": fitted.predict_proba(x)[:, 1].round(4).tolist()}


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


def s13() -> object:
    return mapie_sets(5, 0.9)


def s14() -> object:
    return mapie_sets(40, 0.5)


def mapie_sets(n: int, level: float) -> object:
    from mapie.classification import SplitConformalClassifier
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 1))
    y = (x[:, 0] + rng.normal(size=200) > 0).astype(int)
    model = LogisticRegression().fit(x[:100], y[:100])
    conformal = SplitConformalClassifier(model, confidence_level=level, conformity_score="lac", prefit=True)
    conformal.conformalize(x[100 : 100 + n], y[100 : 100 + n])
    _, sets = conformal.predict_set(np.array([[-2.0], [0.0], [0.05], [2.0]]))
    return sets[:, :, 0].astype(int).tolist()


def s15() -> object:
    wrapped, x, y = crepes_model()
    wrapped.calibrate(x[y != 2], y[y != 2], class_cond=True, seed=0)
    return wrapped.predict_set(np.array([[-1.0], [0.0], [1.0]]), confidence=0.9)


def crepes_model() -> tuple[object, np.ndarray, np.ndarray]:
    from crepes import WrapClassifier
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(2)
    x = rng.normal(size=(120, 1))
    y = np.digitize(x[:, 0] + rng.normal(size=120) * 0.5, [-0.5, 0.5])
    return WrapClassifier(LogisticRegression().fit(x, y)), x, y


def s16() -> object:
    wrapped, x, y = crepes_model()
    wrapped.calibrate(x, y)
    return wrapped.predict_p(x[:2]).round(4).tolist(), wrapped.predict_p(x[:2]).round(4).tolist()


def s17() -> object:
    from confidenceinterval import roc_auc_score

    return roc_auc_score([0] * 10 + [1] * 5, np.linspace(0, 1, 15))


def s18() -> object:
    from confidenceinterval import tpr_score

    return tpr_score([0] * 10 + [1] * 5, [0] * 10 + [1] * 5)


def s19() -> object:
    import pandas as pd
    from dcurves import dca

    table = pd.DataFrame({"y": [0, 0, 1, 1], "p": [0.1, 0.2, 0.2, 0.5]})
    found = dca(data=table, outcome="y", modelnames=["p"], thresholds=[0.1, 0.2, 0.5])
    return found.loc[found.model == "p", ["threshold", "tp_rate", "fp_rate", "net_benefit"]].to_dict("list")


def s20() -> object:
    from fairlearn.metrics import MetricFrame
    from sklearn.metrics import recall_score

    def recall(t: np.ndarray, s: np.ndarray) -> float:
        return float(recall_score(t, s)) if t.any() else float("nan")

    frame = MetricFrame(
        metrics=recall,
        y_true=np.array([1, 1, 1, 0, 0]),
        y_pred=np.array([1, 0, 1, 0, 0]),
        sensitive_features=np.array(["a", "a", "b", "c", "c"]),
    )
    plain = MetricFrame(
        metrics=recall_score,
        y_true=np.array([1, 1, 1, 0, 0]),
        y_pred=np.array([1, 0, 1, 0, 0]),
        sensitive_features=np.array(["a", "a", "b", "c", "c"]),
    )
    return {
        "NaN": [frame.difference(), frame.ratio(), frame.group_min()],
        "plain": [plain.difference(), plain.group_min()],
    }


def s21() -> object:
    import pandas as pd
    from fairlearn.metrics import MetricFrame, count

    skin = pd.Series(["I", "I", np.nan, np.nan, "VI"])
    frame = MetricFrame(metrics=count, y_true=[1] * 5, y_pred=[1] * 5, sensitive_features=skin)
    return frame.by_group.to_dict(), frame.overall


def r(code: str) -> str:
    ran = subprocess.run(["Rscript", "-e", "suppressMessages(library(pROC));" + code], capture_output=True, text=True)
    return (ran.stdout + ran.stderr).strip()


def s22() -> object:
    return r(
        "y<-c(0,0,1,1,0,1);s<-c(.1,.4,.3,.8,.2,.9);a<-roc(y,s,quiet=T);t<-roc.test(a,a);cat(t$p.value,t$statistic)"
    )


def s23() -> object:
    return r(
        "a<-roc(c(0,0,0,1,1,1),1:6,quiet=T);print(as.numeric(ci.auc(a)));b<-ci.auc(a,method='bootstrap');print(as.numeric(b))"
    )


def s24() -> object:
    return r("a<-roc(c(0,0,0,1,1,1),6:1);cat(as.numeric(auc(a)))")


def s25() -> object:
    from netcal.metrics import ECE

    # four images at 0.2 exactly, half of them positive, and four at 0.3, all positive: which bins?
    p = np.array([0.15, 0.15, 0.2, 0.2, 0.25, 0.25])
    y = np.array([0, 0, 1, 1, 0, 0])
    above = (2 * 0.15 + abs(0.2 * 2 + 0.25 * 2 - 2)) / 6
    below = (abs(0.15 * 2 + 0.2 * 2 - 2) + 2 * 0.25) / 6
    return {"netcal": float(ECE(10).measure(p, y)), "edge above": above, "edge below": below}


def s26() -> object:
    from netcal.metrics import ECE

    return float(ECE(2).measure(np.array([0.1, 0.1, 0.6, 0.6]), np.array([0, 0, 0, 1]))), "positive: 0.1"


def s27() -> object:
    import calibration

    rng = np.random.default_rng(0)
    found = []
    for _ in range(20):
        p = rng.uniform(size=300)
        found.append(float(calibration.get_calibration_error(p, (rng.uniform(size=300) < p).astype(int))))
    return {
        "zeros": found.count(0.0),
        "median": float(np.median(found)),
        "ece": float(calibration.get_ece(SCORE, TRUTH)),
    }


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


def s32() -> object:
    from scipy.stats import bootstrap

    found = bootstrap((np.ones(20),), np.mean, method="BCa", n_resamples=99, random_state=0)
    return found.confidence_interval


def s33() -> object:
    from statsmodels.stats.proportion import proportion_confint

    return {m: proportion_confint(0, 20, method=m)[0] for m in ("wilson", "beta", "agresti_coull", "normal")}


def s34() -> object:
    from cleanlab.filter import find_label_issues

    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), size=60)
    return find_label_issues(np.arange(60) % 2, p).sum()


def main() -> None:
    packages = (
        "scikit-learn torchmetrics torch mapie crepes confidenceinterval dcurves fairlearn netcal uncertainty-calibration "
        "MLstatkit isic-challenge-scoring statsmodels scipy cleanlab"
    )
    print(", ".join(f"{name} {version(name)}" for name in packages.split()))
    wanted = set(sys.argv[1:])
    questions = {k: v for k, v in globals().items() if k[0] == "s" and k[1:].isdigit()}
    for name, ask in questions.items():
        if wanted and name not in wanted:
            continue
        try:
            print(name.upper(), ask())
        except Exception as error:  # noqa: BLE001 - an error is an answer here
            print(name.upper(), f"raises {type(error).__name__}: {str(error)[:300]}")


if __name__ == "__main__":
    main()
