import numpy as np
import pytest

from lentigo.config import CalibrateConfig
from lentigo.errors import MetricError
from lentigo.model.decision import ProbabilityMap
from lentigo.numbers.calibration._local import calibrate_locally, fit_sides, range_of_sensitivity
from lentigo.numbers.calibration._operating_point import to_find
from lentigo.numbers.predictions import Predictions

CLASSES, MALIGNANT = ("NV", "BKL", "MEL", "BCC"), ("MEL", "BCC")
SIDE = np.array([False, False, True, True])
PLAIN = ProbabilityMap("temperature", temperature=1.0)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def draw(n, *, sharpness, shift, seed=0):
    """Logits, and truths drawn where they have to be multiplied and shifted by so much to be right."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (n, len(CLASSES)))
    meant = softmax(sharpness * logits + shift * SIDE)
    return logits, generator.random(n) < meant[:, SIDE].sum(axis=1)


def predictions(logits):
    names = np.array([f"i{row}" for row in range(len(logits))])
    return Predictions(names, np.full(len(logits), -1), softmax(logits), CLASSES)


def calibrated(logits, truth, *, before=PLAIN, **more):
    how = {"malignant": MALIGNANT, "before": before, "settings": CalibrateConfig(), **more}
    return calibrate_locally(predictions(logits), truth, **how)


@pytest.mark.parametrize(("sharpness", "shift"), [(0.5, 0.0), (1.0, -2.0), (0.4, 1.5), (2.0, 0.5)])
def test_sharpness_and_base_rate_of_another_place_are_found(sharpness, shift):
    logits, truth = draw(20_000, sharpness=sharpness, shift=shift)
    assert fit_sides(logits, SIDE, truth) == pytest.approx((sharpness, shift), abs=0.12)


def test_the_gradient_is_that_of_the_loss(monkeypatch):
    import scipy.optimize

    from lentigo.numbers.calibration import _local as local

    def check(loss, start, **_how):
        for point in (start, np.array([0.3, -1.0])):
            numeric = scipy.optimize.approx_fprime(point, lambda x: loss(x)[0], 1e-6)
            np.testing.assert_allclose(loss(point)[1], numeric, rtol=1e-4, atol=1e-3)
        return scipy.optimize.OptimizeResult(x=start)

    monkeypatch.setattr(local, "minimize", check)
    logits, truth = draw(200, sharpness=0.5, shift=1.0)
    fit_sides(logits, SIDE, truth)


def test_probabilities_come_true_on_other_images_from_there():
    fitted = calibrated(*draw(800, sharpness=0.4, shift=-1.0))
    logits, truth = draw(20_000, sharpness=0.4, shift=-1.0, seed=1)
    said = fitted.apply(predictions(logits)).malignant(MALIGNANT)
    as_it_was = predictions(logits).malignant(MALIGNANT)
    for low in np.arange(0.1, 0.9, 0.2):
        is_here = (said >= low) & (said < low + 0.2)
        assert truth[is_here].mean() == pytest.approx(said[is_here].mean(), abs=0.06)
    assert abs(as_it_was.mean() - truth.mean()) > 0.1
    assert fitted.nll_after < fitted.nll_before
    assert fitted.ece_after < fitted.ece_before


def test_the_order_of_diagnoses_on_either_side_stays():
    logits, truth = draw(400, sharpness=0.3, shift=2.0)
    before, after = (
        predictions(logits).probabilities,
        calibrated(logits, truth).apply(predictions(logits)).probabilities,
    )
    for columns in ([0, 1], [2, 3]):
        np.testing.assert_array_equal(before[:, columns].argmax(axis=1), after[:, columns].argmax(axis=1))


def test_what_calibrated_it_before_is_kept_underneath():
    logits, truth = draw(2_000, sharpness=0.5, shift=0.7)
    alone = calibrated(logits, truth)
    over = calibrated(logits * 2, truth, before=ProbabilityMap("temperature", temperature=2.0))
    vector = ProbabilityMap("vector", scale=(0.5,) * 4, offset=(0.0,) * 4)
    for one, scale in ((over, 2), (calibrated(logits * 2, truth, before=vector), 2)):
        said = one.apply(predictions(logits * scale)).probabilities
        np.testing.assert_allclose(said, alone.apply(predictions(logits)).probabilities, atol=1e-6)


def test_a_few_images_without_an_error_make_nothing_certain():
    logits = np.array([[3.0, 0, -3, -3], [-3, -3, 3.0, 0], [3.0, 0, -3, -3], [-3, -3, 0, 3.0]])
    said = calibrated(logits, np.array([False, True, False, True])).apply(predictions(logits)).malignant(MALIGNANT)
    assert 1e-5 < said.min() < said.max() < 1 - 1e-5


@pytest.mark.parametrize(("here", "n"), [(0.02, 300), (0.05, 100), (0.5, 40)])
def test_the_base_rate_here_is_met_whatever_it_was(here, n):
    generator = np.random.default_rng(1)
    truth = np.arange(n) < round(here * n)
    logits = generator.normal(0, 1, (n, 4)) + np.outer(truth, [-1, -1, 1, 1])  # as from a set with 50 % malignant
    said = calibrated(logits, truth).apply(predictions(logits)).malignant(MALIGNANT)
    assert said.mean() == pytest.approx(truth.mean(), rel=0.02)


@pytest.mark.parametrize("n", [20, 60, 200])
def test_on_average_the_threshold_reaches_its_sensitivity_on_new_images(n):
    generator, reached = np.random.default_rng(0), []
    low, high = range_of_sensitivity(0.95, n)
    for _ in range(400):
        scores = generator.random(n)
        threshold = np.sort(scores)[n - round(to_find(0.95, n) * n)]
        reached.append(1 - threshold)  # of scores that are uniform
    assert np.mean(reached) >= 0.95 - 0.004
    assert np.mean([low <= value <= high for value in reached]) == pytest.approx(0.9, abs=0.04)


def test_intervals_are_over_lesions_where_there_are_some():
    logits, truth = draw(300, sharpness=0.5, shift=0.0)
    assert "lesion" in calibrated(logits, truth, groups=np.arange(300) // 3, unit="lesion").intervals
    assert "Wilson, every image independent" in calibrated(logits, truth).intervals


def test_one_side_alone_is_refused():
    with pytest.raises(MetricError, match="No malignant one is among"):
        calibrated(np.zeros((5, 4)), np.zeros(5, dtype=bool))
