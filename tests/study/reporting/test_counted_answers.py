"""What is said of images without an answer, of lost malignant ones and of greatest shares, with a few and with many."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from lentigo.model._sanity import Sanity
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import ChangedAnswer, changed_answers
from lentigo.study.reporting._stress.words import _greatest
from lentigo.study.reporting._terminal.changes import changes_table
from lentigo.study.reporting._terminal.external_validation import band_alone, without_answer


@pytest.mark.parametrize(
    ("n", "n_without", "said"),
    [
        (12, 1, "1 of 12 images gets no answer; sensitivity and specificity count it by the threshold."),
        (6000, 1000, "1,000 of 6,000 images get no answer; sensitivity and specificity count them by the threshold."),
        (60, 0, ""),
    ],
)
def test_rates_that_count_images_without_an_answer_say_so(n: int, n_without: int, said: str) -> None:
    """ "It finds 100.0% of the malignant images" stood above 12 of 14 that were referred."""
    half = n // 2
    malignant = {"refer": half - n_without, "cannot assess": n_without}
    # a diagnosis is a row as well, and is not counted twice
    answers = {"malignant": malignant, "benign": {"benign-looking": half}, "MEL": malignant}
    test = SimpleNamespace(answers=answers, evaluation=SimpleNamespace(n_images=n, operating_points=[object()]))
    assert without_answer(cast("Any", test)) == said
    test.evaluation.operating_points = []
    assert without_answer(cast("Any", test)) == ""


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "A refers no malignant image"),
        (1, "the malignant image that A refers is not benign-looking for B"),
        (40, "none of the 40 malignant images that A refers is benign-looking for B"),
    ],
)
def test_that_no_malignant_image_is_lost_says_of_how_many(n: int, said: str) -> None:
    kept = [ChangedAnswer(f"{i}", "MEL", True, "refer", "refer", 0.4, 0.4) for i in range(n)]
    benign = ChangedAnswer("b", "NV", False, "refer", "benign-looking", 0.4, 0.1)
    assert said in changes_table(changed_answers([*kept, benign]))


def test_the_greatest_share_names_all_that_reach_it() -> None:
    """With none refused under any corruption, "refuses most under blur, 0%" named the first."""
    none, some, more = (Estimate(x / 12, 0.0, 0.5, n=12) for x in (0, 1, 2))
    assert _greatest({"blur": none, "hair": none}) == "0% (0 to 50%), under each corruption"
    assert _greatest({"blur": more, "hair": some, "dark": more}) == "17% (0 to 50%), under blur and dark"
    assert _greatest({"blur": more}) == "17% (0 to 50%), under blur"


@pytest.mark.parametrize(("score", "more"), [(0.02, "hardly more"), (-0.02, "no more"), (0.0, "no more")])
def test_a_map_changes_the_answer_hardly_more_only_where_its_score_is_above_0(score: float, more: str) -> None:
    assert f"changes the answer {more} than covering anything else" in Sanity(0.5 + score, 0.5, 0.7, 0.1).sentence()


@pytest.mark.parametrize(
    ("share", "word", "said"),
    [
        (0.2, "too close to call", "count what the input gate refuses as any other image."),
        (0.2, "refer", "A run answers the images in its low-confidence band (below) too"),
        (0.0, "refer", ""),
    ],
)
def test_the_figures_of_the_band_say_whether_the_answers_above_left_it_out(share: float, word: str, said: str) -> None:
    deferral = SimpleNamespace(outside={"share": Estimate(share, 0.0, 0.5, n=12)})
    evaluation = SimpleNamespace(detail=SimpleNamespace(deferral=deferral))
    test = cast("Any", SimpleNamespace(answers={"malignant": {word: 3}}, evaluation=evaluation))
    assert said in band_alone(test)
    assert bool(band_alone(test)) is bool(said)
    evaluation.detail = None
    assert band_alone(test) == ""
