"""A bundle of the image alone has nothing to fill in."""

from pathlib import Path
from typing import Any

from hands import give


def test_nothing_is_asked_beside_the_photograph(open_page: Any, lesions: list[Path]) -> None:
    page = open_page().page
    give(page, lesions[0])
    assert not page.is_visible("#beside")
    assert page.locator("#contributions").count() == 0
