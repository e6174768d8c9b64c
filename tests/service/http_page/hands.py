"""What a person does with the page."""

import base64
from pathlib import Path
from typing import Any


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
