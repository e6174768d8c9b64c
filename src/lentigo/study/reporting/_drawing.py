"""Inline SVG: how every figure of the report looks, and how matplotlib's output is made fit to stand in a page.

Text stays text (`svg.fonttype: none`), so that it takes the page's font, can be searched and is read aloud; it is laid
out with DejaVu Sans, which is wider than the fonts of pages, so nothing collides. Class names and other words of users
never enter a figure: they stand in captions, where they are escaped.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, PercentFormatter

INK: Final = "#17212b"
MUTED: Final = "#5a6672"
FAINT: Final = "#c9d0d6"
# Orange and blue stay apart in every common colour blindness and in grey (lightness 52 and 42).
MALIGNANT_COLOUR: Final = "#c8500c"
BENIGN_COLOUR: Final = "#2767a0"
RIGHT, TOP = 16, 10  # half a tick label stands out on the right

STYLE: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 11.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11.0,
    "axes.linewidth": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": "#e9edf0",
    "grid.linewidth": 1.0,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 1.0,
    "figure.dpi": 72.0,
    "savefig.dpi": 72.0,
    "path.simplify": True,
    "svg.fonttype": "none",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure that is not drawn yet: in a page or in a file, it is painted by the same hand.

    Args:
        name: unique in the page; the ids inside the figure begin with it.
        description: what the figure shows, for those who cannot see it.
        size: width and height in pixels; text is 11 pixels high at this size.
        paint: fills the axes.
        left: room for the labels of the vertical axis, in pixels. Margins are given, not found by matplotlib's layout
            engines, which lay out all text once more and double the time.
        bottom: room for the labels of the horizontal axis.
        is_list: whether it holds rows of text, so that it is not lower where it is narrower.

    Example:
        >>> Drawing("empty", "nothing", (100, 80), lambda axes: None).left
        56
    """

    name: str
    description: str
    size: tuple[int, int]
    paint: Callable[[Axes], None]
    left: int = 56
    bottom: int = 44
    is_list: bool = False

    def figure(self) -> Figure:
        """Return it painted, one point a pixel, in the style that the caller has set."""
        width, height = self.size
        figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        box = (
            self.left / width,
            self.bottom / height,
            1 - (self.left + RIGHT) / width,
            1 - (self.bottom + TOP) / height,
        )
        self.paint(figure.add_axes(box))
        return figure

    def inline(self) -> Markup:
        """Return it as an inline SVG element."""
        stream = io.StringIO()
        with mpl.rc_context({**STYLE, "svg.hashsalt": self.name}):
            self.figure().savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        return _inline(stream.getvalue(), self.name, self.description, self.size)


def draw(
    name: str,
    description: str,
    size: tuple[int, int],
    paint: Callable[[Axes], None],
    *,
    left: int = 56,
    bottom: int = 44,
) -> Markup:
    """Return an inline SVG element; arguments as of `Drawing`.

    Example:
        >>> svg = draw("empty", "nothing", (100, 80), lambda axes: None)
        >>> svg[:59]
        Markup('<svg viewBox="0 0 100 80" role="img" aria-label="nothing" x')
    """
    return Drawing(name, description, size, paint, left, bottom).inline()


def percent_axes(axes: Axes, *, x: str, y: str) -> None:
    """Make both axes run from 0 to 100 %, with labels, the box nearly square."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, 1]))
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.015), xlabel=x, ylabel=y)


def _inline(text: str, name: str, description: str, size: tuple[int, int]) -> Markup:
    """Return the figure without what would act on the whole page (ids, styles) or is only bulk (metadata, digits)."""
    body = text[text.index("<svg") :]
    body = body[body.index(">") + 1 : body.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<defs>\s*</defs>|<!--.*?-->", "", body, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body)
    body = re.sub(r" ?font-family: [^;\"]*;", "", body)
    # in tags only: between them stand numbers that people read
    body = re.sub(r"<[^>]+>", lambda tag: re.sub(r"(\.\d\d)\d+", r"\1", tag[0]), body)
    body = re.sub(r">\s+<", "><", body)
    head = f'<svg viewBox="0 0 {size[0]} {size[1]}" role="img" aria-label="{escape(description)}"'
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return Markup(f"{head} {spaces}>{body}</svg>")  # noqa: S704 - made above; matplotlib escapes what it writes
