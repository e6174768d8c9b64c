"""The files of the page: complete, small, and nobody else's."""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "src/lentigo/service/http/static"


def test_every_file_that_is_named_is_there() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8")
        named = re.findall(r'(?:href|src)="static/([^"]+)"', text) + re.findall(r'from "\./([^"]+)"', text)
        assert [name for name in named if not (STATIC / name).is_file()] == [], path.name


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[^\"' )]+", text)) <= {"http://www.w3.org/2000/svg"}, path.name
        assert not re.search(
            r"<style|<script>|\sstyle=|\son\w+=\"|innerHTML|insertAdjacentHTML|\beval\(|@import", text
        ), path.name


def test_the_whole_page_is_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < 150_000
    assert max(len(path.read_text(encoding="utf-8").splitlines()) for path in STATIC.iterdir()) <= 300


def test_the_page_is_part_of_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "service/http/static/**" in settings["tool"]["setuptools"]["package-data"]["lentigo"]
    assert all(path.is_file() for path in STATIC.iterdir())


def test_the_watch_over_the_page_sees_strangers_and_breaks_of_the_policy(open_page: Any) -> None:
    watched = open_page()
    watched.page.evaluate("document.body.setAttribute('style', 'color: red')")
    watched.page.evaluate("fetch('http://192.0.2.1/').catch(() => {})")
    watched.page.wait_for_timeout(200)
    problems = watched.problems()
    assert any("Content Security Policy" in problem and "style" in problem for problem in problems)
    assert any("192.0.2.1" in problem for problem in problems)
    watched.allowed.append("")  # they were made on purpose
    watched.called.clear()
