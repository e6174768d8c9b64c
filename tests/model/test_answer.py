import dataclasses
import math

from lentigo.model.answer import CANNOT_ASSESS, LOW_CONFIDENCE, Answer

LESION = Answer("a.jpg", {"NV": 0.72, "MEL": 0.24, "BCC": 0.012, "BKL": 0.028}, 0.252, "refer", threshold=0.099)


def test_a_referral_below_one_half_shows_the_threshold_it_is_above():
    assert LESION.sentence() == "a.jpg: refer, malignant 25.2% (NV 72%, MEL 24%, BKL 3%), threshold 9.9%"


def test_what_is_too_close_to_call_shows_how_close():
    close = dataclasses.replace(LESION, decision=CANNOT_ASSESS, reasons=(LOW_CONFIDENCE,), malignant=0.091)
    expected = (
        "cannot assess: too close to the threshold to call, malignant 9.1% (NV 72%, MEL 24%, BKL 3%), threshold 9.9%"
    )
    assert close.sentence() == f"a.jpg: {expected}"


def test_a_photograph_at_fault_gets_no_probability():
    blurred = dataclasses.replace(LESION, decision=CANNOT_ASSESS, reasons=("out of focus",))
    assert blurred.sentence() == "a.jpg: cannot assess: out of focus"
    both = dataclasses.replace(LESION, decision=CANNOT_ASSESS, reasons=("out of focus", LOW_CONFIDENCE))
    assert "%" not in both.sentence()


def test_probability_and_threshold_have_the_digits_that_tell_them_apart():
    assert "malignant 9.94% (NV" in dataclasses.replace(LESION, malignant=0.0994, threshold=0.0991).sentence()
    assert dataclasses.replace(LESION, malignant=0.0994, threshold=0.0991).sentence().endswith("threshold 9.91%")
    assert dataclasses.replace(LESION, malignant=0.099, threshold=0.099).sentence().endswith("threshold 9.9%")


def test_an_answer_without_a_threshold_names_none():
    assert "threshold" not in dataclasses.replace(LESION, threshold=math.nan).sentence()
