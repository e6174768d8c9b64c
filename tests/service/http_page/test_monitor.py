"""The drift page."""

from typing import Any

import pytest
from drift import DRIFT
from hands import WIDE, violations
from stub import Stub


def test_drift_is_told_from_the_answer_down(open_page: Any, stub: Stub) -> None:
    stub.monitor = DRIFT
    page = open_page("/monitor", ready="#figures section").page
    assert page.inner_text("h1") == "The distribution of scores differs somewhat from that of the validation images."
    assert "From the last 640 answers, from 2026-11-02 to 2026-11-24." in page.inner_text("#lead")
    assert page.inner_text(".psi p:first-child").split() == ["0.147", "population", "stability", "index", "moderate"]
    assert page.locator(".histogram tbody tr").count() == 10
    assert page.locator(".histogram tbody tr").nth(6).text_content() == "20% to 35%13.1%10.0%"  # 84 of 640
    assert page.locator(".beyond").all_inner_texts()[0].split() == [
        "Refer",
        "50.0%",
        "more",
        "than",
        "expected",
        "41.0%",
    ]
    outcomes = page.inner_text("#figures section:nth-of-type(4)")
    assert "93.8% 79.9 to 98.3%" in outcomes
    assert "no benign lesion reported" in outcomes


def test_a_log_that_is_off_is_explained(open_page: Any) -> None:
    watched = open_page("/monitor", ready=".off")
    watched.allowed.append("status of 404")
    assert watched.page.inner_text("h1") == "The drift log is off."
    assert "Start the service with --drift-log FOLDER." in watched.page.inner_text(".off")
    assert violations(watched.page) == []


def test_an_empty_log_shows_no_figure_that_is_not_there(open_page: Any, stub: Stub) -> None:
    nothing = {"value": None, "low": None, "high": None, "count": 0, "n": 0}
    outcome = {**nothing, "at_export": {"value": 0.95, "low": None, "high": None}}
    stub.monitor = {
        **DRIFT,
        "window": {"n": 0, "most": 1000, "first_day": None, "last_day": None},
        "scores": {
            **DRIFT["scores"],
            "observed": [0] * 10,
            "psi": None,
            "psi_by_chance": None,
            "verdict": "too few",
            "note": "Too few photographs to tell.",
        },
        "rates": [{**row, **nothing} for row in DRIFT["rates"]],
        "outcomes": {**DRIFT["outcomes"], "n": 0, "not_assessed": 0, "sensitivity": outcome, "specificity": outcome},
        "days": [],
    }
    page = open_page("/monitor", ready="#figures section").page
    assert page.inner_text("h1") == "Too few photographs to tell."
    assert "No photographs yet." in page.inner_text("#lead")
    assert "NaN" not in page.inner_text("main")
    assert "No outcome has been reported yet." in page.inner_text("main")


def test_the_monitor_asks_for_the_token_and_tries_again(open_page: Any, stub: Stub) -> None:
    stub.monitor, stub.token = DRIFT, "open sesame"
    watched = open_page("/monitor", ready="#token[open]")
    watched.allowed.append("status of 401")
    watched.page.keyboard.press("Escape")
    watched.page.get_by_role("button", name="Try again").click()
    watched.page.fill("#token-field", "open sesame")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_selector("#figures section")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (360, "light")])
def test_axe_finds_nothing_on_the_drift_page(open_page: Any, stub: Stub, width: int, theme: str) -> None:
    stub.monitor = DRIFT
    page = open_page("/monitor", width=width, theme=theme, ready="#figures section").page
    assert violations(page) == []
    assert page.evaluate(WIDE) == 0
