"""A share is shown as 0 or 1, 0 % or 100 % only if it is exactly that, wherever a figure becomes text."""

import ast
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lentigo.model._headline import _of_100
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._in_words import _show
from lentigo.numbers.metrics import BetweenSources
from lentigo.study.reporting._stress.words import points
from lentigo.study.reporting._terminal.layout import show
from lentigo.study.reporting._words import percent, score, share, show_score, show_share
from lentigo.wording import figure_text, number_text, of_hundred_text, percent_text, score_text

SOURCE = Path(__file__).parents[1] / "src" / "lentigo"

# of a large sample: every digit is known, and nothing here is 0 or 1
NEARLY = Estimate(0.99972, 0.9989, 0.999991, n=20_000)
HARDLY = Estimate(0.00028, 0.000009, 0.0011, n=20_000)
# of a small one: three of three, none of three, and the ends are the bounds
ALL = Estimate(1.0, 0.2924, 1.0, n=3)
NONE = Estimate(0.0, 0.0, 0.7076, n=3)

WAYS: dict[str, Callable[[Estimate], str]] = {
    "Estimate": str,
    "headline of the terminal": _show,
    "terminal, two digits": lambda figure: show(figure, 2),
    "terminal, three digits": show,
    "report, per cent": lambda figure: str(show_share(figure)),
    "report, whole per cent": lambda figure: str(show_share(figure, digits=0)),
    "report, score": lambda figure: str(show_score(figure)),
    "report, class table": lambda figure: str(show_score(figure, digits=2)),
    "headline, of a hundred": _of_100,
    "headline, the rest of a hundred": lambda figure: _of_100(figure, is_rest=True),
    "sources": lambda figure: BetweenSources(
        4, figure.low, figure.high, figure, figure.low, figure.high, 0.1
    ).describe(),
}
BOUND = re.compile(r"(?<![\d.<>])(?:0(?:\.0+)?|1(?:\.0+)?|100(?:\.0+)?)(?![\d.])")
"""A figure that reads as exactly 0, 1 or 100."""


@pytest.mark.parametrize("way", WAYS)
def test_no_figure_of_a_large_sample_reaches_a_bound(way: str) -> None:
    for figure in (NEARLY, HARDLY):
        shown = WAYS[way](figure).replace("fewer than 1", "<1").replace("in 4 sources", "")
        assert not BOUND.search(shown), shown


@pytest.mark.parametrize("way", [way for way in WAYS if "rest" not in way])
def test_what_is_exactly_a_bound_in_a_small_sample_is_shown_as_such(way: str) -> None:
    assert BOUND.search(WAYS[way](ALL))
    assert BOUND.search(WAYS[way](NONE))


def test_the_ends_of_an_interval_keep_the_rule() -> None:
    # what was seen: "1.00" for 0.996 in the class table, and "0 to 2" of 100 for 0.24
    assert str(show_score(Estimate(0.982, 0.951, 0.9961, n=660), digits=2)) == "0.98 (0.95 to 0.996)"
    assert _of_100(Estimate(0.0067, 0.0024, 0.0187, n=300)) == "1 (<1 to 2)"
    assert _of_100(Estimate(0.9933, 0.9761, 0.9976, n=300)) == "99 (98 to >99)"


def test_one_more_digit_is_shown_and_then_the_side() -> None:
    assert [figure_text(value, 2) for value in (0.994, 0.996, 0.9996, 1.0)] == ["0.99", "0.996", ">0.999", "1.00"]
    assert [figure_text(value, 3) for value in (0.0006, 0.0004, 0.00004, 0.0)] == [
        "0.001",
        "0.0004",
        "<0.0001",
        "0.000",
    ]
    assert [percent_text(value) for value in (0.996, 0.9996, 0.004, 0.0004)] == ["99.6%", ">99.9%", "0.4%", "<0.1%"]
    assert [percent_text(value, 1) for value in (0.5, 0.9996)] == ["50.0%", "99.96%"]
    assert [of_hundred_text(value) for value in (0.004, 0.5, 0.996)] == ["<1", "50", ">99"]


