"""The curves show the figures of the evaluation, and survive a test set with one class."""

import math
import re
from dataclasses import replace

import pytest

from lentigo.numbers.evaluation import evaluate
from lentigo.study.reporting._discrimination import draw_class_roc, draw_precision_recall, draw_roc
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._words import show_score


@pytest.fixture(scope="session")
def benign_only(binary) -> RunFacts:
    """A test without malignant images: nothing can be told apart."""
    test = binary.test.select(binary.test.target == 0)
    evaluation = evaluate(
        binary.calibration.apply(test),
        malignant=["malignant"],
        operating_points=binary.calibration.operating_points,
        n_resamples=100,
    )
    return RunFacts.of(replace(binary, test=test, evaluation=evaluation))


def test_roc_shows_auroc_and_operating_point(binary_facts) -> None:
    svg = draw_roc(binary_facts)
    auroc = binary_facts.inputs.evaluation.metrics["auroc"]
    assert f">AUROC {auroc.value:.3f} ({auroc.low:.3f} to {auroc.high:.3f})</text>" in svg
    assert f"sensitivity {100 * binary_facts.point.sensitivity.value:.1f}%" in svg
    assert str(show_score(auroc)) in svg


def test_precision_recall_shows_average_precision_and_prevalence(binary_facts) -> None:
    svg = draw_precision_recall(binary_facts)
    assert f">average precision {binary_facts.inputs.evaluation.metrics['average_precision'].value:.3f}</text>" in svg
    assert ">dashed: flagging all, 50%</text>" in svg


def test_roc_has_a_band(binary_facts) -> None:
    flat = replace(binary_facts.inputs.evaluation, curves={})
    without = draw_roc(RunFacts.of(replace(binary_facts.inputs, evaluation=flat)))
    assert len(re.findall("<path", draw_roc(binary_facts))) > len(re.findall("<path", without))


def test_small_roc_takes_the_colour_of_its_side(seven_facts) -> None:
    assert "#c8500c" in draw_class_roc(seven_facts, seven_facts.classes.index("MEL"))
    assert "#2767a0" in draw_class_roc(seven_facts, seven_facts.classes.index("NV"))


def test_curves_of_one_class_say_that_there_is_nothing_to_tell_apart(benign_only) -> None:
    assert math.isnan(benign_only.inputs.evaluation.metrics["auroc"].value)
    assert "AUROC n/a (0 malignant images)" in draw_roc(benign_only)
    assert "n/a" in draw_precision_recall(benign_only)
