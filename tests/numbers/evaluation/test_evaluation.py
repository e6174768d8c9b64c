"""The evaluation: every figure against scikit-learn, every interval against a plain loop, its file and its table."""

import json
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from lentigo.config import CalibrateConfig
from lentigo.errors import MetricError, PredictionsError
from lentigo.model.decision import Estimate, OperatingPoint
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import Evaluation, evaluate
from lentigo.numbers.evaluation._figures import figures_of
from lentigo.numbers.metrics import Resampler, expected_calibration_error, percentile_interval
from lentigo.numbers.metrics._bootstrap import bootstrap
from lentigo.numbers.metrics._few_clusters import expanded_confidence
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting import evaluation_table
from lentigo.study.reporting._terminal.evaluation import format_table

CLASSES = ("NV", "MEL", "BCC")
MALIGNANT = ("MEL", "BCC")
FIXED = (("sensitivity", "specificity"), ("specificity", "sensitivity"))
POINT = OperatingPoint("sensitivity_95", 0.4, 0.95, Estimate(0.95, 0.9, 1, 9), Estimate(0.7, 0.6, 0.8, 9), 9, 9)


def make(n: int = 200, *, classes: tuple[str, ...] = CLASSES, seed: int = 0, digits: int = 15) -> Predictions:
    rng = np.random.default_rng(seed)
    k = len(classes)
    target = rng.choice(k, n, p=np.arange(k, 0, -1) / np.arange(1, k + 1).sum())
    logits = rng.normal(size=(n, k))
    logits[np.arange(n), target] += 1.5
    rows = np.exp(logits)
    rows = np.round(rows / rows.sum(axis=1, keepdims=True), digits)
    rows[:, 0] = 1 - rows[:, 1:].sum(axis=1)
    return Predictions(np.array([f"ISIC_{i:05d}" for i in range(n)]), target, rows.clip(0, 1), classes)


def by_scikit_learn(said: Predictions, weight: np.ndarray) -> dict[str, np.ndarray | float]:
    """Every figure, asked of scikit-learn with sample weights."""
    labels, target, rows = list(range(len(said.classes))), said.target, said.probabilities
    predicted, truth, probability = rows.argmax(axis=1), said.is_malignant(MALIGNANT), said.malignant(MALIGNANT)
    scores = oracle.precision_recall_fscore_support(
        target, predicted, labels=labels, sample_weight=weight, zero_division=np.nan
    )
    areas = [oracle.roc_auc_score(target == k, rows[:, k], sample_weight=weight) for k in labels]
    averages = [oracle.average_precision_score(target == k, rows[:, k], sample_weight=weight) for k in labels]
    halves = [oracle.f1_score(target == k, rows[:, k] >= 0.5, sample_weight=weight) for k in labels]
    called = probability >= POINT.threshold
    (tn, fp), (fn, tp) = oracle.confusion_matrix(truth, called, sample_weight=weight)
    return {
        "confusion": oracle.confusion_matrix(target, predicted, labels=labels, sample_weight=weight),
        "accuracy": oracle.accuracy_score(target, predicted, sample_weight=weight),
        "balanced_accuracy": oracle.balanced_accuracy_score(target, predicted, sample_weight=weight),
        "class_precision": scores[0],
        "class_recall": scores[1],
        "class_f1": scores[2],
        "macro_f1": np.nanmean(scores[2]),
        "weighted_recall": np.average(scores[1], weights=scores[3]),
        "class_auroc": areas,
        "macro_auroc": np.mean(areas),
        "class_average_precision": averages,
        "macro_average_precision": np.mean(averages),
        "class_f1_at_half": halves,
        "macro_f1_at_half": np.mean(halves),
        "auroc": oracle.roc_auc_score(truth, probability, sample_weight=weight),
        "average_precision": oracle.average_precision_score(truth, probability, sample_weight=weight),
        "brier": oracle.brier_score_loss(target, rows, labels=labels, sample_weight=weight),
        "malignant_brier": oracle.brier_score_loss(truth, probability, sample_weight=weight),
        "nll": oracle.log_loss(target, rows, labels=labels, sample_weight=weight),
        "threshold_0": [tp, fp, fn, tn],
    }


