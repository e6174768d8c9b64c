"""Several photographs of one patient, side by side."""

from pathlib import Path
from typing import Any

from hands import give
from stub import Stub


def test_the_odd_one_out_is_marked_and_named(open_page: Any, referred: list[Path], stub: Stub) -> None:
    stub.odd_one_out = 1
    page = open_page().page
    give(page, *referred, wait=".card:nth-child(4).is-cannot-assess")
    page.check("#patient")
    page.wait_for_selector(".card.odd")
    assert stub.asked.count("/v1/patient") == 1
    assert page.locator(".card.odd").count() == 1
    assert page.locator(".card").nth(1).inner_text().startswith("Stands out")
    assert page.inner_text("#patient-answer").startswith("lesion 1.png stands out.")
    assert "0.62 from the others" in page.locator(".card").nth(1).inner_text()
    assert "lesion 1.png stands out" in page.text_content("#live")
    page.uncheck("#patient")
    assert page.locator(".card.odd").count() == 0
    assert not page.is_visible("#patient-answer")


def test_no_odd_one_is_said_as_well(open_page: Any, referred: list[Path], stub: Stub) -> None:
    page = open_page().page
    give(page, *referred[:3], wait=".card:nth-child(3).is-cannot-assess")
    page.check("#patient")
    page.wait_for_selector("#patient-answer:has-text('None of them clearly stands out')")


def test_a_photograph_added_to_a_patient_is_compared_with_the_others(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    stub.odd_one_out = 2
    page = open_page().page
    give(page, *referred[:2], wait=".card:nth-child(2).is-benign-looking")
    page.check("#patient")
    page.wait_for_selector("#patient-answer:has-text('fewer than three')")
    page.set_input_files("#files", referred[2])
    page.wait_for_selector(".card.odd:nth-child(3)")
    assert stub.asked.count("/v1/patient") == 2


def test_one_photograph_cannot_be_compared(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[0])
    assert not page.is_visible("#patient-switch")


def test_a_failed_comparison_can_be_repeated(check_while_busy: Any) -> None:
    page = check_while_busy("patient")
    assert page.inner_text("#decision") == "Refer"
    page.get_by_role("button", name="Compare again").click()
    page.wait_for_selector("#patient-answer:has-text('fewer than three')")
