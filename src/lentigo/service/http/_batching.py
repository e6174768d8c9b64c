"""The network under load: whatever has queued up goes through it together; nobody is made to wait for company.

One lane is one thread that runs one batch at a time, on all cores the network may use. Waiting a millisecond for more
photographs was measured and did not help (docs/experiments.md): while a batch runs, the next one gathers by itself.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(slots=True)
class Batcher(Generic[In, Out]):
    """Gathers single questions into batches for a function that is faster on many.

    Args:
        work: gets a batch, gives one result each; runs in a thread.
        size: of a batch, at most.
        on_batch: told the size of each batch.

    Example:
        >>> async def ask() -> list[int]:
        ...     batcher = Batcher(lambda batch: [2 * number for number in batch], size=4)
        ...     return await asyncio.gather(*(batcher.submit(number) for number in range(3)))
        >>> asyncio.run(ask())
        [0, 2, 4]
    """

    work: Callable[[Sequence[In]], Sequence[Out]]
    size: int
    on_batch: Callable[[int], None] = lambda _: None
    _waiting: "list[tuple[In, asyncio.Future[Out]]]" = field(default_factory=list)
    _is_running: bool = False
    _lane: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "lentigo-network"))

    async def submit(self, question: In) -> Out:
        """Return the result for one question."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Out] = loop.create_future()
        self._waiting.append((question, future))
        if not self._is_running:
            self._is_running = True
            loop.call_soon(self._next, loop)  # after whatever else is ready in this very moment
        return await future

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        batch: list[tuple[In, asyncio.Future[Out]]] = []
        while self._waiting and len(batch) < self.size:
            question, future = self._waiting.pop(0)
            if not future.done():  # the caller may have given up
                batch.append((question, future))
        if not batch:
            self._is_running = False
            return
        self.on_batch(len(batch))
        running = loop.run_in_executor(self._lane, self.work, [question for question, _ in batch])
        running.add_done_callback(lambda done: self._finish(loop, batch, done))

    def _finish(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: "list[tuple[In, asyncio.Future[Out]]]",
        done: "asyncio.Future[Sequence[Out]]",
    ) -> None:
        self._next(loop)  # first of all, so that the network does not wait for what follows
        error = done.exception() if not done.cancelled() else asyncio.CancelledError()
        for row, (_, future) in enumerate(batch):
            if future.done():
                continue
            if error is None:
                future.set_result(done.result()[row])
            else:
                future.set_exception(error)

    def close(self) -> None:
        """End the thread once its batch is through."""
        self._lane.shutdown(wait=False, cancel_futures=True)
