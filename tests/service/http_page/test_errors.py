"""What the page says when the service cannot answer, and that trying again works."""

from pathlib import Path
from typing import Any

import pytest
from hands import give
from stub import Stub


@pytest.mark.parametrize(
    ("status", "code", "wait", "sentence"),
    [
        (503, "busy", 2, "The service is busy. Wait 2 seconds."),
        (503, "draining", 1, "The service is shutting down. Wait a second."),
        (503, "worker_lost", 1, "The service lost the process that was reading this photograph."),
        (413, "body_too_large", 0, "The photographs are larger than this service takes at once."),
        (418, "something_new", 0, "The sentence of the service."),
    ],
)
def test_an_error_is_a_sentence_with_a_way_on(
    open_page: Any, referred: list[Path], stub: Stub, status: int, code: str, wait: int, sentence: str
) -> None:
    stub.faults.append((status, code, "The sentence of the service.", wait))
    watched = open_page()
    watched.allowed.append(f"status of {status}")
    page = watched.page
    give(page, referred[0], wait=".decision.is-failed")
    assert sentence in page.inner_text("#verdict")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".decision.is-refer")
    assert page.evaluate("document.activeElement.id") == "decision"


def test_one_file_at_fault_does_not_cost_the_others_their_answers(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    # the three together are too large, then the first alone is
    stub.faults += [(413, "body_too_large", "Too large.", 0), (413, "body_too_large", "Too large.", 0)]
    watched = open_page()
    watched.allowed.append("status of 413")
    give(watched.page, *referred[:3], wait=".card:nth-child(3).is-cannot-assess")
    assert watched.page.locator(".card.is-failed").count() == 1
    assert watched.page.locator(".card").nth(1).inner_text().startswith("Benign-looking")
    assert "1 without an answer" in watched.page.inner_text("#tally")


def test_a_failed_explanation_leaves_the_answer_and_can_be_asked_again(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    watched = open_page()
    watched.allowed.append("status of 503")
    page = watched.page
    page.route(
        "**/v1/explain",
        lambda route: route.fulfill(status=503, json={"error": {"code": "timed_out", "message": "x", "status": 503}}),
        times=1,
    )
    give(page, referred[0])
    page.wait_for_selector("#similar:has-text('took too long')")
    assert page.inner_text("#decision") == "Refer"
    page.get_by_role("button", name="Explain again").click()
    page.wait_for_selector(".cases")


def test_a_proxy_that_speaks_no_json_is_understood(open_page: Any, referred: list[Path]) -> None:
    watched = open_page()
    watched.allowed.append("status of 413")
    watched.page.route(
        "**/v1/predict", lambda route: route.fulfill(status=413, body="<html>Request Entity Too Large</html>")
    )
    give(watched.page, referred[0], wait=".decision.is-failed")
    assert "larger than this service takes" in watched.page.inner_text("#verdict")


def test_a_service_that_is_gone_is_said_to_be_gone(open_page: Any, referred: list[Path]) -> None:
    watched = open_page()
    watched.allowed.append("ERR_FAILED")
    watched.page.route("**/v1/predict", lambda route: route.abort())
    give(watched.page, referred[0], wait=".decision.is-failed")
    assert "The service does not answer." in watched.page.inner_text("#verdict")


def test_a_service_that_is_not_ready_when_the_page_opens_is_asked_again(
    open_page: Any, referred: list[Path], stub: Stub
) -> None:
    refusal = {"error": {"code": "draining", "message": "x", "status": 503}}

    def refuse_twice(page: Any) -> None:
        page.route("**/v1/model", lambda route: route.fulfill(status=503, json=refusal), times=2)

    watched = open_page(before=refuse_twice, ready="#alert:has-text('shutting down')")
    watched.allowed.append("status of 503")
    page = watched.page
    give(page, referred[0], wait=".decision.is-waiting")
    page.wait_for_selector("#alert:has-text('shutting down')")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".decision.is-refer")


def test_the_token_is_asked_for_once_and_kept_in_the_tab(open_page: Any, referred: list[Path], stub: Stub) -> None:
    stub.token = "open sesame"
    watched = open_page(ready="#token[open]")
    watched.allowed.append("status of 401")
    page = watched.page
    assert page.evaluate("document.activeElement.id") == "token-field"
    page.fill("#token-field", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#token-refused:has-text('not accepted')")
    page.fill("#token-field", "open sesame")
    page.click("#token .primary")
    page.wait_for_selector("#use:not([hidden])")
    give(page, referred[0])
    page.wait_for_selector("#opacity")
    page.reload()
    page.wait_for_selector("#use:not([hidden])")
    assert not page.is_visible("#token")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_without_a_token_the_page_says_so_and_asks_again(open_page: Any, stub: Stub) -> None:
    stub.token = "open sesame"
    watched = open_page(ready="#token[open]")
    watched.allowed.append("status of 401")
    page = watched.page
    page.keyboard.press("Escape")
    page.wait_for_selector("#alert:has-text('No token was given')")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("#token[open]")


def test_a_file_that_has_gone_is_named_as_the_cause(
    open_page: Any, referred: list[Path], stub: Stub, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.png"
    moved.write_bytes(referred[0].read_bytes())
    stub.faults.append((503, "busy", "x", 1))
    watched = open_page()
    watched.allowed += ["status of 503", "ERR_FILE_NOT_FOUND", "ERR_UPLOAD_FILE_CHANGED"]
    page = watched.page
    give(page, moved, wait=".decision.is-failed")
    moved.unlink()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("#verdict:has-text('can no longer be read')")
