"""What a person does with the page."""

import base64
from pathlib import Path
from typing import Any

import pytest

WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def give(page: Any, *paths: Path, wait: str = ".decision:not(.is-waiting)") -> None:
    page.set_input_files("#files", list(paths))
    page.wait_for_selector(wait)


def set_slider(page: Any, name: str, value: int) -> None:
    code = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true})); }"
    page.locator(name).evaluate(code, value)


def hand_over(page: Any, kind: str, path: Path) -> None:
    code = """([kind, name, text]) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, {type: "image/png"}));
      const event = kind === "paste" ? new ClipboardEvent(kind, {clipboardData: transfer, bubbles: true})
        : new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true});
      document.querySelector("#main").dispatchEvent(event);
    }"""
    page.evaluate(code, [kind, path.name, base64.b64encode(path.read_bytes()).decode()])


def violations(page: Any) -> list[str]:
    """Return what axe finds on the page."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="accessibility is checked with axe: pip install axe-playwright-python",
    )
    found = axe.Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]
