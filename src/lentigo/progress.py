"""Progress of long loops, told to whoever wants to hear it.

Library functions take a `track` argument of type `Track` and wrap their loops in it; `silent` is the default, the
command line passes a `terminal_tracker`, which draws a bar with rate and time left on stderr.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

__all__ = ["Track", "silent", "terminal_tracker"]

T = TypeVar("T")


class Track(Protocol):
    """Wraps an iterable and yields its items unchanged."""

    def __call__(self, items: Iterable[T], what: str, total: int, /, *, unit: int = 1) -> Iterable[T]:
        """Return `items`; `total` and `unit` (how much one item counts) are in images."""
        ...


def silent(items: Iterable[T], what: str, total: int, /, *, unit: int = 1) -> Iterable[T]:
    """Return `items` as they are.

    Example:
        >>> list(silent([1, 2], "reading", 2))
        [1, 2]
    """
    del what, total, unit
    return items


@contextlib.contextmanager
def terminal_tracker() -> Iterator[Track]:
    """Yield a tracker that draws one bar at a time on stderr: what, done of total, images a second, time left.

    Where stderr is not a terminal nothing is drawn.

    Example:
        >>> with terminal_tracker() as track:
        ...     list(track([1, 2], "reading", 2))
        [1, 2]
    """
    if not _is_drawn():  # most of the time of one photograph's start that is not the network's would be the bars'
        yield _undrawn
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Task as BarTask
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: BarTask) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:.0f} images/s" if speed else "", style="progress.data.speed")

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:

        def track(items: Iterable[T], what: str, total: int, /, *, unit: int = 1) -> Iterable[T]:
            bar = bars.add_task(what, total=total)
            try:
                for item in items:
                    yield item
                    bars.advance(bar, unit)
            finally:
                bars.remove_task(bar)

        yield track


def _undrawn(items: Iterable[T], what: str, total: int, /, *, unit: int = 1) -> Iterable[T]:
    return silent(items, what, total, unit=unit)


def _is_drawn() -> bool:
    # the variables by which rich can be told so
    return sys.stderr.isatty() or bool(os.environ.get("FORCE_COLOR") or os.environ.get("TTY_COMPATIBLE"))