@pytest.mark.parametrize("digits", [2, 15])
def test_every_figure_of_every_resample_is_that_of_a_loop_over_scikit_learn(digits: int) -> None:
    said = make(digits=digits)
    groups = np.random.default_rng(1).integers(0, 90, len(said))
    resampler = Resampler.of(said.target, groups, n_resamples=12, seed=2)
    weights = resampler.weights(0, 12)
    found = figures_of(said, MALIGNANT, [POINT.threshold])(weights)
    for b in range(12):
        for name, expected in by_scikit_learn(said, weights[:, b].astype(np.float64)).items():
            np.testing.assert_allclose(found[name][..., b], expected, atol=1e-9, err_msg=name)


def test_the_record_holds_scikit_learns_figures_and_percentiles_of_the_resamples() -> None:
    said = make()
    groups = np.array([f"lesion {i // 2}" for i in range(len(said))])
    found = evaluate(said, malignant=MALIGNANT, groups=groups, unit="lesion", operating_points=[POINT], n_resamples=60)
    expected = by_scikit_learn(said, np.ones(len(said)))
    for name in set(found.metrics) & set(expected):
        assert found.metrics[name].value == pytest.approx(expected[name], abs=1e-9), name
    rows = {f"{name}_at_{other}_{rate}" for name, other in FIXED for rate in (90, 95)}
    assert set(found.metrics) - set(expected) == rows | {
        "ece",
        "ece_debiased",
        "malignant_ece",
        "malignant_ece_debiased",
        "auroc_delong",
        "partial_auroc",
        "partial_auroc_mcclish",
        "slope",
        "intercept",
        "intercept_in_the_large",
    }
    for k, scores in enumerate(found.per_class.values()):
        for name in ("precision", "recall", "f1", "auroc", "average_precision"):
            assert scores[name].value == pytest.approx(expected[f"class_{name}"][k], abs=1e-9)
        assert scores["support"] == (said.target == k).sum()
    assert found.confusion.tolist() == expected["confusion"].tolist()
    assert found.confusion.sum() == len(said) == found.n_images
    resampler = Resampler.of(said.target, groups, n_resamples=60)
    weights = resampler.weights(0, 60)
    drawn = [oracle.log_loss(said.target, said.probabilities, labels=[0, 1, 2], sample_weight=w) for w in weights.T]
    nll = found.metrics["nll"]
    # every lesion has two images, so that 100 clusters count for 100; the correction for skewness moves the ends
    low, high = percentile_interval(drawn, confidence=expanded_confidence(0.95, 100))
    assert (nll.low, nll.high) == pytest.approx((low, high), abs=0.25 * (high - low))
    assert (found.resampling.unit, found.resampling.n_units, found.resampling.n_resamples) == ("lesion", 100, 60)


def test_the_operating_point_counts_probabilities_from_the_threshold_on() -> None:
    said = make()
    point = evaluate(said, malignant=MALIGNANT, operating_points=[POINT], n_resamples=60).operating_points[0]
    truth, called = said.is_malignant(MALIGNANT), said.malignant(MALIGNANT) >= 0.4
    counts = [(truth & called).sum(), (~truth & called).sum(), (truth & ~called).sum(), (~truth & ~called).sum()]
    assert [point.tp, point.fp, point.fn, point.tn] == counts
    assert point.sensitivity.value == called[truth].mean()
    assert point.specificity.value == (~called)[~truth].mean()
    assert point.ppv.value == truth[called].mean()
    assert point.npv.value == (~truth)[~called].mean()
    assert [getattr(point, name).n for name in ("sensitivity", "specificity", "ppv", "npv")] == [
        truth.sum(),
        (~truth).sum(),
        called.sum(),
        (~called).sum(),
    ]
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        assert getattr(point, name).low < getattr(point, name).value < getattr(point, name).high


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_neither_row_order_nor_class_order_changes_a_figure_or_interval(seed: int) -> None:
    said = make(60, seed=seed % 100)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(60), rng.permutation(3)
    shuffled = Predictions(
        said.image[rows],
        np.argsort(columns)[said.target[rows]],
        said.probabilities[rows][:, columns],
        tuple(said.classes[i] for i in columns),
    )
    found, expected = (
        evaluate(p, malignant=MALIGNANT, operating_points=[POINT], n_resamples=40) for p in (shuffled, said)
    )
    if len(set(expected.support.values())) < 3:
        return  # with equally rare classes the order of the classes decides which is drawn first
    for name, estimate in expected.metrics.items():
        np.testing.assert_allclose(
            [found.metrics[name].value, found.metrics[name].low, found.metrics[name].high],
            [estimate.value, estimate.low, estimate.high],
            atol=1e-9,
            err_msg=name,
        )
    for name in CLASSES:
        assert found.per_class[name]["f1"].value == pytest.approx(expected.per_class[name]["f1"].value, abs=1e-12)


