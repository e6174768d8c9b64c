"""Many images, a few at a time: decoded ahead by threads, handed on in order, never more than two batches in memory."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ImageError
from lentigo.images.preprocess import Preprocess

__all__ = ["stream_pixels"]

Outcome = NDArray[np.uint8] | ImageError


def stream_pixels(paths: Iterable[Path], preprocess: Preprocess, *, batch_size: int) -> Iterator[list[Outcome]]:
    """Yield lists of up to `batch_size` fitted images (size, size, 3), or the error of each that cannot be read.

    The next batch is decoded while the caller works on this one.

    Example:
        >>> [len(batch) for batch in stream_pixels([photo] * 3, Preprocess(ImageConfig(size=32)), batch_size=2)]
        [2, 1]
    """

    def decode(path: Path) -> Outcome:
        try:
            return preprocess.pixels(path)
        except ImageError as error:
            return error

    remaining = iter(paths)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        queue: deque[list[Future[Outcome]]] = deque()
        while True:
            while len(queue) < 2 and (batch := list(islice(remaining, batch_size))):
                queue.append([pool.submit(decode, path) for path in batch])
            if not queue:
                return
            yield [future.result() for future in queue.popleft()]
