"""The arithmetic and the words of the page against the package's own."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from stub import Stub, start

from lentigo.model import Model
from lentigo.model._answer import LOW_CONFIDENCE
from lentigo.model._input_gate import RULES
from lentigo.model._ood_score import WORDS
from lentigo.model.decision._prevalence import shift_rows
from lentigo.study.reporting._prevalence import ppv_at
from lentigo.study.reporting._words import probability_text, threshold_text
from lentigo.taxonomy import NAMES
from lentigo.wording import of_hundred_text, percent_text


@pytest.fixture(scope="module")
def module(browser: Any, small_bundle: Model) -> Iterator[Any]:
    """Call a function of a module of the page: module("numbers", "ppv", 0.9, 0.9, 0.1)."""
    server = start(Stub(small_bundle))
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/static/icon.svg")

    def call(name: str, what: str, *arguments: Any) -> Any:
        code = """async ([name, what, given]) => {
          const found = (await import(`./${name}.js`))[what];
          return typeof found === "function" ? found(...given) : found;
        }"""
        return page.evaluate(code, [name, what, list(arguments)])

    yield call
    page.close()
    server.shutdown()
    server.server_close()


def test_the_page_shifts_probabilities_as_the_bundle_does(module: Any) -> None:
    probabilities = {"MEL": 0.1, "NV": 0.65, "BCC": 0.05, "BKL": 0.2}
    for target in (0.001, 0.02, 0.5):
        found = module("numbers", "shiftOdds", probabilities, ["MEL", "BCC"], 0.19, target)
        row = np.array([list(probabilities.values())])
        expected = shift_rows(row, np.array([True, False, True, False]), source=0.19, target=target)[0]
        assert list(found.values()) == pytest.approx(expected.tolist(), rel=1e-12)


def test_predictive_values_are_those_of_bayes(module: Any) -> None:
    # 2 of 100 malignant, 95 % found, 64 % of the benign left alone: 19 of 19 + 352.8 of a thousand
    assert module("numbers", "ppv", 0.95, 0.64, 0.02) == pytest.approx(ppv_at(0.95, 0.64, 0.02))
    assert module("numbers", "ppv", 0.95, 0.64, 0.02) == pytest.approx(19 / 371.8)
    assert module("numbers", "npv", 0.95, 0.64, 0.02) == pytest.approx(627.2 / 628.2)
    assert module("numbers", "ppv", 0.0, 1.0, 0.02) is None


def test_what_to_expect_is_the_lowest_collection_that_was_held_out_of_training(module: Any) -> None:
    def figure(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.05, "high": value + 0.05}

    def source(name: str, sensitivity: float | None, *, is_left_out: bool = True) -> dict[str, Any]:
        found = {"value": None, "low": None, "high": None} if sensitivity is None else figure(sensitivity)
        return {"name": name, "n_images": 732, "is_left_out": is_left_out, "kinds": {}, "sensitivity": found,
                "specificity": figure(0.5)}  # fmt: skip

    own = {"name": "s95", "sensitivity": figure(0.92), "specificity": figure(0.65), "measured_on": "test"}
    measured = [source("a", 0.93), source("b", 0.74), source("home", 0.6, is_left_out=False), source("c", None)]
    found = module("numbers", "expectedPoint", {"measured": measured}, own)
    assert (found["source"], found["sensitivity"]["value"], found["n_sources"]) == ("b", 0.74, 2)
    said = module("consequences", "basis", {"measured": measured}, own, 0.07)
    assert "From sensitivity 74.0% (69.0 to 79.0%)" in said
    assert "in b (732 images), by a network trained without it, the lowest sensitivity of 2 collections" in said
    assert "In its own test: sensitivity 92.0%" in said
    for known in ({}, {"measured": [source("home", 0.6, is_left_out=False)]}):
        assert module("numbers", "expectedPoint", known, own) == own
        assert "no other collection was tried" in module("consequences", "basis", known, own, 0.07)


def test_a_thousand_lesions_stay_a_thousand(module: Any) -> None:
    point = {
        "sensitivity": {"value": 0.952, "low": None, "high": None},
        "specificity": {"value": 0.643, "low": 0.6, "high": 0.7},
    }
    for prevalence in (0.001, 0.0123, 0.195, 0.5):
        shares = module("numbers", "consequences", point, prevalence)
        whole = module("numbers", "wholeThousand", shares["of1000"])
        assert sum(whole.values()) == 1000
        assert all(abs(whole[key] - shares["of1000"][key]) < 1 for key in whole)
        assert shares["ppv"]["low"] is None


def test_percentages_read_as_in_the_report(module: Any) -> None:
    for value in (0.0, 0.00004, 0.0004, 0.007, 0.0149, 0.182, 0.99, 0.9949, 0.99996, 1.0):
        assert module("numbers", "percent", value) == probability_text(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.31, ["31", "100"]),
        (0.004, ["4", "1,000"]),
        (0.0003, ["3", "10,000"]),
        (0.00001, ["fewer than 2", "10,000"]),
        (0.998, ["more than 99", "100"]),
        (1.0, ["100", "100"]),
    ],
)
def test_a_probability_becomes_a_frequency_that_can_be_pictured(module: Any, value: float, words: list[str]) -> None:
    assert module("numbers", "frequency", value) == words


def test_the_slider_goes_from_a_thousandth_to_a_half_by_equal_factors(module: Any) -> None:
    assert module("numbers", "prevalenceOf", 0) == 0.001
    assert module("numbers", "prevalenceOf", 1) == 0.5
    assert module("numbers", "prevalenceOf", 0.5) == pytest.approx(math.sqrt(0.001 * 0.5), rel=0.05)
    assert module("numbers", "prevalenceOf", module("numbers", "sliderOf", 0.02)) == 0.02


def test_every_reason_of_the_bundle_has_advice_and_every_code_a_name(module: Any) -> None:
    known = {check["words"]: check for check in [*module("words", "CHECKS"), module("words", "CLOSE")]}
    assert set(known) == {rule.words for rule in RULES} | {WORDS, LOW_CONFIDENCE}
    assert all(len(check["advice"]) > 20 for check in known.values())
    assert {check["key"] for check in known.values()} >= {rule.key for rule in RULES}
    assert module("words", "DIAGNOSES") == dict(NAMES)


SHARES = (0.0, 1e-12, 0.00003, 0.0004, 0.0024, 0.006, 0.0449, 0.5, 0.934, 0.9961, 0.9996, 0.99997, 1 - 1e-12, 1.0)


def test_the_page_shows_a_share_as_none_or_all_only_if_it_is(module: Any) -> None:
    """100.0 % of a hundred thousand images was shown where one was missed, and 100.0 % for all of three is right."""
    for value in SHARES:
        assert module("numbers", "percent1", value) == percent_text(value, 1)
        assert module("numbers", "ofHundred", value) == of_hundred_text(value)
        ends = {"low": value, "high": value}
        assert module("numbers", "interval", ends) == f"{percent_text(value, 1)[:-1]} to {percent_text(value, 1)}"
    assert module("numbers", "share", 0.9961) == "99.6%"
    assert [module("numbers", "share", value) for value in (0.07, 0.19, 1)] == ["7%", "19%", "100%"]


def test_the_page_shows_a_threshold_with_a_decimal_and_a_probability_on_its_side(module: Any) -> None:
    """42.8 % was "43%" and not referred beside "refer from 43% on"."""
    for value in (0.0004, 0.012, 0.4341, 0.9961):
        assert module("numbers", "thresholdPercent", value) == threshold_text(value)
    beside = [module("numbers", "apartFrom", value, 0.4341, 0.01) for value in (0.4276, 0.4339, 0.4341, 0.48, 0.0004)]
    assert beside == ["42.8%", "43.39%", "43.4%", "48%", "below 1%"]
    # a threshold below 1 %, as at a low prevalence: the digits there are those of any probability
    assert module("numbers", "apartFrom", 0.0004, 0.003, 0.0001) == "0.04%"