def test_ece_is_that_of_named_bins_and_its_interval_holds_it() -> None:
    said = make(600)
    found = evaluate(said, malignant=MALIGNANT, n_resamples=200).metrics
    truth, probability = said.is_malignant(MALIGNANT), said.malignant(MALIGNANT)
    assert found["malignant_ece"].value == pytest.approx(expected_calibration_error(truth, probability), abs=1e-12)
    is_right = said.probabilities.argmax(axis=1) == said.target
    top = expected_calibration_error(is_right, said.probabilities.max(axis=1))
    assert found["ece"].value == pytest.approx(top, abs=1e-12)
    for name in ("ece", "malignant_ece"):
        assert 0 <= found[name].low <= found[name].value <= found[name].high


def test_curves_lie_within_their_bands_and_agree_with_the_figures() -> None:
    said = make(400)
    found = evaluate(said, malignant=MALIGNANT, n_resamples=200)
    for name in ("roc", "precision_recall", "reliability"):
        curve = found.curves[name]
        assert ((curve.low <= curve.y + 1e-12) & (curve.y <= curve.high + 1e-12)).mean() > 0.97
        assert (np.diff(curve.x) > 0).all()
    roc = found.curves["roc"]
    # a staircase read at 101 rates lies on or below the ROC curve, by less than one step
    assert np.trapezoid(roc.y, roc.x) == pytest.approx(found.metrics["auroc"].value, abs=0.01)
    assert roc.y[-1] == 1


def test_a_class_without_images_is_nan_with_a_reason_and_left_out_of_means_with_the_count() -> None:
    said = make(100, classes=("NV", "MEL"))
    rows = np.column_stack([said.probabilities, np.zeros(100)])
    found = evaluate(Predictions(said.image, said.target, rows, CLASSES), malignant=MALIGNANT, n_resamples=40)
    for name in ("precision", "recall", "f1", "auroc", "average_precision"):
        assert math.isnan(found.per_class["BCC"][name].value)
        assert found.per_class["BCC"][name].reason.startswith("0 images")
    macro = found.metrics["macro_auroc"]
    assert macro.value == pytest.approx(found.per_class["NV"]["auroc"].value)
    assert macro.reason == "1 of 3 classes excluded, undefined: BCC"
    assert found.metrics["balanced_accuracy"].reason == macro.reason


@pytest.mark.parametrize(("target", "missing"), [(0, "malignant"), (1, "benign")])
def test_images_of_one_side_only_leave_auroc_undefined_not_perfect(target: int, missing: str) -> None:
    said = make(20, classes=("NV", "MEL"))
    one_sided = Predictions(said.image, np.full(20, target), said.probabilities, said.classes)
    found = evaluate(one_sided, malignant=["MEL"], operating_points=[POINT], n_resamples=20)
    assert found.metrics["auroc"].reason == f"0 {missing} images"
    assert found.metrics["auroc"].n == 20
    assert np.isnan(found.curves["roc"].y).all()
    undefined = "sensitivity" if missing == "malignant" else "specificity"
    assert getattr(found.operating_points[0], undefined).reason == f"0 {missing} images"
    assert "n/a (0 cases)" in evaluation_table(found)


