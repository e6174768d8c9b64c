"""What a photograph gets: by every way in, the answer first, and what moves without asking again."""

from pathlib import Path
from typing import Any

import pytest
from hands import give, hand_over, set_slider
from stub import Stub

from lentigo.model import Model
from lentigo.model._sanity import Sanity


def test_a_chosen_photograph_is_answered_in_words(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[0])
    assert page.inner_text("#decision") == "Refer"
    assert page.inner_text("#probability .figure") == "55%"  # 0.4 + 0.1 + 0.05
    assert "Of 100 photographs with this answer, about 55 show a malignant lesion" in page.inner_text(".in-words")
    assert "of 100 benign lesions it refers about 20 (10 to 30)" in page.inner_text(
        "#verdict"
    )  # specificity 0.8 [0.7, 0.9]
    assert not page.is_visible("#welcome")


def test_benign_looking_is_no_all_clear(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[1])
    assert page.inner_text("#decision") == "Benign-looking"
    assert "of 100 malignant lesions the model calls about 5 (2 to 10) benign-looking" in page.inner_text("#verdict")


def test_a_photograph_at_fault_gets_reasons_and_advice_and_no_number(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    page = open_page().page
    give(page, referred[2])
    assert page.inner_text("#decision") == "Cannot assess"
    assert "Out of focus. Clean the lens" in page.inner_text("#verdict")
    assert "1 of 9 checks of the photograph failed" in page.inner_text("#checks")
    assert not page.is_visible("#probability")
    assert not page.is_visible("#similar")
    assert stub.asked.count("/v1/explain") == 0
    page.click("#untrusted summary")
    assert page.is_visible("#probability")
    assert "Do not rely on these numbers" in page.inner_text("#untrusted")


def test_close_to_the_threshold_shows_the_probability(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[3])
    assert page.inner_text("#decision") == "Cannot assess"
    assert "Another photograph may give a clear result" in page.inner_text("#verdict")
    assert page.is_visible("#probability")


def test_a_file_that_is_no_photograph_is_said_to_be_one_and_others_are_answered(
    open_page: Any, referred: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(referred[0].read_bytes()[:200])
    text = tmp_path / "letter.txt"
    text.write_text("Dear colleague")
    page = open_page().page
    page.set_input_files("#files", [broken, text, referred[1]])
    page.wait_for_selector(".card.is-benign-looking")
    assert "letter.txt is not a photograph." in page.inner_text("#alert")
    assert page.locator(".card").count() == 2
    assert "cannot" in page.inner_text("#verdict").lower()


def test_a_pasted_photograph_is_answered(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    hand_over(page, "paste", referred[0])
    page.wait_for_selector(".decision.is-refer")


def test_a_dropped_photograph_is_answered_wherever_it_falls(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    hand_over(page, "dragenter", referred[0])
    assert page.is_visible("#veil")
    hand_over(page, "drop", referred[0])
    page.wait_for_selector(".decision.is-refer")
    assert not page.is_visible("#veil")


def test_the_camera_is_offered_where_there_is_a_finger(open_page: Any, referred: list[Path]) -> None:
    page = open_page(width=360, has_touch=True, is_mobile=True).page
    assert page.is_visible("#welcome [data-opens=camera]")
    assert page.get_attribute("#camera", "capture") == "environment"
    page.set_input_files("#camera", referred[0])
    page.wait_for_selector(".decision.is-refer")


def test_names_of_files_stay_in_the_browser(open_page: Any, referred: list[Path], stub: Stub, tmp_path: Path) -> None:
    named = tmp_path / "Erika Mustermann 1964.PNG"
    named.write_bytes(referred[0].read_bytes())
    page = open_page().page
    give(page, named)
    page.wait_for_selector("#opacity")
    assert "Erika Mustermann 1964.PNG" in page.inner_text("#verdict")
    assert stub.asked.count("/v1/explain") == 1
    assert not any(b"Mustermann" in body for body in stub.bodies)
    assert all(b'filename="photograph-1.png"' in body for body in stub.bodies)


def test_the_differential_spells_diagnoses_out_and_tells_the_sides(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[0])
    rows = page.locator(".bars tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == [
        "Malignant,",  # the decision rests on their sum
        "Melanoma",
        "Basal",
        "Actinic",
        "Benign,",
        "Melanocytic",
        "Benign",
        "Dermatofibroma",
        "Vascular",
    ]
    assert "55%" in rows[0]
    assert "malignant" in page.locator(".bars tbody tr").nth(1).text_content()
    assert "benign" in page.locator(".bars tbody tr").nth(5).text_content()


def test_similar_cases_are_counted_before_they_are_listed(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[0])
    page.wait_for_selector(".cases")
    assert "3 × melanoma, 1 × melanocytic nevus and 1 × basal cell carcinoma" in page.inner_text("#similar")
    assert page.locator(".cases li").count() == 5


def test_the_map_is_off_until_it_is_wanted_and_says_what_it_is_worth(
    open_page: Any, referred: list[Path], seven: Stub
) -> None:
    page = open_page().page
    give(page, referred[0])
    page.wait_for_selector("#opacity")
    shade = page.locator("#picture .map")
    assert shade.evaluate("(image) => getComputedStyle(image).opacity") == "0"
    set_slider(page, "#opacity", 60)
    assert shade.evaluate("(image) => getComputedStyle(image).opacity") == "0.6"
    code = """() => [".map", ".photo"].map((name) => {
      const {x, y, width, height} = document.querySelector(`#picture ${name}`).getBoundingClientRect();
      return [x, y, width, height];
    })"""
    boxes = page.evaluate(code)
    assert boxes[0] == pytest.approx(boxes[1], abs=1)
    assert "does depend on what the map marks (score +0.31)" in page.inner_text("#map")


def test_a_map_that_the_service_doubts_is_called_so(open_page: Any, referred: list[Path], seven: Stub) -> None:
    """The page has no rule of its own: figures that look good do not outweigh the field."""
    for path in referred:
        doubted = {**Sanity(0.8, 0.49, 0.7, 0.1).json(), "is_doubtful": True}
        seven.say(path.read_bytes(), sanity=doubted, map_words="Do not rely on this map: of some reason.")
    page = open_page().page
    give(page, referred[0])
    page.wait_for_selector(".sanity.doubtful")
    assert "Do not rely on this map: of some reason." in page.inner_text("#map")
    assert "supports melanoma" in page.inner_text("#map")


def test_another_prevalence_changes_the_figures_without_asking_again(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    page = open_page().page
    give(page, referred[0])
    page.wait_for_selector("#opacity")
    asked = list(stub.asked)
    page.get_by_role("button", name="Screening 2%").click()
    # odds 0.55 / 0.45 at a prevalence of 0.2, times (0.02 / 0.2) / (0.98 / 0.8): 0.0998, which is 9.07 %
    assert page.inner_text("#probability .figure") == "9%"
    assert "Of 1,000 lesions, where 2% are malignant" in page.inner_text("#thousand-title")
    assert page.inner_text("#decision") == "Refer"
    # sensitivity 0.95, specificity 0.8: 19 found, 196 needlessly, 1 missed
    assert "19 malignant" in page.inner_text("#thousand")
    assert "196 benign, referred unnecessarily" in page.inner_text("#thousand")
    assert "8.8%" in page.inner_text("#thousand")  # 19 / 215
    assert stub.asked == asked
    set_slider(page, "#prevalence", 0)
    assert page.inner_text("#prevalence-control .value") == "0.1%"
    assert page.get_attribute("#prevalence", "aria-valuetext") == "0.1% malignant"


def test_another_prevalence_changes_the_figures_of_all_photographs(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, *referred[:3], wait=".card:nth-child(3).is-cannot-assess")
    shares = page.locator(".card .share")
    assert shares.all_inner_texts() == ["55% malignant", "3% malignant", ""]
    page.get_by_role("button", name="Screening 2%").click()
    # 0.55 as above; 0.03 has odds of 0.0309, times 0.0816: 0.25 %
    assert shares.all_inner_texts() == ["9% malignant", "below 1% malignant", ""]


def test_the_page_says_at_a_prevalence_what_the_bundle_says(
    open_page: Any, lesions: list[Path], small_bundle: Model
) -> None:
    page = open_page().page
    (answer,) = small_bundle.predict(lesions[0].read_bytes(), prevalence=0.07)
    give(page, lesions[0])
    page.locator("#untrusted summary").evaluate("(summary) => summary.click()")
    page.get_by_role("button", name="Referral clinic 7%").click()
    label = page.get_attribute(".scale", "aria-label")
    call = (
        "async ([p, t]) => { const {apartFrom, thresholdPercent} = await import('./static/numbers.js'); "
        "return [apartFrom(p, t, 0.01), thresholdPercent(t)]; }"
    )
    malignant, threshold = page.evaluate(call, [answer.malignant, answer.threshold])
    assert label.startswith(f"{malignant} is ")
    assert label.endswith(f"the threshold of {threshold}.")


def test_photographs_are_removed_and_the_next_takes_their_place(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, *referred[:2], wait=".card.is-benign-looking")
    page.click("#remove")
    assert page.inner_text("#decision") == "Benign-looking"
    page.get_by_role("button", name="Screening 2%").click()
    page.click("#remove")
    assert page.is_visible("#welcome")
    assert page.evaluate("document.activeElement.id") == "choose"


def test_many_photographs_arrive_in_small_requests(
    open_page: Any, referred: list[Path], stub: Stub, tmp_path: Path
) -> None:
    copies = []
    for i in range(33):
        copies.append(tmp_path / f"{i}.png")
        copies[-1].write_bytes(referred[i % 2].read_bytes())
    page = open_page().page
    give(page, *copies)
    page.wait_for_selector(".card.is-waiting", state="detached")
    assert page.locator(".card").count() == 32
    assert "1 file not added" in page.inner_text("#alert")
    assert stub.asked.count("/v1/predict") == 4
    assert "32 photographs: 16 refer and 16 benign-looking" in page.inner_text("#tally")


def test_the_model_card_is_shown_as_text(open_page: Any) -> None:
    page = open_page().page
    page.click("#open-card")
    page.wait_for_selector("#card-text h3")
    assert "Research use only; not a medical device." in page.inner_text("#card-text")
    page.keyboard.press("Escape")
    assert not page.is_visible("#card")
    assert page.evaluate("document.activeElement.id") == "open-card"


def test_what_the_service_says_never_becomes_markup(open_page: Any, referred: list[Path], seven: Stub) -> None:
    evil = "<img src=x onerror=document.body.remove()>"
    for path in referred:
        seven.say(path.read_bytes(), decision="cannot assess", reasons=[evil], probabilities={evil: 1.0})
    seven.model = {**seven.describe(), "name": evil, "classes": [evil], "malignant_classes": []}
    page = open_page().page
    give(page, referred[0])
    assert evil in page.inner_text("#verdict")
    assert evil in page.inner_text("#model-name")
    assert page.locator("img[src=x]").count() == 0


def test_nothing_is_stored(open_page: Any, referred: list[Path]) -> None:
    page = open_page().page
    give(page, referred[0])
    page.click("#theme")
    assert page.evaluate("Object.keys(localStorage)") == []
    assert page.evaluate("Object.keys(sessionStorage)") == ["lentigo-theme"]
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("async () => (await indexedDB.databases()).length + (await caches.keys()).length") == 0
    page.reload()
    page.wait_for_selector("#use:not([hidden])")
    assert page.is_visible("#welcome")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
