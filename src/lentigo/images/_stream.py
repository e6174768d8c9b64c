"""Many images, a few at a time: decoded ahead by threads, handed on in order, never more than two batches in memory."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ImageError

S = TypeVar("S")
T = TypeVar("T")
Outcome = NDArray[np.uint8] | ImageError


def stream_images(
    sources: Iterable[S], decode: Callable[[S], T], *, batch_size: int, threads: int | None = None
) -> Iterator[list[T | ImageError]]:
    """Yield lists of up to `batch_size` decoded images, or the error of each that cannot be read.

    The next batch is decoded while the caller works on this one.

    Args:
        sources: of the images.
        decode: makes an image of a source; called from threads.
        batch_size: images a list.
        threads: that decode; one a core of the machine when left out.

    Example:
        >>> list(stream_images([1, 2, 3], lambda n: 2 * n, batch_size=2))
        [[2, 4], [6]]
    """

    def attempt(source: S) -> T | ImageError:
        try:
            return decode(source)
        except ImageError as error:
            return error

    remaining = iter(sources)
    first = list(islice(remaining, 2))
    if len(first) < 2:  # one image is not worth the threads
        yield from ([attempt(source)] for source in first)
        return
    remaining = chain(first, remaining)
    with ThreadPoolExecutor(max_workers=threads or os.cpu_count() or 1) as pool:
        queue: deque[list[Future[T | ImageError]]] = deque()
        while True:
            while len(queue) < 2 and (batch := list(islice(remaining, batch_size))):
                queue.append([pool.submit(attempt, source) for source in batch])
            if not queue:
                return
            yield [future.result() for future in queue.popleft()]
