"""A worker process seen from outside: replaced when it dies, and the photograph that kills it found.

A decoder that crashes or the kernel's killer of memory hogs takes the process, not an exception. Its images are then
asked one by one, each by a process that it may take along twice; only then does the image get an error row.
"""

import dataclasses
import logging
import threading
from collections.abc import Sequence
from typing import Any, Final

from lentigo.errors import BundleError, ImageError, LentigoError
from lentigo.isolation import Child, ChildLostError
from lentigo.model import columns_of, row_of, unreadable
from lentigo.service.scoring._process import WorkerSettings
from lentigo.service.scoring._shards import AnsweredShard
from lentigo.wording import counted

logger = logging.getLogger(__name__)
TRIES: Final = 2  # of an image alone
STARTS: Final = 3
LOST: Final = "ended the process that read it"
NO_START: Final = (
    "the worker processes end before they have loaded the bundle. They may lack memory: use fewer (--workers)."
)


class ScoringWorker:
    """One process with a bundle, started when it is first asked. Its methods may be called from any thread.

    Args:
        asking: the bundle and how to ask it.

    Example:
        >>> import contextlib
        >>> from lentigo import open_model
        >>> from lentigo.service.scoring._plan import make_plan
        >>> plan = make_plan(
        ...     open_model(bundle_folder), ["a"], [photo], prevalence=None, shard_size=2000, table_format="csv"
        ... )
        >>> asking = WorkerSettings(str(bundle_folder), plan.bundle_sha256, plan.classes, plan.threshold, None)
        >>> with contextlib.closing(ScoringWorker(asking)) as worker:
        ...     worker.answered([("a", str(photo))]).rows[0][0]
        'a'
    """

    def __init__(self, asking: WorkerSettings) -> None:
        self.asking = asking
        self._child: Child | None = None
        self._is_closed = threading.Event()

    def answered(self, images: Sequence[tuple[str, str]]) -> AnsweredShard:
        """Return one row per image, in order, whatever the images do to the process.

        Args:
            images: name and path of each.

        Raises:
            LentigoError: the bundle cannot be used, an extra is missing, or no process comes up.
        """
        found = self._attempt(images)
        if found is not None:
            return found
        logger.warning("a worker process ended; predicting one by one: %s", counted(len(images), "image"))
        alone = [self._alone(image) for image in images]
        return AnsweredShard([row for one in alone for row in one.rows], sum(one.n_again for one in alone))

    def close(self) -> None:
        """End the process at once; whoever waits for it gets an error."""
        self._is_closed.set()
        self._end()

    def _alone(self, image: tuple[str, str]) -> AnsweredShard:
        for _ in range(TRIES):
            found = self._attempt([image])
            if found is not None:
                return found
        name, path = image
        logger.warning("%s %s, %d times; it gets an error row", path, LOST, TRIES)
        error = ImageError(f"{path} {LOST}, {TRIES} times: no memory left, or a fault of the decoder.")
        asking = self.asking
        row = row_of(unreadable(name, error), asking.classes, asking.threshold, is_called=asking.is_called)
        return AnsweredShard([row])

    def _attempt(self, images: Sequence[tuple[str, str]]) -> AnsweredShard | None:
        """Return the answers, or None where the process died, ran out of memory, or answered what was not asked.

        Raises:
            LentigoError: an extra is missing, or the job was ended.
        """
        child = self._child or self._start()
        try:
            found = self._answered_in(_checked(child.ask(images)), images)
        except ChildLostError:
            self._refuse_closed()
            found = None
        if found is None:
            self._end()
        return found

    def _answered_in(self, reply: dict[str, Any], images: Sequence[tuple[str, str]]) -> AnsweredShard | None:
        """Return the answers in a reply; None for one that holds no row of the right form for each image."""
        rows, width = reply.get("rows"), len(columns_of(self.asking.classes, is_called=self.asking.is_called))
        if not isinstance(rows, list) or len(rows) != len(images):
            return None
        is_whole = all(
            isinstance(row, list) and len(row) == width and row[0] == name and all(isinstance(one, str) for one in row)
            for row, (name, _) in zip(rows, images, strict=True)
        )
        n_again = reply.get("n_again")
        return AnsweredShard(rows, n_again if isinstance(n_again, int) else 0) if is_whole else None

    def _start(self) -> Child:
        """Return a process that has loaded the bundle.

        Raises:
            LentigoError: the bundle cannot be used, or no process comes up.
        """
        for _ in range(STARTS):
            self._refuse_closed()
            try:
                child = Child("lentigo.service.scoring._process", dataclasses.asdict(self.asking))
            except ChildLostError:
                continue
            self._child = child
            if self._is_closed.is_set():
                self._end()
            self._refuse_closed()
            try:
                _checked(child.greeting)
            except LentigoError:
                self._end()
                raise
            return child
        raise LentigoError(NO_START)

    def _refuse_closed(self) -> None:
        if self._is_closed.is_set():
            raise LentigoError("the job was ended.")

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


def _checked(reply: Any) -> dict[str, Any]:
    """Return what a process answers.

    Raises:
        LentigoError: it says why it cannot.
    """
    if isinstance(reply, dict) and "error" in reply:
        kind = BundleError if reply.get("is_of_bundle") is True else LentigoError
        raise kind(str(reply["error"])[:2000])
    return reply if isinstance(reply, dict) else {}
