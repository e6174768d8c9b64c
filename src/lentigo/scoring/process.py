"""Inside a worker process: one bundle with one thread, asked about a few files at a time.

As many of these as there are cores are faster than one network with a thread a core, as decoding and the input gate run
side by side, too; so every library in here is held to one thread.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

from lentigo import __version__
from lentigo.errors import BundleError, LentigoError
from lentigo.model.opening import open_model
from lentigo.model.rows import row_of
from lentigo.model.runtime import Model

__all__ = ["Asking", "answer", "load"]


@dataclass(frozen=True, slots=True)
class Asking:
    """What every worker has to know.

    Args:
        bundle: folder, or the name of the shipped one, as the worker's machine knows it.
        sha256: of its bundle.json.
        classes: of the bundle.
        threshold: on the malignant probability.
        prevalence: as for `predict`.
        version: of lentigo, which has to be the worker's.
        max_pixels: as for `predict`.
    """

    bundle: str
    sha256: str
    classes: tuple[str, ...]
    threshold: float
    prevalence: float | None
    version: str = __version__
    max_pixels: int | None = None


class _Loaded:
    """The bundle of this process, once it is loaded."""

    model: Model
    asking: Asking


_LOADED: Final = _Loaded()


def load(asking: Asking) -> int:
    """Return the id of this process, which has loaded the bundle.

    Raises:
        LentigoError: the job runs with another lentigo.
        BundleError: the bundle cannot be used, or is not that of the job.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when it is time
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if asking.version != __version__:
        raise LentigoError(
            f"the job runs with lentigo {asking.version} and a worker with {__version__}. Install the same everywhere."
        )
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)
    opened = open_model(asking.bundle, threads=1, spin=False)
    _LOADED.model, _LOADED.asking = opened.with_max_pixels(asking.max_pixels), asking
    if _LOADED.model.provenance["bundle_sha256"] != asking.sha256:
        raise BundleError(
            f"{asking.bundle} is not, or no longer, the bundle that this job began with. Put it back and use --resume."
        )
    return os.getpid()


def answer(images: Sequence[tuple[str, str]]) -> list[list[str]] | None:
    """Return one row an image, or None where memory was too small for them.

    Args:
        images: name and path of each.
    """
    model, asking = _LOADED.model, _LOADED.asking
    names, paths = [name for name, _ in images], [Path(path) for _, path in images]
    try:
        answers = model.answers(paths, names=names, prevalence=asking.prevalence, threads=1)
        return [row_of(one, asking.classes, asking.threshold) for one in answers]
    except MemoryError:
        return None


def _end_with_parent() -> None:
    """End this process when its parent is gone, killed perhaps, as nobody wants its answers any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