def test_each_figure_of_a_class_counts_its_own_cases() -> None:
    said = make(80)
    found = evaluate(said, malignant=MALIGNANT, n_resamples=20).per_class
    called = said.probabilities.argmax(axis=1)
    for k, scores in enumerate(found.values()):
        is_class, is_called = said.target == k, called == k
        counts = (scores["precision"].n, scores["recall"].n, scores["f1"].n, scores["auroc"].n)
        assert counts == (is_called.sum(), is_class.sum(), (is_class | is_called).sum(), 80)


def test_no_malignant_class_at_all_is_undefined_too() -> None:
    found = evaluate(make(20), malignant=[], n_resamples=20)
    assert found.metrics["auroc"].reason == "0 malignant images"


def test_a_weighted_mean_without_any_defined_class_says_so() -> None:
    said = Predictions(np.array(["a", "b"]), np.array([0, 0]), np.array([[0.2, 0.8], [0.1, 0.9]]), ("NV", "MEL"))
    found = evaluate(said, malignant=["MEL"], n_resamples=10).averages["weighted"]["precision"]
    assert found.reason == "undefined for every class that has images"


def test_a_single_image_gives_values_without_intervals() -> None:
    said = Predictions(np.array(["a"]), np.array([1]), np.array([[0.2, 0.8]]), ("NV", "MEL"))
    found = evaluate(said, malignant=["MEL"], n_resamples=10)
    assert found.metrics["accuracy"].value == 1
    assert found.metrics["accuracy"].reason == "1 image only: no interval"
    assert math.isnan(found.metrics["brier"].low)


def test_perfect_predictions_do_not_claim_certainty() -> None:
    target = np.repeat([0, 1], 15)
    said = Predictions(np.arange(30).astype(str), target, np.eye(2)[target], ("NV", "MEL"))
    found = evaluate(said, malignant=["MEL"], operating_points=[POINT], n_resamples=50)
    sensitivity = found.operating_points[0].sensitivity
    assert (sensitivity.value, sensitivity.high) == (1, 1)
    assert sensitivity.low == pytest.approx(0.796, abs=1e-3)  # Wilson, 15 of 15
    area = found.metrics["auroc"]  # fifteen above fifteen are no proof of a ranking without a mistake
    assert area.high == area.value == 1
    assert 0.8 < area.low < 0.9


def test_unlabelled_empty_and_misfitting_input_is_refused() -> None:
    said = make(10)
    target = said.target.copy()
    target[3] = -1
    with pytest.raises(MetricError, match=r"1 of 10 images have no target: ISIC_00003\. Fill in"):
        evaluate(Predictions(said.image, target, said.probabilities, said.classes), malignant=MALIGNANT)
    with pytest.raises(MetricError, match="no predictions"):
        evaluate(said.select(np.zeros(10, dtype=bool)), malignant=MALIGNANT)
    with pytest.raises(MetricError, match="10 images need as many groups; got 3"):
        evaluate(said, malignant=MALIGNANT, groups=np.arange(3))
    with pytest.raises(PredictionsError, match="no such class"):
        evaluate(said, malignant=["SCC"])


def test_a_written_evaluation_reads_back_and_is_strict_json(tmp_path: Path) -> None:
    said = make(30)
    found = evaluate(
        said, malignant=MALIGNANT, operating_points=[POINT], n_resamples=20, provenance={"predictions_sha256": "ab"}
    )
    lacking = evaluate(said.select(said.target == 0), malignant=MALIGNANT, operating_points=[POINT], n_resamples=20)
    for evaluation in (found, lacking):
        evaluation.write(tmp_path / "evaluation.json")
        text = (tmp_path / "evaluation.json").read_text()
        assert "NaN" not in text
        back = Evaluation.read(tmp_path / "evaluation.json")
        assert json.loads(text)["schema_version"] == 2
        back.write(tmp_path / "again.json")
        assert (tmp_path / "again.json").read_text() == text
        assert evaluation_table(back) == evaluation_table(evaluation)
    assert json.loads(text)["metrics"]["auroc"]["value"] is None


