"""What the page says is what its service knows: what is kept, the three answers, digits, and every photograph."""

from pathlib import Path
from typing import Any

import pytest
from hands import give, set_slider
from PIL import Image
from stub import Stub


def test_the_page_says_that_nothing_is_kept_only_where_nothing_is(open_page: Any, stub: Stub) -> None:
    page = open_page().page
    assert "keeps nothing" in page.inner_text(".foot")
    assert "keeps nothing" in page.inner_text(".promise")


def test_the_page_says_what_the_logs_keep(open_page: Any, stub: Stub, tmp_path: Path) -> None:
    stub.settings = {"audit_log": tmp_path / "audit", "drift_log": tmp_path / "drift"}
    page = open_page().page
    for place in (".foot", ".promise"):
        assert "keeps nothing" not in page.inner_text(place)
        assert "fingerprint (SHA-256)" in page.inner_text(place)


def test_the_headline_is_that_of_the_bundle(open_page: Any, stub: Stub) -> None:
    page = open_page().page
    said = stub.bundle.record.headline()
    assert page.inner_text("#headline") == said.answers
    assert said.where in page.inner_text("#headline-rest")


def test_the_prevalence_begins_at_a_clinics_and_says_whose_it_is(open_page: Any, stub: Stub) -> None:
    page = open_page().page
    assert page.inner_text("#prevalence-control .value") == "7%"
    assert "not a measured one" in page.inner_text("#prevalence-control")


def test_the_prevalence_begins_where_the_service_says(open_page: Any, stub: Stub) -> None:
    stub.settings = {"prevalence": 0.03}
    page = open_page().page
    assert page.inner_text("#prevalence-control .value") == "3%"
    assert page.get_by_role("button", name="This service 3%").get_attribute("aria-pressed") == "true"


def test_no_probability_is_finer_than_the_sample(open_page: Any, seven: Stub, lesions: list[Path]) -> None:
    """0.08 % after some hundred malignant images was shown as such, "of 10,000 about 8"."""
    shares = {"MEL": 0.0005, "NV": 0.9992, "BCC": 0.0002, "AKIEC": 0.0001, "BKL": 0.0, "DF": 0.0, "VASC": 0.0}
    seven.say(lesions[0].read_bytes(), decision="benign-looking", reasons=[], probabilities=shares)
    page = open_page().page
    give(page, lesions[0])
    # some 60 malignant images of validation, so that one of them is 2 %
    assert page.inner_text(".chance .figure") == "below 2%"
    assert page.inner_text(".in-words").startswith("Of 100 photographs with this answer, fewer than 2 show")
    assert "0.0" not in page.inner_text(".bars")


def test_those_missed_are_told_by_the_far_end(open_page: Any, stub: Stub) -> None:
    page = open_page().page
    words = "async (npv) => (await import('./static/numbers.js')).missedWords(npv)"
    assert page.evaluate(words, {"value": 0.996, "low": 0.99, "high": 0.999}) == "about 1 in 250, at most 1 in 100,"
    assert page.evaluate(words, {"value": 1, "low": 0.95, "high": 1}) == "at most 1 in 20"
    assert page.evaluate(words, {"value": 1, "low": None, "high": None}) == "an unknown share"
    set_slider(page, "#prevalence", 300)
    assert "at most 1 in" in page.inner_text("#prevalence-words")


@pytest.fixture
def study(lesions: list[Path], make_dicom: Any, tmp_path: Path) -> Path:
    """A lesion as DICOM, which no browser shows."""
    import numpy as np

    path = tmp_path / "study.dcm"
    path.write_bytes(make_dicom(np.asarray(Image.open(lesions[0]).convert("RGB"))))
    return path


def test_a_photograph_that_browsers_cannot_show_is_shown_as_it_was_judged(
    open_page: Any, stub: Stub, study: Path
) -> None:
    page = open_page().page
    give(page, study)
    page.wait_for_selector("#picture img.judged")
    assert page.evaluate("document.querySelector('#picture img.judged').naturalWidth") > 0
    assert "as the model sees it" in page.inner_text("#picture")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".record img.photo").first.get_attribute("src").startswith("data:image/png")
    assert page.locator(".no-picture").count() == 0


def test_what_it_learned_from_does_not_list_the_test(open_page: Any, stub: Stub) -> None:
    stub.model = {"data": {"images": "train 8271, val 1852, test 2598", "sides": "Malignant means MEL."}}
    page = open_page().page
    facts = dict(
        zip(page.locator(".facts dt").all_inner_texts(), page.locator(".facts dd").all_inner_texts(), strict=True)
    )
    assert (facts["Trained on"], facts["Tested on"]) == ("8,271 images", "2,598 images")


def test_the_focused_answer_has_no_ring_like_a_button(open_page: Any, seven: Stub, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[0])
    page.keyboard.press("Tab")
    page.evaluate("document.querySelector('#decision').focus({focusVisible: true})")
    assert page.evaluate("getComputedStyle(document.querySelector('#decision')).outlineStyle") == "none"
    assert page.evaluate("getComputedStyle(document.querySelector('#decision')).borderLeftWidth") == "4px"
