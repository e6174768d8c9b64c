"""Counts in messages: one function words them, so that no message says "1 images"."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lentigo.wording import counted

SOURCE = Path(__file__).parents[1] / "src" / "lentigo"

NOUNS = (
    "images|photographs|pictures|lesions|patients|rows|files|classes|groups|sources|cases|clusters|models|folds|epochs|"
    "columns|tables|findings|problems|copies|pairs|bundles|members|folders|predictions|answers|networks|melanomas|nevi"
)
ADJECTIVES = "malignant|benign|other|more|labelled|different|whole|test|training|validation|predicted|image|class"
PLURAL = re.compile(rf"^ (?:(?:{ADJECTIVES}) )*(?:{NOUNS})\b")

NEVER_ONE = {
    # text, not a number
    "kind", "side", "self.judged_on", "measured_on", "path.suffix", "share_here", "before", "subject", "name", "where",
    "split", "what",
    # numbers with a fraction
    "speed", "found.images_per_lesion",
    # settings that are at least two
    "groups.min_images", "least",
}  # fmt: skip


def counted_by_hand(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every f-string that puts a plural noun behind a value."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, after in zip(node.values, node.values[1:], strict=False):
            if isinstance(value, ast.FormattedValue) and isinstance(after, ast.Constant):
                match = PLURAL.match(str(after.value))
                if match and not _is_never_one(value.value):
                    yield node.lineno, f"{{{ast.unparse(value.value)}}}{match.group()}"


def _is_never_one(value: ast.expr) -> bool:
    said = ast.unparse(value)
    is_text = isinstance(value, ast.Call) and ast.unparse(value.func) not in {"len", "int"} and ".sum" not in said
    is_rate = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div)
    return said in NEVER_ONE or said.isupper() or is_text or is_rate or isinstance(value, ast.IfExp)


LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGED = re.compile(r"%,?d (?:[a-z]+ )?(?!times\b)[a-z]+(?<!s)s\b")
NEVER_ONE_LOGGED = {"%d processes"}  # logged of two or more


def logged_by_hand(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every log message that puts a plural noun behind a number."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOGS):
            continue
        for part in node.args[:1]:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found = LOGGED.findall(part.value)
                yield from ((node.lineno, text) for text in found if text not in NEVER_ONE_LOGGED)


def test_the_scan_finds_a_log_message_that_is_worded_by_hand() -> None:
    assert list(logged_by_hand('log.info("%d images", n)')) == [(1, "%d images")]
    assert list(logged_by_hand('logger.warning("Excluded %d unreadable images: %s", n, x)'))
    assert list(logged_by_hand('logger.warning("%d ids differ from", n)'))
    assert not list(logged_by_hand('log.info("%s on port %d, seed %d", n, m, k)'))
    assert not list(logged_by_hand('log.info("%d of %s", n, counted(m, "image"))'))


def test_no_log_message_words_a_count_by_hand() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    found = [f"{path.relative_to(SOURCE)}:{line}: {text}" for path in files
             for line, text in logged_by_hand(path.read_text(encoding="utf-8"))]  # fmt: skip
    assert not found, "use lentigo.wording.counted, which knows 1: " + ", ".join(found)


COUNTED_IN_A_PAGE = re.compile(rf"\$\{{(?!count\(|[A-Z_]+\}})[^}}]*\}} (?:(?:{ADJECTIVES}) )*(?:{NOUNS})\b(?! with)")


def test_no_script_of_a_page_words_a_count_by_hand() -> None:
    assert COUNTED_IN_A_PAGE.search("`${grouped(n)} images`")
    assert not COUNTED_IN_A_PAGE.search('`${count(n, "image")} of`')
    scripts = sorted(SOURCE.rglob("static/*.js"))
    assert scripts
    found = [f"{path.name}: {text}" for path in scripts
             for text in COUNTED_IN_A_PAGE.findall(path.read_text(encoding="utf-8"))]  # fmt: skip
    assert not found, "use count() of words.js, which knows 1: " + ", ".join(found)


def test_a_number_comes_with_its_noun() -> None:
    assert counted(1, "image") == "1 image"
    assert counted(0, "image") == "0 images"
    assert counted(2077, "image") == "2,077 images"
    assert counted(1, "row has no id", "rows have no id") == "1 row has no id"
    assert counted(3, "class", "classes") == "3 classes"


def test_the_scan_finds_a_count_that_is_worded_by_hand() -> None:
    assert list(counted_by_hand('f"{n} images"')) == [(1, "{n} images")]
    assert list(counted_by_hand('f"{len(bad):,} of {n} images are bad"')) == [(1, "{n} images")]
    assert list(counted_by_hand('f"{n} malignant images"')) == [(1, "{n} malignant images")]
    assert not list(counted_by_hand("f\"{kind} images, {LEAST} images, {counted(n, 'image')}\""))


def test_no_message_words_a_count_by_hand() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}: {text}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, text in counted_by_hand(path.read_text(encoding="utf-8"))
    ]
    assert not found, "use lentigo.wording.counted:\n" + "\n".join(found)