def test_damaged_missing_and_future_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.json"
    with pytest.raises(MetricError, match="does not exist"):
        Evaluation.read(path)
    evaluate(make(30), malignant=MALIGNANT, n_resamples=20).write(path)
    payload = json.loads(path.read_text())
    path.write_text(json.dumps(payload | {"schema_version": 9}))
    with pytest.raises(MetricError, match="schema version 9; this lentigo reads 2"):
        Evaluation.read(path)
    path.write_text(json.dumps({name: value for name, value in payload.items() if name != "metrics"}))
    with pytest.raises(MetricError, match="not a complete evaluation"):
        Evaluation.read(path)


def test_memory_stays_within_the_bound_of_a_piece_however_many_resamples() -> None:
    said = make(5000)
    figures, resampler = figures_of(said, MALIGNANT, [0.4]), Resampler.of(said.target, n_resamples=24)
    figures(np.ones((len(said), 1)))  # what is made once, however many resamples follow
    peaks = []
    for max_bytes in (2**20, 4 * 2**20):
        tracemalloc.start()
        bootstrap(figures, resampler, max_bytes=max_bytes)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert peaks[-1] < 1.3 * max_bytes
    assert peaks[0] < peaks[1] / 2


def test_the_table_is_this_one() -> None:
    said = make(660, classes=("benign", "malignant"))
    plain = CalibrateConfig(method="temperature", sensitivities=(0.95,), youden=False)
    point = Calibration.fit(make(560, classes=("benign", "malignant"), seed=1), malignant=["malignant"], settings=plain)
    groups = np.arange(660) // 2
    found = evaluate(
        said, malignant=["malignant"], groups=groups, unit="lesion", operating_points=point.operating_points
    )
    assert evaluation_table(found) == EXPECTED_TABLE.strip("\n")


@pytest.mark.parametrize(
    "classes", [("benign", "malignant"), CLASSES, ("NV", "MEL", "BCC", "AK", "AKIEC", "BKL", "DF", "VASC")]
)
def test_the_table_fits_80_columns_of_ascii_and_its_columns_stand_in_line(classes: tuple[str, ...]) -> None:
    found = evaluate(make(300, classes=classes), malignant=classes[1:2], operating_points=[POINT], n_resamples=30)
    text = evaluation_table(found)
    lines = text.split("\n")
    assert text.isascii()
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)
    header = lines[0]
    for name in (*classes, "macro avg", "weighted avg"):
        line = next(line for line in lines if line.startswith(name + " "))
        for column in ("precision", "recall", "F1"):
            at = header.index(column)
            assert line[at - 1] == " "
            assert line[at] in "01n"
        assert len(line) == len(header)
    accuracy = next(line for line in lines if line.startswith("accuracy "))
    assert accuracy[header.index("F1") :].startswith(f"{found.metrics['accuracy'].value:.2f} [")
    assert accuracy.endswith(" 300")


def test_long_class_names_and_more_digits_keep_the_columns_in_line() -> None:
    found = evaluate(make(100, classes=("a very long name of a diagnosis", "MEL")), malignant=["MEL"], n_resamples=30)
    lines = format_table(found, digits=4).split("\n")
    assert len({len(line) for line in lines[2:4]} | {len(lines[0])}) == 1
    assert lines[2][lines[0].index("recall")] in "01"


def test_the_table_explains_what_is_missing() -> None:
    said = make(40, classes=("NV", "MEL"))
    rows = np.column_stack([said.probabilities, np.zeros(40)])
    text = evaluation_table(
        evaluate(Predictions(said.image, said.target, rows, CLASSES), malignant=["MEL"], n_resamples=20)
    )
    assert "- BCC recall: 0 images of BCC." in text
    assert "1 of 3 classes excluded, undefined: BCC" in " ".join(text.split())


