# ruff: noqa: E501, PLW1510 - tables and programs of other languages in strings; an exit code is an answer
"""Answers S17 to S24 and S32 to S34 of docs/guesses.md: intervals, net benefit, subgroups, label errors. S22 to S24 need R with pROC.

python benchmarks/guesses/guess_intervals.py [s17 ...]
"""

import subprocess
import warnings

import numpy as np
from asking import answer_all

warnings.simplefilter("ignore")


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


if __name__ == "__main__":
    answer_all(globals(), "s", "confidenceinterval dcurves fairlearn scikit-learn scipy statsmodels cleanlab")
