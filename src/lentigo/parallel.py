"""Work spread over processes, with a plain loop where that is not possible."""

import logging
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

__all__ = ["map_in_processes"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_CHUNK = 4
_LARGEST_CHUNK = 32  # handing over a chunk takes 0.3 ms, which is a tenth of the work on four photographs
_log = logging.getLogger(__name__)


def map_in_processes(work: Callable[[Item], Result], items: Sequence[Item], *, workers: int) -> Iterator[Result]:
    """Yield `work(item)` of every item in order, computed by `workers` processes.

    Processes are spawned, not forked: the fork of a caller with threads (torch has some) may inherit a lock that nobody
    opens. Where none can be started, and for a handful of items, which would be done before the first process is up, a
    loop does it.

    Example:
        >>> list(map_in_processes(abs, [-1, 2], workers=4))
        [1, 2]
    """
    n_processes = min(workers, len(items) // (2 * _CHUNK))
    n_yielded = 0
    if n_processes > 1:
        try:
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(n_processes, mp_context=context) as pool:
                chunk = min(_LARGEST_CHUNK, max(_CHUNK, len(items) // (32 * n_processes)))
                for result in pool.map(work, items, chunksize=chunk):
                    yield result
                    n_yielded += 1
        except (OSError, ImportError, BrokenProcessPool) as error:
            _log.warning("worker processes are not available (%s); continuing with one", error)
    yield from map(work, items[n_yielded:])
