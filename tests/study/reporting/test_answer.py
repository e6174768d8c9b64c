"""The first page: numbers agree with the evaluation, and every caution appears when, and only when, it is due."""

from dataclasses import replace

import numpy as np

from lentigo.model.decision import Estimate
from lentigo.study.reporting._answer import _ranked, answer_of, intervals_note
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._words import frequency, whole_of_100


def with_point(inputs, **changes) -> RunFacts:
    evaluation = inputs.evaluation
    point = replace(evaluation.operating_points[0], **changes)
    return RunFacts.of(replace(inputs, evaluation=replace(evaluation, operating_points=(point,))))


def test_headline_speaks_in_natural_frequencies(binary) -> None:
    facts = with_point(
        binary, sensitivity=Estimate(0.934, 0.9, 0.96, n=300), specificity=Estimate(0.78, 0.7, 0.8, n=360)
    )
    answer = answer_of(facts)
    assert answer.headline == (
        "Of 100 malignant photographs 93 (90 to 96) reach its threshold, and of 100 benign ones 22 (20 to 30)."
    )
    assert answer.headline_rest == "Measured on its own test (80 images); no other source was tried."


def test_headline_falls_back_to_auroc_without_an_operating_point(binary) -> None:
    inputs = replace(binary, evaluation=replace(binary.evaluation, operating_points=()))
    answer = answer_of(RunFacts.of(inputs))
    assert "AUROC" in answer.headline
    assert "No threshold was chosen" in answer.does
    assert answer.hundreds == ()


def test_dots_and_words_come_from_the_counts_on_test(binary_facts) -> None:
    point = binary_facts.point
    malignant, benign = answer_of(binary_facts).hundreds
    assert malignant.frequency == frequency(point.tp / (point.tp + point.fn))
    assert benign.frequency == frequency(point.tn / (point.tn + point.fp))
    assert f"{point.tp} of {point.tp + point.fn}" in malignant.evidence


def test_unit_of_the_intervals_is_named(binary_facts, seven_facts) -> None:
    assert "100 resamples of 80 images" in intervals_note(binary_facts)
    assert "lesions, stratified by class" in intervals_note(seven_facts)


def test_undefined_figures_say_why(binary) -> None:
    metrics = {**binary.evaluation.metrics, "auroc": Estimate.undefined("0 malignant images")}
    point = replace(binary.evaluation.operating_points[0], sensitivity=Estimate.undefined("0 malignant images"))
    evaluation = replace(binary.evaluation, metrics=metrics, operating_points=(point,))
    answer = answer_of(RunFacts.of(replace(binary, evaluation=evaluation)))
    assert "n/a (0 malignant images)" in answer.headline
    assert [case.side for case in answer.hundreds] == ["benign"]


def test_facts_flag_at_the_stored_threshold(binary_facts) -> None:
    point = binary_facts.point
    assert int((binary_facts.is_flagged & binary_facts.is_malignant).sum()) == point.tp
    assert np.all(binary_facts.probability[binary_facts.is_flagged] >= point.threshold)


def test_dots_are_a_hundred_and_the_words_beside_them_those_of_the_headline(binary) -> None:
    assert whole_of_100([0.806, 0.037, 0.157]) == (80, 4, 16)  # 81, 4 and 16 by themselves
    assert whole_of_100([1.0, 0.0, 0.0]) == (100, 0, 0)
    assert sum(whole_of_100([1 / 3, 1 / 3, 1 / 3])) == 100
    for case in answer_of(RunFacts.of(binary)).hundreds:
        assert case.frequency.yes + case.n_wrong + case.unanswered.yes == 100


def test_fewer_than_ten_images_are_not_drawn_as_a_hundred(binary) -> None:
    point = binary.evaluation.operating_points[0]
    few = replace(point, sensitivity=replace(point.sensitivity, n=9))
    evaluation = replace(binary.evaluation, operating_points=(few, *binary.evaluation.operating_points[1:]))
    assert [case.side for case in answer_of(RunFacts.of(replace(binary, evaluation=evaluation))).hundreds] == ["benign"]


def test_pairs_are_counted_where_there_are_fewer_than_a_hundred() -> None:
    assert _ranked(0.75, 4, 9) == "of 36 pairs of one malignant and one benign image, 27 are ranked correctly"
    assert _ranked(0.75, 4, 30) == "of 100 pairs of one malignant and one benign image, 75 are ranked correctly"


def test_a_calibration_error_stands_beside_what_chance_alone_gives(binary_facts) -> None:
    error = answer_of(binary_facts).figures[-1]
    # 80 images in 15 bins: some points, which an exact model would show as well
    assert 3 < float(error.meaning.partition("gives about ")[2].partition("%")[0]) < 20


def test_probabilities_that_are_too_high_on_average_are_said_to_be(binary) -> None:
    def said(found: Estimate) -> str:
        metrics = {**binary.evaluation.metrics, "intercept_in_the_large": found}
        return (
            answer_of(RunFacts.of(replace(binary, evaluation=replace(binary.evaluation, metrics=metrics))))
            .figures[-1]
            .meaning
        )

    assert said(Estimate(-0.229, -0.383, -0.075, n=660)).endswith(
        "On average they are too high: intercept in the large -0.23 (-0.38 to -0.07)"
    )
    assert "On average they" not in said(Estimate(-0.229, -0.46, 0.002, n=66))


def test_images_without_an_answer_are_named_beside_figures_that_count_them(binary) -> None:
    for low, high in ((0.2, 0.6), (0.4, 0.4)):
        band = replace(binary.calibration.low_confidence, low=low, high=high)
        found = answer_of(RunFacts.of(replace(binary, calibration=replace(binary.calibration, low_confidence=band))))
        assert ("Between 20.0% and 60.0% it gives no answer (as a bundle;" in found.does) == (low < high)
        assert ("images without an answer included" in found.hundreds[0].evidence) == (low < high)
