"""How records look in a notebook: a small table, without a script and without an address, and a line of progress."""

import contextlib
import html
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from lentigo.progress import Track, silent, terminal_tracker

__all__ = ["in_notebook", "shown_progress", "table_html", "table_text"]

T = TypeVar("T")
WAIT_S = 0.2  # between two lines of progress


def table_text(title: str, rows: Mapping[str, object]) -> str:
    """Return a record in a few lines, for a terminal.

    Example:
        >>> print(table_text("Manifest", {"images": 3, "classes": "MEL, NV"}))
        Manifest
          images   3
          classes  MEL, NV
    """
    width = max(map(len, rows), default=0)
    return "\n".join([title, *(f"  {name:<{width}}  {value}" for name, value in rows.items())])


def table_html(title: str, rows: Mapping[str, object], *, below: str = "") -> str:
    """Return the same as HTML; every text is escaped.

    Args:
        title: what it is.
        rows: names and values.
        below: HTML of one's own that follows.

    Example:
        >>> table_html("Run", {"folder": "<b>"})
        '<div><b>Run</b><table><tr><th style="text-align:left">folder</th><td ...>&lt;b&gt;</td></tr></table></div>'
    """
    cells = "".join(
        f'<tr><th style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(str(value))}</td></tr>'
        for name, value in rows.items()
    )
    return f"<div><b>{html.escape(title)}</b><table>{cells}</table>{below}</div>"


def in_notebook() -> bool:
    """Return whether the code runs in a notebook, where what is displayed can be changed later.

    Example:
        >>> in_notebook()
        False
    """
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and getattr(shell, "kernel", None) is not None


@contextlib.contextmanager
def shown_progress(track: Track, *, wanted: bool | None) -> Iterator[Track]:
    """Yield what draws the progress of a call.

    Args:
        track: what the caller gave; it goes first unless it is `silent`.
        wanted: True draws in a notebook and on a terminal, False nowhere, None in a notebook only.

    Example:
        >>> with shown_progress(silent, wanted=None) as track:
        ...     track is silent
        True
    """
    if track is not silent or wanted is False:
        yield track
    elif in_notebook():
        with _notebook_tracker() as drawn:
            yield drawn
    elif wanted:
        with terminal_tracker() as drawn:
            yield drawn
    else:
        yield silent


@contextlib.contextmanager
def _notebook_tracker() -> Iterator[Track]:
    """Yield a tracker that keeps one line below the cell up to date: what, done of total, images a second."""
    display: Callable[..., Any] = sys.modules["IPython"].display.display
    page: Callable[[str], Any] = sys.modules["IPython"].display.HTML
    line = display(page("<code>lentigo</code>"), display_id=True)

    def track(items: Iterable[T], what: str, total: int, /, *, unit: int = 1) -> Iterable[T]:
        started, shown, done = time.monotonic(), 0.0, 0
        for item in items:
            now = time.monotonic()
            if now - shown >= WAIT_S:
                speed = f", {done / (now - started):.0f} images/s" if done else ""
                line.update(page(f"<code>{html.escape(what)}: {done:,} of {total:,}{speed}</code>"))
                shown = now
            yield item
            done += unit
        line.update(page(f"<code>{html.escape(what)}: {total:,} of {total:,}</code>"))

    yield track
