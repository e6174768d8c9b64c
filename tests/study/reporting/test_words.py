"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lentigo.model.decision import Estimate
from lentigo.study.reporting._words import (
    apart_from,
    frequency,
    join,
    percent,
    probability_text,
    score,
    share,
    show_score,
    show_share,
    threshold_text,
)


def test_share_is_shown_with_its_interval() -> None:
    assert str(show_share(Estimate(0.9333, 0.8967, 0.9589, n=300))) == "93.3% (89.7 to 95.9%)"


def test_score_is_shown_with_its_interval() -> None:
    assert str(show_score(Estimate(0.95724, 0.941, 0.97, n=300))) == "0.957 (0.941 to 0.970)"


@pytest.mark.parametrize("show", [show_share, show_score])
def test_undefined_estimate_is_not_available_with_its_reason(show) -> None:
    assert str(show(Estimate.undefined("0 malignant images"))) == "n/a (0 malignant images)"


def test_estimate_without_interval_says_why() -> None:
    estimate = Estimate(1.0, math.nan, math.nan, 5, "the same in every resample: no interval")
    assert str(show_share(estimate)) == "100.0% (the same in every resample: no interval)"


@pytest.mark.parametrize("words", [percent, score])
def test_nan_is_never_a_number(words) -> None:
    assert words(math.nan) == "n/a"


def test_share_of_nothing_is_not_available() -> None:
    assert share(0, 0) == "n/a"


def test_a_probability_is_never_shown_as_the_threshold_that_it_misses() -> None:
    assert apart_from(0.4276, 0.4341) == "42.8%"
    assert apart_from(0.4339, 0.4341) == "43.39%"
    assert apart_from(0.4341, 0.4341) == "43.4%"
    assert threshold_text(0.4341) == "43.4%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.00001, "<0.01%"),
        (0.0004, "0.04%"),
        (0.0096, "1%"),
        (0.182, "18%"),
        (0.99, "99%"),
        (0.9931, "99.3%"),
        (0.99996, ">99.9%"),
        (1.0, "100%"),
    ],
)
def test_probability_near_an_end_is_not_rounded_to_it(value: float, text: str) -> None:
    assert probability_text(value) == text


@pytest.mark.parametrize(
    ("value", "text", "rest"),
    [
        (0.934, "93", "7"),
        (0.935, "94", "6"),
        (0.999, "more than 99", "fewer than 1"),
        (0.001, "fewer than 1", "more than 99"),
        (1.0, "100", "0"),
        (0.0, "0", "100"),
    ],
)
def test_frequency_of_a_hundred(value: float, text: str, rest: str) -> None:
    found = frequency(value)
    assert (found.text, found.rest) == (text, rest)


@given(st.floats(0, 1))
def test_only_a_share_of_exactly_none_or_all_fills_no_or_every_dot(value: float) -> None:
    dots = frequency(value).yes
    assert 0 <= dots <= 100
    assert (dots == 100) == (value == 1)
    assert (dots == 0) == (value == 0)
    assert abs(dots - 100 * value) <= 1


def test_list_in_a_sentence() -> None:
    assert (join(["a"]), join(["a", "b"]), join(["a", "b", "c"], last="or")) == ("a", "a and b", "a, b or c")