def test_what_floating_point_leaves_of_a_bound_is_the_bound() -> None:
    assert figure_text(1 - 1e-12) == "1.000"
    assert figure_text(-1e-17) == figure_text(0.0) == "0.000"
    assert percent_text(1e-17) == "0%"


def test_a_figure_above_1_is_no_share_and_keeps_its_digits() -> None:
    assert figure_text(1.0003) == "1.000"
    assert [figure_text(value) for value in (73.116, 204.552, 2646.0, -19.194)] == ["73.1", "205", "2646", "-19.2"]


def test_differences_keep_their_sign_and_nothing_else_is_none() -> None:
    assert [figure_text(value, signed=True) for value in (0.02, -0.0004, -0.00004, 0.0)] == [
        "+0.020", "-0.0004", ">-0.0001", "+0.000",
    ]  # fmt: skip
    assert [points(value) for value in (0.0, 0.004, -0.004, -0.24)] == ["0", "+0.4", "−0.4", "−24"]
    assert [score_text(value) for value in (0.004, -0.004, 0.31)] == ["0.00", "0.00", "+0.31"]


def test_undefined_figures_are_not_available() -> None:
    assert figure_text(math.nan) == percent_text(math.nan) == number_text(math.nan) == "n/a"
    assert percent(math.nan) == score(math.nan) == share(0, 0) == "n/a"


def test_numbers_of_cases_have_no_more_digits_than_anybody_counted() -> None:
    # 2,646 biopsies were the end of an interval of four malignant images
    assert [number_text(value) for value in (1.04, 12.4, 265.0, 2646.0)] == ["1.0", "12", "260", "2,600"]


def test_a_part_of_a_whole_is_none_or_all_only_if_it_is() -> None:
    assert (share(0, 660), share(2, 660), share(659, 660), share(660, 660)) == ("0%", "0.3%", "99.8%", "100%")
    assert (share(0, 3), share(1, 3), share(3, 3)) == ("0%", "33%", "100%")


CONSTANT = {
    "confidence", "report.confidence", "power", "most", "RARE_PREVALENCE", "1 - FINEST", "value",
    # beside its threshold, between bounds that are checked before
    "self.malignant", "self.threshold", "chance", "apart", "100 * each", "100 * value",
}  # fmt: skip
FIGURES = re.compile(r"\.(?:low|high|value)\b|100 \*")


def rounded_by_hand(source: str) -> Iterator[tuple[int, str]]:
    """Yield every figure whose format alone decides how many digits it has."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            form = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
            text = ast.unparse(node.value)
            if (form.endswith("%") or (form.endswith("f") and FIGURES.search(text))) and text not in CONSTANT:
                yield node.lineno, f"{{{text}:{form}}}"


def test_the_scan_finds_a_figure_that_is_rounded_by_hand() -> None:
    assert list(rounded_by_hand('f"{band.missed:.1%}"')) == [(1, "{band.missed:.1%}")]
    assert list(rounded_by_hand('f"{figure.value:.3f}"')) == [(1, "{figure.value:.3f}")]
    assert list(rounded_by_hand('f"{100 * share:.0f}"'))
    assert not list(rounded_by_hand('f"{figure_text(figure.value)}, {confidence:.0%}, {n:,}, {seconds:.1f}"'))


def test_no_figure_is_rounded_by_hand() -> None:
    files = [path for path in sorted(SOURCE.rglob("*.py")) if not {"phantoms", "training"} & set(path.parts)]
    found = [f"{path.relative_to(SOURCE)}:{line}: {text}" for path in files
             for line, text in rounded_by_hand(path.read_text(encoding="utf-8"))]  # fmt: skip
    assert not found, "use figure_text or percent_text of lentigo.wording: " + ", ".join(found)


BY_HAND = re.compile(r"100 \* [^`}]*\)\.toFixed\(")


def test_no_script_of_the_page_rounds_a_share_by_hand() -> None:
    kept = {"numbers.js", "verdict.js", "differential.js", "tray.js"}  # the shared rule itself, and places on an axis
    scripts = [path for path in sorted(SOURCE.rglob("static/*.js")) if path.name not in kept]
    assert scripts
    assert not [path.name for path in scripts if BY_HAND.search(path.read_text(encoding="utf-8"))]
