"""Several photographs of one lesion: one answer, and which photographs count."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hands import WIDE, give, violations
from stub import Stub

from lentigo.model import Model
from lentigo.model.decision import LesionRule


@pytest.fixture
def stub(small_bundle: Model) -> Stub:
    """A service whose bundle joins photographs."""
    (first, *_) = small_bundle.decision.operating_points
    decision = dataclasses.replace(
        small_bundle.decision, operating_points=(dataclasses.replace(first, threshold=0.41),)
    )
    rule = LesionRule("mean_logit", dataclasses.replace(decision, low_confidence=None, prevalence=0.2), n_lesions=120)
    return Stub(small_bundle.with_record(dataclasses.replace(small_bundle.record, lesion=rule)))


def test_photographs_of_one_lesion_get_one_answer_that_says_which_count(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    page = open_page().page
    give(page, *referred[:3], wait=".card:nth-child(3).is-cannot-assess")
    page.check("#lesion")
    page.wait_for_selector("#lesion-answer:has-text('2 photographs are joined')")
    assert "One is left out because the model cannot assess it." in page.inner_text("#lesion-answer")
    assert "3 photographs of one lesion" in page.inner_text("#verdict")
    assert page.inner_text("#decision") == "Refer"
    assert "refer from 41.0% on" in page.inner_text("#probability")  # that of photographs is 30 %
    assert page.locator(".card .state").all_inner_texts()[:2] == ["Used", "Used"]
    assert "Out of focus" in page.locator(".card").nth(2).inner_text()
    assert not page.is_visible("#similar")
    assert "3 photographs of one lesion: Refer." in page.text_content("#live")
    page.select_option("#kind select", "dermoscopic")
    page.wait_for_selector(".card:nth-child(1):has-text('dermoscopic')")
    page.wait_for_selector("#lesion-answer:has-text('2 photographs are joined')")
    assert b'name="image_type"\r\n\r\ndermoscopic' in stub.bodies[-1]
    page.uncheck("#lesion")
    page.wait_for_selector(".card:nth-child(2).is-benign-looking")
    assert not page.is_visible("#lesion-answer")


def test_a_lesion_that_the_service_is_too_busy_for_can_be_asked_again(check_while_busy: Any) -> None:
    page = check_while_busy("lesion")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("#lesion-answer:has-text('2 photographs are joined')")


def test_one_lesion_and_one_patient_exclude_each_other(open_page: Any, referred: list[Path], stub: Stub) -> None:
    page = open_page().page
    give(page, *referred[:2], wait=".card:nth-child(2).is-benign-looking")
    page.check("#patient")
    page.wait_for_selector("#patient-answer:has-text('fewer than three')")
    page.check("#lesion")
    page.wait_for_selector("#lesion-answer:has-text('joined')")
    assert not page.is_checked("#patient")
    page.check("#patient")
    assert not page.is_checked("#lesion")
    page.click("#remove")
    assert not page.is_visible("#lesion-switch")


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (390, "light"), (390, "dark")])
def test_axe_finds_nothing_on_the_answer_of_a_lesion(
    open_page: Any, referred: list[Path], width: int, theme: str
) -> None:
    page = open_page(width=width, theme=theme).page
    give(page, *referred[:3], wait=".card:nth-child(3).is-cannot-assess")
    page.check("#lesion")
    page.wait_for_selector("#lesion-answer:has-text('2 photographs are joined')")
    assert violations(page) == []
    assert page.evaluate(WIDE) == 0
