"""Histogram and reliability diagrams."""

import re
from dataclasses import replace

import numpy as np
import pytest

from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._probabilities import draw_histogram, draw_reliability, malignant_ece, reliability_drawing


def test_calibration_error_after_is_that_of_the_evaluation(binary_facts) -> None:
    expected = binary_facts.inputs.evaluation.metrics["malignant_ece"].value
    assert malignant_ece(binary_facts, calibrated=True) == pytest.approx(expected, abs=1e-12)
    assert malignant_ece(binary_facts, calibrated=False) != pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("calibrated", [False, True])
def test_reliability_shows_its_calibration_error(binary_facts, calibrated: bool) -> None:
    ece = malignant_ece(binary_facts, calibrated=calibrated)
    # 80 images make ten dots, and the ECE has more bins than these
    assert f">ECE {ece:.3f} over 15 bins</text>" in draw_reliability(binary_facts, calibrated=calibrated)


def test_histogram_hatches_both_kinds_of_mistakes(binary_facts) -> None:
    svg = draw_histogram(binary_facts)
    assert svg.count("<pattern") == 2
    assert ">malignant</text>" in svg
    assert ">benign</text>" in svg


def test_histogram_takes_probabilities_of_exactly_none_and_one(binary) -> None:
    sure = np.eye(2)[binary.test.target]
    sure[:4] = sure[:4, ::-1]
    test = Predictions(binary.test.image, binary.test.target, sure, binary.test.classes)
    svg = draw_histogram(RunFacts.of(replace(binary, test=test)))
    assert not re.search(r"(?<![a-z])(nan|inf)(?![a-z])", svg, re.IGNORECASE)


@pytest.mark.parametrize(("n", "n_bins"), [(9, 2), (36, 4), (120, 15), (600, 15)])
def test_a_reliability_diagram_has_bins_of_eight_images_and_more(n: int, n_bins: int) -> None:
    rng = np.random.default_rng(0)
    probability = rng.uniform(size=n)
    figure = reliability_drawing(rng.uniform(size=n) < probability, probability, 0.95, calibrated=True).figure()
    assert max(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == "o") == n_bins
