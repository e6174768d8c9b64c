"""The printed record: one page a photograph, on either paper."""

import re
from pathlib import Path
from typing import Any

import pytest
from hands import give, set_slider
from stub import Stub


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_each_photograph_gets_one_page(open_page: Any, referred: list[Path], paper: str) -> None:
    page = open_page(theme="dark").page
    give(page, *referred, wait=".card:nth-child(4).is-cannot-assess")
    page.wait_for_selector("#opacity")
    set_slider(page, "#opacity", 50)  # then the map is printed as well: the longest record
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))) == 4


def test_the_record_holds_what_is_needed_to_judge_it_later(open_page: Any, referred: list[Path], stub: Stub) -> None:
    page = open_page().page
    page.add_init_script("window.print = () => window.dispatchEvent(new Event('beforeprint'))")
    page.reload()
    page.wait_for_selector("#use:not([hidden])")
    give(page, *referred[:2], wait=".card.is-benign-looking")
    page.get_by_role("button", name="Screening 2%").click()
    page.click("#print")
    page.wait_for_selector(".record", state="attached")
    assert page.locator(".record").count() == 1
    page.emulate_media(media="print")
    text = page.inner_text("#records")
    for part in (
        "lesion 0.png",
        "Refer",
        "9%",
        "Melanoma",
        "Sensitivity",
        "95.0% 90.0 to 98.0%",
        "Most similar cases",
        "For research use. Not a medical device.",
    ):
        assert part in text
    assert f"SHA-256 {stub.head()['model_sha256']}" in text
    assert "Prevalence set to 2%; predictive values as in" in text
    assert re.search(r"answer [0-9a-f]{32}", text)
    assert not page.is_visible("main")


def test_all_photographs_are_explained_before_they_are_printed(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    page = open_page().page
    page.add_init_script("window.print = () => window.dispatchEvent(new Event('beforeprint'))")
    page.reload()
    page.wait_for_selector("#use:not([hidden])")
    give(page, *referred[:3], wait=".card:nth-child(3).is-cannot-assess")
    page.click("#print-all")
    page.wait_for_selector(".record:nth-child(3)", state="attached")
    assert stub.asked.count("/v1/explain") == 2  # not the one that it cannot judge
    assert page.locator(".record .cases").count() == 2


def test_nothing_but_the_page_is_printed_while_there_is_no_photograph(open_page: Any) -> None:
    page = open_page().page
    page.emulate_media(media="print")
    assert page.is_visible("#known")
