# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""Whether probabilities come true: calibration errors, Brier score, conformal sets."""

import numpy as np

from differing.shared_file import CLASSES, ROWS, SCORE, TARGET, TRUTH, Answers, tensors


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
