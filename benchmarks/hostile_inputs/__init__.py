"""Hostile inputs for the service: made from a seed, sent over plain sockets, and judged by what comes back."""

from collections.abc import Callable, Iterator

import numpy as np

from .bombs import bombs
from .forms import boundaries, forms, outcomes
from .pictures import cuts, flips, names, odd, polyglots, shipped, soups, tags
from .record import Hostile, upload
from .wire import framing, headers, heads, slow, targets

__all__ = ["Hostile", "boundaries", "http_inputs", "slow"]

SLOW_TO_MAKE = ("file: bomb", "file: odd picture", "outcomes", "headers")
ROUTES = (b"/v1/explain", b"/v1/similar", b"/v1/patient")


def http_inputs(
    seed: int, *, kinds: str = "", n_flips: int = 40, n_soups: int = 4, n_mutated: int = 160, is_quick: bool = False
) -> Iterator[Hostile]:
    """Everything but the slow senders; only groups whose name begins with `kinds`.

    Args:
        seed: of everything random.
        kinds: the beginning of a group's name.
        n_flips: files of each format with bits changed.
        n_soups: of noise after the first bytes of each format.
        n_mutated: forms with bytes changed.
        is_quick: leaves out what takes seconds to make.
    """
    rng = np.random.default_rng(seed)
    groups: dict[str, Callable[[], Iterator[Hostile]]] = {
        "file: cut": lambda: _files("cut", cuts()),
        "file: bits flipped": lambda: _files("bits flipped", flips(rng, n_flips)),
        "file: noise": lambda: _files("noise", soups(rng, n_soups)),
        "file: bomb": lambda: _files("bomb", bombs()),
        "file: odd picture": lambda: _files("odd picture", odd()),
        "file: metadata": lambda: _files("metadata", tags(rng)),
        "file: polyglot": lambda: _files("polyglot", polyglots()),
        "file: pydicom's files": lambda: _files("pydicom's files", shipped()),
        "file: name": lambda: (upload("file: name", content, name=name) for name, content in names()),
        "forms": lambda: forms(rng, n_mutated),
        "outcomes": outcomes,
        "framing": framing,
        "heads": lambda: heads(rng),
        "headers": headers,
        "targets": targets,
    }
    for name, make in groups.items():
        if name.startswith(kinds) and not (is_quick and name in SLOW_TO_MAKE):
            yield from make()


def _files(kind: str, contents: Iterator[bytes]) -> Iterator[Hostile]:
    for number, content in enumerate(contents):
        yield upload(f"file: {kind}", content)
        if number % 9 == 0:  # the other routes read files by the same way
            yield upload(f"file: {kind}", content, path=ROUTES[number // 9 % 3])
