"""Columns beside the photograph: fields to fill in, one answer after every change, what each column did."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hands import give
from stub import Stub

from lentigo.model import Model
from lentigo.model.decision import Estimate, Fusion, FusionTerm

AGE = FusionTerm("age", "number", (20.0, 80.0), (), (-1.0, 1.0))
SEX = FusionTerm("sex", "category", (), ("female", "male"), (-0.25, 0.25))


@pytest.fixture
def stub(small_bundle: Model) -> Stub:
    """A service whose bundle uses age and sex."""
    fusion = Fusion(1.0, 0.0, (AGE, SEX), 500, Estimate(0.02, 0.01, 0.03, n=500), "used although no gain is shown")
    rule = dataclasses.replace(small_bundle.decision, fusion=fusion)
    return Stub(small_bundle.with_record(dataclasses.replace(small_bundle.record, decision=rule)))


def test_what_is_filled_in_changes_the_answer_and_is_kept_for_each_photograph(
    open_page: Any, lesions: list[Path], stub: Stub
) -> None:
    page = open_page().page
    give(page, *lesions[:2], wait=".card:nth-child(2):not(.is-waiting)")
    assert page.locator("#beside label").all_inner_texts()[0].startswith("age")
    assert "age +0.0, sex +0.0" in page.text_content("#contributions")
    page.fill("#beside input", "80")
    page.press("#beside input", "Tab")
    page.wait_for_selector("#contributions:has-text('age +1.0, sex +0.0')", state="attached")
    page.select_option("#beside select", "male")
    page.wait_for_selector("#contributions:has-text('sex +0.3')", state="attached")
    assert "Used although no gain is shown." in page.text_content("#contributions")
    page.locator(".card").nth(1).click()
    page.wait_for_selector("#contributions:has-text('age +0.0')", state="attached")
    assert page.input_value("#beside input") == ""
    page.locator(".card").nth(0).click()
    assert page.input_value("#beside input") == "80"
    page.click("#beside-all")
    page.locator(".card").nth(1).click()
    page.wait_for_selector("#contributions:has-text('age +1.0, sex +0.3')", state="attached")
    assert page.input_value("#beside select") == "male"