EXPECTED_TABLE = """
              precision          recall             F1                 support

benign        0.92 [0.88, 0.94]  0.88 [0.84, 0.90]  0.90 [0.87, 0.92]      420
malignant     0.80 [0.74, 0.84]  0.86 [0.81, 0.90]  0.83 [0.79, 0.86]      240

accuracy                                            0.87 [0.84, 0.89]      660
macro avg     0.86 [0.83, 0.88]  0.87 [0.84, 0.89]  0.86 [0.83, 0.89]      660
weighted avg  0.87 [0.85, 0.90]  0.87 [0.84, 0.89]  0.87 [0.84, 0.89]      660

all classes, by the most probable class
  accuracy                  0.870 [0.842, 0.893]
  balanced accuracy         0.867 [0.838, 0.894]

malignant against benign
  AUROC                     0.933 [0.912, 0.949]
  AUROC, by DeLong          0.933 [0.912, 0.949]
  average precision         0.894 [0.862, 0.920]
  partial AUROC, raw        0.151 [0.136, 0.162]
  partial AUROC, McClish    0.863 [0.821, 0.895]
  sens. at 90 % spec.       0.804 [0.701, 0.865]
  sens. at 95 % spec.       0.671 [0.570, 0.786]
  spec. at 90 % sens.       0.762 [0.663, 0.869]
  spec. at 95 % sens.       0.686 [0.624, 0.749]

sensitivity_95: called malignant from a probability of 0.2643
  sensitivity               0.963 [0.930, 0.980]  231 of 240 malignant
  specificity               0.660 [0.612, 0.704]  277 of 420 benign
  PPV                       0.618 [0.567, 0.666]  231 of 374 called malignant
  NPV                       0.969 [0.941, 0.983]  277 of 286 called benign

probabilities (ECE over at most 15 equal-mass bins)
  Brier score               0.107 [0.095, 0.120]
  NLL                       0.346 [0.318, 0.377]
  ECE, top label            0.070 [0.028, 0.087]
  ECE, top label, debiased  0.065 [0.028, 0.087]
  ECE, malignant            0.075 [0.034, 0.092]
  ECE, malignant, debiased  0.070 [0.034, 0.092]
  calibration slope         1.491 [1.270, 1.712]
  calibration intercept     -0.507 [-0.715, -0.299]
  intercept in the large    -0.449 [-0.580, -0.319]

images by the most probable class
truth \\ called  benign  malignant
benign             368         52
malignant           34        206

In brackets: 95 % intervals, bootstrap (BCa; Wilson by effective size for
proportions; jackknife t for slope and intercepts; test inversion for ECE),
2,000 resamples of 330 lesions, stratified by class: they hold for test sets of
this mix. Precision is PPV, recall sensitivity of a class. Partial AUROC: above
80 % sensitivity, raw at most 0.2. DeLong: clustered by lesion. Slope 1 and
intercepts 0 are calibrated.
"""


def test_where_all_malignant_images_are_of_one_patient_nothing_that_rests_on_them_has_an_interval() -> None:
    rng = np.random.default_rng(0)
    target = np.repeat([1, 0], [20, 200])
    malignant = 1 / (1 + np.exp(-rng.normal(2.0 * target - 1, 1)))
    said = Predictions(np.arange(220).astype(str), target, np.stack([1 - malignant, malignant], axis=1), ("NV", "MEL"))
    patients = np.concatenate([np.zeros(20, dtype=int), np.arange(1, 201)])
    found = evaluate(
        said, malignant=["MEL"], groups=patients, unit="patient", operating_points=[POINT], n_resamples=200
    )
    point = found.operating_points[0]
    figures = {**found.metrics, **{name: getattr(point, name) for name in ("sensitivity", "ppv", "npv")}}
    for name in ("balanced_accuracy", "auroc", "sensitivity", "ppv", "npv"):
        assert not figures[name].has_interval, name
        assert "are of one patient: no interval" in figures[name].reason, name
    assert point.specificity.has_interval
    assert figures["accuracy"].has_interval


def test_a_calibration_error_that_cannot_be_debiased_is_undefined() -> None:
    said = make(40)
    found = evaluate(said, malignant=["MEL"], groups=np.zeros(40, dtype=int), unit="patient", n_resamples=50).metrics
    assert found["ece"].is_defined
    assert not found["ece_debiased"].is_defined
    assert "of one patient" in found["ece_debiased"].reason
