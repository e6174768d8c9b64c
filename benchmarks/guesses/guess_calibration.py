"""Answers S8, S9, S13 to S16 and S25 to S27 of docs/guesses.md: calibration and conformal sets.

python benchmarks/guesses/guess_calibration.py [s8 ...]
"""

import warnings

import numpy as np
from asking import answer_all

warnings.simplefilter("ignore")


RNG = np.random.default_rng(0)
TRUTH = np.tile([0, 1], 60)
SCORE = np.clip(RNG.normal(0.35 + 0.3 * TRUTH, 0.2), 0.01, 0.99).round(2)


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


if __name__ == "__main__":
    answer_all(globals(), "s", "scikit-learn mapie crepes netcal uncertainty-calibration")
