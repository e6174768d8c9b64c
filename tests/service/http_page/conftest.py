"""A browser, a service that speaks the wire, and a page that may neither complain nor call anybody else."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from hands import give
from stub import Stub, start

from lentigo.model import Model, open_model
from lentigo.model._sanity import Sanity

SEVEN = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="the page is tested with Playwright: pip install playwright"
    )
    chromium = os.environ.get("LENTIGO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium: apt install chromium, or set LENTIGO_CHROMIUM to one")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def small_bundle() -> Model:
    return open_model(Path(__file__).parents[2] / "fixtures" / "bundle-v1", threads=1)


@pytest.fixture
def stub(small_bundle: Model) -> Stub:
    return Stub(small_bundle)


@pytest.fixture
def seven(stub: Stub) -> Stub:
    """A service whose model says that it tells seven diagnoses apart, and the bundle's other figures."""
    stub.settings = {"prevalence": 0.2}  # as on validation, so that figures are those that were said
    stub.model = {"classes": list(SEVEN), "malignant_classes": ["MEL", "BCC", "AKIEC"], "prevalence": 0.2}
    return stub


@pytest.fixture
def address(stub: Stub) -> Iterator[str]:
    server = start(stub)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class Watched:
    """A page that is watched: what it complained of and whom it called.

    Args:
        page: Playwright's.
        allowed: parts of complaints that a test expects.
    """

    page: Any
    address: str
    complaints: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        own = (self.address, "blob:", "data:")
        strange = [f"called {url}" for url in self.called if not url.startswith(own)]
        return strange + [text for text in self.complaints if not any(part in text for part in self.allowed)]


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Callable[..., Watched]]:
    """Open the page; at the end none may have complained, broken the policy, or called another origin."""
    opened: list[Watched] = []

    def visit(
        path: str = "/",
        *,
        width: int = 1280,
        theme: str = "light",
        ready: str = "#use:not([hidden])",
        before: Callable[[Any], None] | None = None,
        **how: Any,
    ) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, **how)
        context.set_default_timeout(30_000)
        watched = Watched(context.new_page(), address)
        opened.append(watched)
        watched.page.on(
            "console", lambda message: message.type in ("error", "warning") and watched.complaints.append(message.text)
        )
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on("request", lambda request: watched.called.append(request.url))
        if before is not None:
            before(watched.page)
        watched.page.goto(address + path)
        if ready:
            watched.page.wait_for_selector(ready)
        return watched

    yield visit
    problems = [problem for watched in opened for problem in watched.problems()]
    for watched in opened:
        watched.page.context.close()
    assert problems == []


@pytest.fixture(scope="session")
def lesions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five drawn lesions of 64 px, each with bytes of its own."""
    folder = tmp_path_factory.mktemp("lesions")
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:64, :64]
    for i in range(5):
        pixels = np.full((64, 64, 3), (226, 176, 150), np.uint8)
        pixels[(rows - 32) ** 2 + (columns - 32 - i) ** 2 < 260] = (110 - 12 * i, 66, 48)
        noisy = np.clip(pixels + rng.normal(0, 3, pixels.shape), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"lesion {i}.png")
    return sorted(folder.iterdir())


@pytest.fixture
def referred(seven: Stub, lesions: list[Path]) -> list[Path]:
    """Photographs: one to be referred, one that looks benign, one out of focus, one close to the threshold."""
    shares = ([0.4, 0.3, 0.1, 0.05, 0.1, 0.03, 0.02], [0.01, 0.9, 0.01, 0.01, 0.05, 0.01, 0.01])
    close = "too close to the threshold to call"
    said = (
        ("refer", [], 0),
        ("benign-looking", [], 1),
        ("cannot assess", ["out of focus"], 0),
        ("cannot assess", [close], 1),
    )
    for path, (decision, reasons, which) in zip(lesions, said, strict=False):
        seven.say(
            path.read_bytes(),
            decision=decision,
            reasons=reasons,
            probabilities=dict(zip(SEVEN, shares[which], strict=True)),
            explained_class="MEL",
            sanity=(worth := Sanity(0.8, 0.49, 0.7, 0.1)).json(),
            map_words=worth.sentence(),
            similar_cases=[
                {"image_id": f"PH_{i}", "diagnosis": name, "similarity": 0.9 - i / 100, "picture": None}
                for i, name in enumerate(("MEL", "MEL", "NV", "MEL", "BCC"))
            ],
        )
    return lesions[:4]


@pytest.fixture
def check_while_busy(open_page: Callable[..., Watched], referred: list[Path], stub: Stub) -> Callable[[str], Any]:
    """Check a box of the page while the service has no room; return the page that says so."""

    def check(box: str) -> Any:
        watched = open_page()
        watched.allowed.append("status of 503")
        give(watched.page, *referred[:2], wait=".card:nth-child(2).is-benign-looking")
        watched.page.wait_for_selector("#opacity")
        stub.faults.append((503, "busy", "All workers are busy.", 1))
        watched.page.check(f"#{box}")
        watched.page.wait_for_selector(f"#{box}-answer:has-text('The service is busy.')")
        return watched.page

    return check
