# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""Why your number differs: one small file through many libraries; the first table of docs/differences.md.

    python benchmarks/differences.py > differences.txt

`differences.csv` has 48 made images of four classes, of which VASC has none; probabilities are multiples of 0.05, so ties are frequent. MEL is malignant.
A library that is not installed is left out with a line on stderr; pROC is asked through Rscript.
"""

import io
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

TABLE = Path(__file__).with_name("differences.csv")
PACKAGES = (
    "numpy scikit-learn torchmetrics netcal uncertainty-calibration mapie crepes confidenceinterval MLstatkit dcurves "
    "fairlearn isic-challenge-scoring"
)
DATA = pd.read_csv(TABLE)
CLASSES = ("NV", "BKL", "MEL", "VASC")
ROWS = DATA[list(CLASSES)].to_numpy()
TARGET = np.array([CLASSES.index(name) for name in DATA["target"]])
TRUTH = DATA["target"].eq("MEL").to_numpy()
SCORE, SECOND = DATA["MEL"].to_numpy(), DATA["second_model"].to_numpy()
PERFECT = np.where(TRUTH, 0.8, 0.2)
THRESHOLD = 0.2

Answers = dict[str, Callable[[], object]]


def one_hot() -> pd.DataFrame:
    return pd.DataFrame(np.eye(4)[TARGET], columns=list(CLASSES))


def weights() -> pd.Series:
    return pd.Series(np.ones(len(DATA)))


def proc(code: str) -> str:
    """Return what R prints; y, s and t are truth, score and the second model's score."""
    if not shutil.which("Rscript"):
        raise ModuleNotFoundError("Rscript")
    given = f"suppressMessages(library(pROC));d<-read.csv('{TABLE}');y<-as.integer(d$target=='MEL');s<-d$MEL;t<-d$second_model;"
    ran = subprocess.run(["Rscript", "-e", given + code], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def tensors(*arrays: np.ndarray) -> list[object]:
    import torch

    return [torch.from_numpy(np.ascontiguousarray(a)) for a in arrays]


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


def calibration_error_top() -> Answers:
    def lentigo(binning: str, n_bins: int) -> object:
        from lentigo.numbers.metrics import expected_calibration_error, top_label

        return expected_calibration_error(*top_label(ROWS, TARGET), n_bins=n_bins, binning=binning)  # type: ignore[arg-type]

    def torchmetrics() -> object:
        from torchmetrics.classification import MulticlassCalibrationError

        return float(MulticlassCalibrationError(num_classes=4, n_bins=10)(*tensors(ROWS, TARGET)))

    def netcal() -> object:
        from netcal.metrics import ECE

        return ECE(10).measure(ROWS, TARGET)

    def verified(name: str) -> object:
        import calibration

        return getattr(calibration, name)(ROWS, TARGET)

    def debiased() -> object:
        import calibration

        return calibration.get_calibration_error(ROWS, TARGET, mode="top-label")

    def mapie() -> object:
        from mapie.metrics.calibration import top_label_ece

        return top_label_ece(TARGET, ROWS.max(axis=1), ROWS.argmax(axis=1), num_bins=10)

    return {
        "lentigo, 15 bins of equal mass": lambda: lentigo("equal_mass", 15),
        "lentigo, 10 bins of equal width": lambda: lentigo("equal_width", 10), "netcal, 10 bins": netcal,
        "torchmetrics, 10 bins": torchmetrics, "uncertainty-calibration, `get_ece`": lambda: verified("get_ece"),
        "uncertainty-calibration, `get_ece_em`": lambda: verified("get_ece_em"),
        "uncertainty-calibration, `get_calibration_error` (root mean square, debiased)": debiased,
        "MAPIE, `top_label_ece`, 10 bins": mapie,
    }  # fmt: skip


def calibration_error_malignant() -> Answers:
    def lentigo(binning: str, n_bins: int) -> object:
        from lentigo.numbers.metrics import expected_calibration_error

        return expected_calibration_error(TRUTH, SCORE, n_bins=n_bins, binning=binning)  # type: ignore[arg-type]

    def torchmetrics() -> object:
        from torchmetrics.classification import BinaryCalibrationError

        return float(BinaryCalibrationError(n_bins=10)(*tensors(SCORE, TRUTH.astype(int))))

    def netcal() -> object:
        from netcal.metrics import ECE

        return ECE(10).measure(SCORE, TRUTH.astype(int))

    def mapie() -> object:
        from mapie.metrics.calibration import expected_calibration_error

        return expected_calibration_error(TRUTH.astype(int), SCORE, num_bins=10)

    def verified() -> object:
        import calibration

        return calibration.get_ece(SCORE, TRUTH.astype(int))

    return {
        "lentigo, 15 bins of equal mass": lambda: lentigo("equal_mass", 15),
        "lentigo, 10 bins of equal width": lambda: lentigo("equal_width", 10), "netcal, 10 bins": netcal,
        "torchmetrics, 10 bins": torchmetrics, "MAPIE, 10 bins": mapie, "uncertainty-calibration, `get_ece`": verified,
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


def balanced() -> Answers:
    said = ROWS.argmax(axis=1)

    def lentigo() -> object:
        from lentigo.numbers.metrics import balanced_accuracy, confusion_matrix

        return float(balanced_accuracy(confusion_matrix(TARGET, said, n_classes=4)))

    def sklearn() -> object:
        from sklearn.metrics import balanced_accuracy_score

        return balanced_accuracy_score(TARGET, said)

    def recall() -> object:
        from sklearn.metrics import recall_score

        return recall_score(TARGET, said, average="macro", labels=[0, 1, 2, 3], zero_division=0)

    def torchmetrics() -> object:
        from torchmetrics.classification import MulticlassAccuracy

        # the class without images gets one answer here, as it does in practice
        other = said.copy()
        other[np.flatnonzero(TARGET == 0)[0]] = 3
        from sklearn.metrics import balanced_accuracy_score

        found = MulticlassAccuracy(num_classes=4)
        return (
            float(found(*tensors(ROWS, TARGET))),
            float(found(*tensors(other, TARGET))),
            balanced_accuracy_score(TARGET, other),
        )

    def challenge() -> object:
        from isic_challenge_scoring import metrics

        present = list(CLASSES[:3])
        return metrics.balanced_multiclass_accuracy(one_hot()[present], DATA[present], weights())

    return {
        "lentigo": lentigo, "scikit-learn": sklearn, "scikit-learn, macro recall of 4 `labels`": recall,
        "torchmetrics macro; the same with one NV called VASC; scikit-learn, the same": torchmetrics,
        "isic-challenge-scoring, the three classes present": challenge,
    }  # fmt: skip


def brier() -> Answers:
    def lentigo(*, two: bool) -> object:
        from lentigo.numbers.metrics import brier_score

        rows = np.stack([1 - SCORE, SCORE], axis=1) if two else ROWS
        return brier_score(rows, TRUTH.astype(int) if two else TARGET)

    def sklearn(half: object) -> object:
        from sklearn.metrics import brier_score_loss

        return brier_score_loss(TARGET, ROWS, labels=[0, 1, 2, 3], scale_by_half=half)

    def two() -> object:
        from sklearn.metrics import brier_score_loss

        return brier_score_loss(TRUTH, SCORE)

    return {
        "lentigo": lambda: lentigo(two=False), "scikit-learn": lambda: sklearn("auto"), "scikit-learn, `scale_by_half=True`": lambda: sklearn(half=True),
        "lentigo, malignant against benign": lambda: lentigo(two=True), "scikit-learn, malignant against benign": two,
    }  # fmt: skip


def conformal() -> Answers:
    """Mean size of the sets at 90 % and share that hold the true class; calibrated to the first 30, asked of the rest."""
    fit, ask = slice(0, 30), slice(30, None)

    def told(sets: np.ndarray) -> object:
        sets = np.asarray(sets).astype(bool)
        return (
            sets.sum(axis=1).mean(),
            sets[np.arange(len(sets)), TARGET[ask]].mean(),
            int((sets.sum(axis=1) == 0).sum()),
        )

    def lentigo() -> object:
        from lentigo.numbers.calibration import Conformal

        return told(Conformal.fit(ROWS[fit], TARGET[fit], CLASSES, error=0.1).sets(ROWS[ask]))

    def mapie() -> object:
        from mapie.classification import SplitConformalClassifier
        from sklearn.base import BaseEstimator, ClassifierMixin

        class Said(ClassifierMixin, BaseEstimator):
            """Answers with the probabilities that it is given as features."""

            def fit(self, x: np.ndarray, y: np.ndarray) -> "Said":
                del y
                self.classes_, self.n_features_in_ = np.arange(4), x.shape[1]
                return self

            def predict_proba(self, x: np.ndarray) -> np.ndarray:
                return np.asarray(x)

            def predict(self, x: np.ndarray) -> np.ndarray:
                return np.asarray(x).argmax(axis=1)

        model = Said().fit(ROWS, TARGET)
        found = SplitConformalClassifier(model, confidence_level=0.9, prefit=True).conformalize(ROWS[fit], TARGET[fit])
        return told(found.predict_set(ROWS[ask])[1][:, :, 0])

    def crepes(*, by_class: bool, smoothing: bool) -> object:
        from crepes import ConformalClassifier

        scores = 1 - ROWS[fit][np.arange(30), TARGET[fit]]
        if not by_class:
            return told(
                ConformalClassifier()
                .fit(scores, seed=0)
                .predict_set(1 - ROWS[ask], confidence=0.9, smoothing=smoothing, seed=0)
            )
        columns = [
            ConformalClassifier().fit(scores[TARGET[fit] == k], seed=0).predict_set(1 - ROWS[ask][:, [k]], confidence=0.9, smoothing=smoothing, seed=0)
            if (TARGET[fit] == k).any() else np.ones((18, 1))
            for k in range(4)
        ]  # fmt: skip
        return told(np.concatenate(columns, axis=1))

    return {
        "lentigo, per class": lentigo, "crepes, per class, `smoothing=False`": lambda: crepes(by_class=True, smoothing=False),
        "crepes, all classes together, `smoothing=False`": lambda: crepes(by_class=False, smoothing=False),
        "crepes, all classes together, its default": lambda: crepes(by_class=False, smoothing=True),
        "MAPIE LAC, all classes together": mapie,
    }  # fmt: skip


def benefit() -> Answers:
    def lentigo() -> object:
        from lentigo.numbers.evaluation import net_benefit

        called = SCORE >= THRESHOLD
        sensitivity, specificity = np.array([called[TRUTH].mean()]), np.array([(~called)[~TRUTH].mean()])
        return float(net_benefit(sensitivity, specificity, prevalence=float(TRUTH.mean()), threshold=THRESHOLD)[0])

    def above() -> object:
        called = SCORE > THRESHOLD
        return (called & TRUTH).mean() - (called & ~TRUTH).mean() * THRESHOLD / (1 - THRESHOLD)

    def dcurves() -> object:
        from dcurves import dca

        found = dca(
            data=pd.DataFrame({"y": TRUTH.astype(int), "p": SCORE}),
            outcome="y",
            modelnames=["p"],
            thresholds=[THRESHOLD],
        )
        return float(found.loc[found["model"] == "p", "net_benefit"].iloc[0])

    return {"lentigo": lentigo, "dcurves": dcurves, "by hand, with > for >=": above}


def subgroups() -> Answers:
    """Sensitivity of three sites at the threshold; palms and soles have no malignant image."""

    def lentigo() -> object:
        from lentigo.numbers.metrics import threshold_counts

        found = []
        for name in sorted(DATA["site"].unique()):
            rows = DATA["site"].eq(name).to_numpy()
            counts = threshold_counts(TRUTH[rows], SCORE[rows], threshold=THRESHOLD)
            found.append(float(counts.sensitivity))
        return found

    def fairlearn() -> object:
        from fairlearn.metrics import MetricFrame
        from sklearn.metrics import recall_score

        frame = MetricFrame(
            metrics=recall_score, y_true=TRUTH, y_pred=SCORE >= THRESHOLD, sensitive_features=DATA["site"]
        )
        return [*frame.by_group.tolist(), "difference", frame.difference()]

    return {"lentigo": lentigo, "fairlearn with scikit-learn's `recall_score`": fairlearn}


FIGURES: dict[str, Callable[[], Answers]] = {
    "AUROC": auroc,
    "average precision": average_precision,
    "average precision without a positive": average_precision_of_no_positive,
    "partial AUROC above 80 % sensitivity": partial_area,
    "ECE, top label": calibration_error_top,
    "ECE, malignant": calibration_error_malignant,
    "p of two AUROCs, DeLong": two_models,
    "p of two equal rankings": one_model_twice,
    "interval at AUROC 1": auroc_of_one,
    "macro AUROC, one class without images": macro_auroc,
    "balanced accuracy": balanced,
    "Brier score, four classes": brier,
    "conformal sets, 90 %: size, coverage, empty": conformal,
    "net benefit at 0.20": benefit,
    "sensitivity by site: leg, palms/soles, trunk": subgroups,
}


def shown(value: object) -> str:
    if isinstance(value, str):
        try:
            return " ".join(shown(float(part)) for part in value.split())
        except ValueError:
            return value
    if isinstance(value, list | tuple):
        return ", ".join(shown(part) for part in value)
    if isinstance(value, int):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    if np.isnan(number):
        return "n/a"
    if 0 < abs(number) < 1e-3 or 0 < abs(1 - number) < 1e-4:
        return repr(float(f"{number:.9g}"))
    return f"{number:.4f}"


def versions() -> str:
    found = []
    for name in PACKAGES.split():
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            print(f"{name} is not installed", file=sys.stderr)
    if shutil.which("Rscript"):
        found.append("pROC " + proc("cat(as.character(packageVersion('pROC')))"))
    return ", ".join(found)


def main(only: str = "") -> None:
    warnings.simplefilter("ignore")
    if not only:
        print(versions() + "\n")
    print("| figure | library | value |\n|---|---|---|")
    for figure, answers in FIGURES.items():
        for k, (name, ask) in enumerate(answers().items()):
            if not name.startswith(only):
                continue
            try:
                with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                    value = shown(ask())
            except ModuleNotFoundError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            except Exception as error:  # noqa: BLE001 - an error is an answer here
                value = f"{type(error).__name__}: {str(error)[:150]}"
            print(f"| {figure if k == 0 else ''} | {name} | {value} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:2])
