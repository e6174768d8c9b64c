"""Inside a worker process: one bundle with one thread, asked about a few files at a time.

As many of these as there are cores are faster than one network with a thread a core, as decoding and the input gate run
side by side, too; so every library in here is held to one thread.
"""

import json
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from lentigo import __version__
from lentigo.errors import BundleError, LentigoError
from lentigo.isolation import Parent
from lentigo.model import Model, open_model, row_of


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What every worker has to know.

    Args:
        bundle: folder, or the name of the shipped one, as the worker's machine knows it.
        sha256: of its bundle.json.
        classes: of the bundle.
        threshold: on the malignant probability.
        prevalence: as for `predict`.
        version: of lentigo, which has to be the worker's.
        max_pixels: as for `predict`.
        runtime: as for `predict`.
        precision: as for `predict`.
        is_called: as in `Plan`.
    """

    bundle: str
    sha256: str
    classes: tuple[str, ...]
    threshold: float
    prevalence: float | None
    version: str = __version__
    max_pixels: int | None = None
    runtime: str | None = None
    precision: str | None = None
    is_called: bool = False


def main() -> None:
    """Load the bundle that the one argument names, and answer about images until the parent hangs up."""
    asking = WorkerSettings(**json.loads(sys.argv[1]))
    parent = Parent(has_socket=False)
    questions: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(parent, questions), daemon=True).start()
    try:
        model = _load(asking)
        parent.answer({})
        while True:
            parent.answer(_answered(model, asking, json.loads(questions.get())))
    except LentigoError as error:
        parent.answer({"error": str(error), "is_of_bundle": isinstance(error, BundleError)})


def _load(asking: WorkerSettings) -> Model:
    """Return the bundle of the job.

    Raises:
        LentigoError: the job runs with another lentigo.
        BundleError: the bundle cannot be used, or is not that of the job.
    """
    if asking.version != __version__:
        raise LentigoError(
            f"the job runs with lentigo {asking.version} and a worker with {__version__}. Install the same "
            "version everywhere."
        )
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)
    model = open_model(
        asking.bundle, backend=asking.runtime, threads=1, spin=False, precision=asking.precision
    ).with_max_pixels(asking.max_pixels)
    if model.provenance["bundle_sha256"] != asking.sha256:
        raise BundleError(
            f"{asking.bundle} is not the bundle that this job began with. Restore that bundle and use --resume."
        )
    return model


def _answered(model: Model, asking: WorkerSettings, images: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return one row per image, or None for them where memory was too small, and how many were computed again."""
    names, paths = [name for name, _ in images], [Path(path) for _, path in images]
    try:
        answers = list(model.answers(paths, names=names, prevalence=asking.prevalence, threads=1))
        rows = [row_of(one, asking.classes, asking.threshold, is_called=asking.is_called) for one in answers]
    except MemoryError:
        return {"rows": None}
    return {"rows": rows, "n_again": model.count_again(answers)}


def _listen(parent: Parent, questions: "SimpleQueue[bytes]") -> None:
    """Take questions; end this process when its parent is gone, killed perhaps: nobody wants its answers any more."""
    while (content := parent.receive()) is not None:
        questions.put(content)
    os._exit(1)


if __name__ == "__main__":
    main()
