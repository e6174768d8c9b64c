"""A worker process seen from outside: replaced when it dies, and the photograph that kills it found.

A decoder that crashes or the kernel's killer of memory hogs takes the process, not an exception. Its images are then
asked one by one, each by a process that it may take along twice; only then does the image get an error row.
"""

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from typing import Final

from lentigo.errors import ImageError, LentigoError
from lentigo.model.answer import unreadable
from lentigo.model.rows import row_of
from lentigo.scoring.process import Asking, answer, load
from lentigo.scoring.shards import Row

__all__ = ["LOST", "Worker"]

logger = logging.getLogger(__name__)
TRIES: Final = 2  # of an image alone
STARTS: Final = 3
LOST: Final = "ended the process that read it"
NO_START: Final = (
    "the worker processes end before they have loaded the bundle. They may lack memory: take fewer (--workers). In a "
    "script of your own, call lentigo.score below 'if __name__ == \"__main__\":'."
)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let a process that is started in this block never hear Ctrl-C: the parent does, and says so once."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # where it has to be started, it lets the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Worker:
    """One process with a bundle, started when it is first asked. Its methods may be called from any thread.

    Args:
        asking: the bundle and how to ask it.

    Example:
        >>> from lentigo import open_model
        >>> from lentigo.scoring.plan import make_plan
        >>> plan = make_plan(
        ...     open_model(bundle_folder), ["a"], [photo], prevalence=None, shard_size=2000, table_format="csv"
        ... )
        >>> asking = Asking(str(bundle_folder), plan.bundle_sha256, plan.classes, plan.threshold, None)
        >>> with contextlib.closing(Worker(asking)) as worker:
        ...     worker.rows([("a", str(photo))])[0][0]
        'a'
    """

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self._pool: ProcessPoolExecutor | None = None
        self._pid = 0
        self._is_closed = threading.Event()

    def rows(self, images: Sequence[tuple[str, str]]) -> list[Row]:
        """Return one row an image, in order, whatever the images do to the process.

        Args:
            images: name and path of each.

        Raises:
            LentigoError: the bundle cannot be used, an extra is missing, or no process comes up.
        """
        found = self._attempt(images)
        if found is not None:
            return found
        logger.warning("a worker process ended; its %d images are asked one by one", len(images))
        return [row for image in images for row in self._alone(image)]

    def close(self) -> None:
        """End the process at once; whoever waits for it gets an error."""
        self._is_closed.set()
        self._end()

    def _alone(self, image: tuple[str, str]) -> list[Row]:
        for _ in range(TRIES):
            found = self._attempt([image])
            if found is not None:
                return found
        name, path = image
        logger.warning("%s %s, %d times; it gets an error row", path, LOST, TRIES)
        error = ImageError(f"{path} {LOST}, {TRIES} times: no memory left, or a fault of the decoder.")
        return [row_of(unreadable(name, error), self.asking.classes, self.asking.threshold)]

    def _attempt(self, images: Sequence[tuple[str, str]]) -> list[Row] | None:
        """Return the rows, or None where the process died or ran out of memory."""
        pool = self._pool or self._start()
        try:
            found = pool.submit(answer, images).result()
        except BrokenProcessPool:
            self._refuse_closed()
            found = None
        if found is None:
            self._end()
            return None
        return [*found]

    def _start(self) -> ProcessPoolExecutor:
        """Return a pool of one process that has loaded the bundle.

        Raises:
            LentigoError: the bundle cannot be used, or no process comes up.
        """
        for _ in range(STARTS):
            self._refuse_closed()
            # Spawned: onnxruntime and threads do not survive a fork. A pool of one, so that a death has one culprit.
            pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
            try:
                with _deaf_to_interrupts():
                    loading = pool.submit(load, self.asking)
                self._pid = loading.result()
            except BrokenProcessPool:
                pool.shutdown()
                continue
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            self._pool = pool
            if self._is_closed.is_set():
                self._end()
            self._refuse_closed()
            return pool
        raise LentigoError(NO_START)

    def _refuse_closed(self) -> None:
        if self._is_closed.is_set():
            raise LentigoError("the job was ended.")

    def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            pool.shutdown(cancel_futures=True)
