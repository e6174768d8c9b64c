"""Use without a mouse, without sight, without colour, on a phone."""

from pathlib import Path
from typing import Any

import pytest
from hands import WIDE, give, violations
from stub import Stub

DESKTOP, PHONE = 1280, 360


@pytest.mark.parametrize(("width", "theme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    open_page: Any, referred: list[Path], stub: Stub, width: int, theme: str
) -> None:
    stub.odd_one_out = 1
    page = open_page(width=width, theme=theme).page
    found = {}

    def look(state: str) -> None:
        found[state] = violations(page)
        found[f"{state}, pixels cut off"] = [str(page.evaluate(WIDE))] if page.evaluate(WIDE) else []

    look("nothing yet")
    page.click("#open-card")
    page.wait_for_selector("#card-text h3")
    look("the card")
    page.keyboard.press("Escape")
    give(page, referred[0])
    page.wait_for_selector(".cases")
    look("an answer")
    page.set_input_files("#files", referred[1:])
    page.wait_for_selector(".card:nth-child(4).is-cannot-assess")
    page.check("#patient")
    page.wait_for_selector(".card.odd")
    look("a patient")
    page.locator(".card button").nth(2).click()
    page.click("#untrusted summary")
    look("no answer")
    assert {state: problems for state, problems in found.items() if problems} == {}


def test_the_whole_way_goes_by_keyboard(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    reach(page, "choose")
    # Browsers open the dialog only within seconds of the key, which a busy machine may miss; so the dialog is left out.
    page.evaluate("document.querySelector('#files').addEventListener('click', (event) => event.preventDefault())")
    with page.expect_event("console", lambda message: message.text == "asked"):
        page.evaluate("document.querySelector('#files').addEventListener('click', () => console.log('asked'))")
        page.keyboard.press("Enter")
    page.set_input_files("#files", referred[:2])
    page.wait_for_selector(".card.is-benign-looking")
    assert page.evaluate("document.activeElement.id") == "decision"  # not lost with the button that went away
    page.wait_for_selector("#opacity")
    reach(page, "prevalence")
    before = page.inner_text("#probability .figure")
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    assert page.inner_text("#probability .figure") != before
    assert page.evaluate("document.activeElement.id") == "prevalence"
    reach(page, "opacity")
    page.keyboard.press("End")
    assert page.locator("#picture .map").evaluate("(image) => getComputedStyle(image).opacity") == "1"
    page.locator(".card button").nth(1).focus()
    page.keyboard.press("Enter")
    assert page.inner_text("#decision") == "Benign-looking"
    assert page.evaluate("document.activeElement.id") == "decision"


def reach(page: Any, name: str) -> None:
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"#{name} is not reached with Tab")


def test_the_focus_can_be_seen_on_every_control(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, *referred[:2], wait=".card.is-benign-looking")
    page.wait_for_selector("#opacity")
    page.locator("body").click(position={"x": 2, "y": 2})
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        code = """() => {
          const {id, textContent} = document.activeElement;
          const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement);
          return [id || textContent, outlineStyle, parseFloat(outlineWidth)];
        }"""
        name, style, width = page.evaluate(code)
        if name in ("", None):
            continue
        seen.add(name)
        if "Skip" not in name and len(name) < 40:
            assert style != "none", name
            assert width >= 1, name
    assert {"prevalence", "opacity", "print", "patient"} <= seen


def test_an_answer_is_said_aloud(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, *referred[:2], wait=".card.is-benign-looking")
    page.wait_for_selector("#live:has-text('1 refer')", state="attached")
    assert page.text_content("#live") == "2 photographs: 1 refer and 1 benign-looking. lesion 0.png: Refer."
    assert page.get_attribute("#live", "role") == "status"


def test_motion_stops_where_it_is_not_wanted(open_page: Any, referred: list[Path]) -> None:
    page = open_page(reduced_motion="reduce").page
    page.route("**/v1/predict", lambda route: None)  # never answered
    page.set_input_files("#files", referred[:2])
    page.wait_for_selector(".card .turning", state="attached")
    assert page.locator(".card .turning").first.evaluate("(mark) => getComputedStyle(mark).animationName") == "none"


@pytest.mark.parametrize("width", [320, 768, 1600])
def test_it_fits_every_width(open_page: Any, referred: list[Path], width: int) -> None:
    page = open_page(width=width).page
    assert page.evaluate(WIDE) == 0
    give(page, *referred[:2], wait=".card.is-benign-looking")
    page.wait_for_selector(".cases")
    assert page.evaluate(WIDE) == 0


def test_the_theme_of_the_system_can_be_overruled(open_page: Any) -> None:
    page = open_page(theme="dark").page
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(17, 24, 29)"
    page.get_by_role("button", name="Switch to light colours").click()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.reload()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
