import dataclasses
import math

from lentigo.model._answer import CANNOT_ASSESS, LOW_CONFIDENCE, Answer

LESION = Answer("a.jpg", {"NV": 0.72, "MEL": 0.24, "BCC": 0.012, "BKL": 0.028}, 0.252, "refer", threshold=0.099)


def test_a_referral_below_one_half_shows_the_threshold_it_is_above():
    assert LESION.sentence() == "a.jpg: refer, malignant 25.2% (NV 72.0%, MEL 24.0%, BKL 2.8%), threshold 9.9%"


def test_what_is_too_close_to_call_shows_how_close():
    close = dataclasses.replace(LESION, decision=CANNOT_ASSESS, reasons=(LOW_CONFIDENCE,), malignant=0.091)
    figures = "malignant 9.1% (NV 72.0%, MEL 24.0%, BKL 2.8%), threshold 9.9%"
    assert close.sentence() == f"a.jpg: cannot assess: too close to the threshold to call, {figures}"


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


def test_the_malignant_ones_stand_together_first_where_the_decision_rests_on_them():
    """A melanoma that is referred for its 11 % was listed as NV, BKL, BCC."""
    shares = {"NV": 0.4, "BKL": 0.29, "BCC": 0.13, "MEL": 0.11, "AKIEC": 0.06, "DF": 0.01}
    said = Answer("a.jpg", shares, 0.3, "refer", threshold=0.099, malignant_classes=("MEL", "BCC", "AKIEC"))
    assert said.sentence() == (
        "a.jpg: refer, malignant 30.0% (BCC 13.0%, MEL 11.0%, AKIEC 6.0%; benign: NV 40.0%, BKL 29.0%), threshold 9.9%"
    )


def test_no_diagnosis_is_shown_as_more_probable_than_all_malignant_ones_together():
    """3.7 % was shown with "MEL 4%" beside it."""
    said = Answer(
        "a.jpg", {"NV": 0.963, "MEL": 0.0362, "BCC": 0.0008}, 0.037, "refer", malignant_classes=("MEL", "BCC")
    )
    assert "malignant 3.7% (MEL 3.6%, BCC below 1%; benign: NV 96.3%)" in said.sentence()


def test_probabilities_are_no_finer_than_the_sample_allows():
    sure = Answer("a.jpg", {"NV": 0.9992, "MEL": 0.0008}, 0.0008, "benign-looking", threshold=0.099)
    assert "malignant below 1% (NV above 99%, MEL below 1%)" in sure.sentence()
    rare = dataclasses.replace(sure, malignant=0.002, threshold=0.0008)  # where malignancy is rare, the threshold is
    assert "malignant 0.2%" in rare.sentence()


def test_of_two_sides_only_the_malignant_probability_is_said():
    said = Answer("a.jpg", {"benign": 0.539, "malignant": 0.461}, 0.461, "benign-looking", threshold=0.541)
    assert said.sentence() == "a.jpg: benign-looking, malignant 46.1%, threshold 54.1%"
