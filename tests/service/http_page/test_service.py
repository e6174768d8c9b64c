"""The page with the real service behind it, and the stub held to the service's own models."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drift import DRIFT
from hands import give, hand_over
from stub import Stub, without_nan

pytest.importorskip("fastapi", reason="the service needs the extra 'serve': pip install 'lentigo[serve]'")

from lentigo.service.http import _reply_models as models


@pytest.fixture(scope="module")
def service(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of `lentigo serve`, one worker, with a drift log."""
    folder = tmp_path_factory.mktemp("service")
    command = [sys.executable, "-m", "lentigo", "serve", str(bundle_folder), "--port", "0", "--workers", "1"]
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [*command, "--network-threads", "1", "--drift-log", str(folder / "drift")],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        yield said_address(process, folder / "log.txt")
    finally:
        process.terminate()
        process.wait(timeout=30)


def said_address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    for _ in range(600):
        if found := re.search(r"answers at (https?://\S+)", log.read_text()):
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"lentigo serve did not say where it answers:\n{log.read_text()}")


@pytest.fixture
def address(service: str) -> str:
    """The pages of this module are those of the real service."""
    return service


def test_the_real_service_answers_the_page(open_page: Any, phantom: Path) -> None:
    photographs = sorted((phantom / "images").iterdir())[:4]
    page = open_page().page
    give(page, *photographs, wait=".card:nth-child(4):not(.is-waiting)")
    assert page.inner_text("#decision") in {"Refer", "Benign-looking", "Cannot assess"}
    for place in range(4):
        page.locator(".card button").nth(place).click()
        if page.inner_text("#decision") != "Cannot assess":
            break
    page.wait_for_selector("#opacity")
    assert page.locator("#picture .map").evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)")
    assert page.locator(".cases li").count() == 5
    page.check("#patient")
    page.wait_for_selector("#patient-answer:has-text('not a finding'), .card.odd")
    assert "from the others" in page.locator(".card").first.inner_text()
    page.click("#open-card")
    page.wait_for_selector("#card-text h3")


def test_the_real_service_names_what_is_wrong_with_a_file(open_page: Any, photo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photo.read_bytes()[: photo.stat().st_size // 2])
    page = open_page().page
    hand_over(page, "paste", broken)
    page.wait_for_selector(".decision.is-cannot-assess")
    assert "The file is damaged or incomplete." in page.inner_text("#verdict")


def test_the_real_drift_log_is_shown(open_page: Any, photo: Path) -> None:
    give(open_page().page, photo)
    page = open_page("/monitor", ready="#figures section").page
    assert "answer" in page.inner_text("#lead")
    assert page.locator(".rates tbody tr").count() > 8
    assert "NaN" not in page.inner_text("main")


def test_the_stub_says_what_the_service_would(small_bundle: Any, lesions: list[Path]) -> None:
    stub, photograph = Stub(small_bundle), lesions[0].read_bytes()
    answers = [stub.answer(photograph, "a.png"), stub.answer(b"no image", "b.png")]
    told = {**stub.head(), "answers": answers, "operating_point": stub.operating_point()}
    models.PredictReply.model_validate(without_nan(told))
    models.ExplainReply.model_validate(without_nan(stub.explanation(photograph, "a.png")))
    models.MonitorReply.model_validate({"schema_version": 1, **DRIFT})
    models.ModelInfo.model_validate(without_nan({**stub.head(), **stub.describe()}))
