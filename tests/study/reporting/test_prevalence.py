"""Other prevalences, by hand and by law."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lentigo.model.decision import Estimate
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._prevalence import ppv_at, prevalence_note, prevalence_rows


@pytest.mark.parametrize(("prevalence", "ppv"), [(0.1, 0.5), (0.5, 0.9), (0.0, 0.0), (1.0, 1.0)])
def test_ppv_follows_bayes(prevalence: float, ppv: float) -> None:
    # 0.9 x 0.1 found against 0.1 x 0.9 false alarms: half
    assert ppv_at(0.9, 0.9, prevalence) == pytest.approx(ppv)


def test_ppv_is_undefined_when_nothing_is_flagged() -> None:
    assert math.isnan(ppv_at(0.0, 1.0, 0.5))


@given(st.floats(0.01, 1), st.floats(0, 0.99), st.floats(0.01, 0.98))
def test_ppv_rises_with_prevalence(sensitivity: float, specificity: float, prevalence: float) -> None:
    assert ppv_at(sensitivity, specificity, prevalence + 0.01) >= ppv_at(sensitivity, specificity, prevalence)


def test_other_prevalences_by_hand(binary) -> None:
    evaluation = binary.evaluation
    point = replace(
        evaluation.operating_points[0],
        sensitivity=Estimate(0.9, 0.8, 1, n=90),
        specificity=Estimate(0.8, 0.7, 0.9, n=90),
    )
    rows = prevalence_rows(RunFacts.of(replace(binary, evaluation=replace(evaluation, operating_points=(point,)))))
    # of 1,000 with 10 % malignant: 90 of 100 found, 180 of 900 flagged unnecessarily; 90 / 270 and 720 / 730
    assert rows[2] == ("10%", "90", "10", "180", "33%", "98.6%")
    assert rows[0][2] == "1"
    assert rows[-1][0] == "50%, as in this test"


def test_prevalences_need_both_sensitivity_and_specificity(binary) -> None:
    evaluation = binary.evaluation
    point = replace(evaluation.operating_points[0], specificity=Estimate.undefined("0 benign images"))
    assert (
        prevalence_rows(RunFacts.of(replace(binary, evaluation=replace(evaluation, operating_points=(point,))))) == []
    )
    assert prevalence_rows(RunFacts.of(replace(binary, evaluation=replace(evaluation, operating_points=())))) == []


def test_what_the_rows_assume_is_said_with_its_interval(binary) -> None:
    evaluation = binary.evaluation
    point = replace(
        evaluation.operating_points[0],
        sensitivity=Estimate(0.9, 0.4, 1, n=10),
        specificity=Estimate(0.8, 0.5, 0.9, n=10),
    )
    said = prevalence_note(RunFacts.of(replace(binary, evaluation=replace(evaluation, operating_points=(point,)))))
    # 0.4 x 5 of 0.4 x 5 + 0.5 x 95, and 0.5 x 95 of 0.5 x 95 + 0.6 x 5
    assert "At the lower ends of both, PPV at 5% is 4% and NPV 94.1%." in said
    assert "if sensitivity stayed 90.0% (40.0 to 100.0%)" in said
    assert prevalence_note(RunFacts.of(replace(binary, evaluation=replace(evaluation, operating_points=())))) == ""


def test_a_predictive_value_is_never_rounded_to_all(binary) -> None:
    evaluation = binary.evaluation
    point = replace(evaluation.operating_points[0], sensitivity=Estimate(0.98, 0.9, 1, n=300))
    rows = prevalence_rows(RunFacts.of(replace(binary, evaluation=replace(evaluation, operating_points=(point,)))))
    assert rows[0][-1] == "more than 99.9%"


def test_too_few_images_are_not_carried_to_other_prevalences(binary) -> None:
    evaluation = binary.evaluation

    def facts_of(n: int) -> RunFacts:
        rates = {"sensitivity": Estimate(0.5, 0.1, 0.9, n=n), "specificity": Estimate(0.8, 0.5, 0.9, n=n)}
        point = replace(evaluation.operating_points[0], **rates)
        return RunFacts.of(replace(binary, evaluation=replace(evaluation, operating_points=(point,))))

    few, many = facts_of(9), facts_of(10)  # the headline counts images below ten of a side
    assert prevalence_rows(few) == []
    assert prevalence_note(few).startswith("These images are too few to say")
    assert prevalence_rows(many)
    assert prevalence_note(many).startswith("Of 1,000 photographs, if")
