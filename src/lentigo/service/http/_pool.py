"""Worker processes that decode photographs: a bounded queue before them, a clock over them, another when one dies.

A photograph belongs to one worker at a time and a worker to one photograph, so a death costs one answer. A photograph
that a dead worker had not begun with is given to another; one that it had begun with is not, as it may be the reason.
"""

import asyncio
import dataclasses
import logging
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from lentigo.config import ImageConfig
from lentigo.errors import ImageError, LentigoError
from lentigo.isolation import LENGTH, start_process
from lentigo.model import DecodedImage
from lentigo.service.http._errors import Busy, WorkerLost
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._worker import ANSWER, BEGUN, CODES, HELLO, LONGEST_MESSAGE, LOOK_BYTES, REFUSED, SEEN
from lentigo.wording import counted

if TYPE_CHECKING:
    import subprocess

log = logging.getLogger(__name__)
START_S: Final = 60.0
MOST_TRIES: Final = 3  # of a photograph that no worker has begun with


class _DecodeJob:
    """A photograph that waits or is being decoded."""

    __slots__ = ("content", "future", "n_tries")

    def __init__(self, content: bytes, future: "asyncio.Future[DecodedImage]") -> None:
        self.content, self.future, self.n_tries = content, future, 0


class DecodePool:
    """Some workers and the queue before them; lives in one event loop.

    Args:
        image: how to fit; its limit of pixels is that of the settings, where they have one.
        settings: how many workers, and what they may use.
        on_restart: called when a worker had to be replaced.
    """

    def __init__(
        self, image: ImageConfig, settings: ServiceSettings, *, on_restart: Callable[[], None] = lambda: None
    ) -> None:
        self.image = dataclasses.replace(image, max_pixels=settings.max_pixels or image.max_pixels)
        self.settings, self.on_restart = settings, on_restart
        self.waiting: deque[_DecodeJob] = deque()
        self.idle: deque[_DecodeWorker] = deque()
        self.workers: set[_DecodeWorker] = set()
        self._early_deaths = 0
        self._is_closed = True
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def n_ready(self) -> int:
        """How many workers can decode."""
        return sum(worker.is_ready for worker in self.workers)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.process.pid for worker in self.workers]

    async def start(self) -> None:
        """Start the workers and wait until the first one can decode.

        Raises:
            LentigoError: none comes up.
        """
        self._is_closed = False
        await asyncio.gather(*(self._spawn() for _ in range(self.settings.n_workers)))
        end = time.monotonic() + START_S
        while self.n_ready < self.settings.n_workers:
            if time.monotonic() > end or self._early_deaths > 2 * self.settings.n_workers:
                await self.close()
                raise LentigoError(
                    "the decoding processes do not start; see their messages above. Increase --worker-memory, or "
                    "reduce --workers."
                )
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """End all workers; what waits gets no answer."""
        self._is_closed = True
        for job in self.waiting:
            if not job.future.done():
                job.future.set_exception(WorkerLost("the service ends."))
        self.waiting.clear()
        gone = [worker.end() for worker in list(self.workers)]
        self.idle.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*gone)

    async def decode(self, content: bytes) -> DecodedImage:
        """Return a photograph decoded, fitted and measured.

        Raises:
            ImageError: it cannot, or must not, be decoded.
            Busy: too many wait already.
            WorkerLost: the worker that had it died, or took too long.
        """
        self.refuse_overload(1)
        job = _DecodeJob(content, asyncio.get_running_loop().create_future())
        self.waiting.append(job)
        self.dispatch()
        return await job.future

    def refuse_overload(self, n_images: int) -> None:
        """Raise unless there is room for some more photographs.

        Raises:
            Busy: there is none.
        """
        if len(self.waiting) + n_images - len(self.idle) > self.settings.max_queue:
            raise Busy(
                f"{counted(len(self.waiting), 'photograph is', 'photographs are')} "
                "already waiting. Try again in a second."
            )

    def dispatch(self) -> None:
        """Give waiting photographs to idle workers."""
        while self.waiting and self.idle:
            job = self.waiting.popleft()
            if not job.future.done():  # the caller may have given up
                self.idle.popleft().take(job)

    def lost(self, worker: "_DecodeWorker") -> None:
        """Replace a worker that is gone."""
        self.workers.discard(worker)
        if worker in self.idle:
            self.idle.remove(worker)
        self.dispatch()  # what it had not begun with
        if self._is_closed:
            return
        self._early_deaths = 0 if worker.is_ready else self._early_deaths + 1
        self.on_restart()
        log.warning("a decoding process ended (status %s); a new one is started", worker.process.poll())
        # At once, unless workers die before they can do anything.
        delay = 0.0 if self._early_deaths == 0 else min(5.0, 0.2 * 2**self._early_deaths)
        task = asyncio.get_running_loop().create_task(self._spawn(delay))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _spawn(self, delay_s: float = 0.0) -> None:
        await asyncio.sleep(delay_s)
        limits = {
            "image": dataclasses.asdict(self.image),
            "memory_bytes": self.settings.worker_memory_bytes,
            "seconds": self.settings.decode_timeout_s,
        }
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003
        with theirs:
            process = start_process("lentigo.service.http._worker", limits, stdin=theirs.fileno())
        worker = _DecodeWorker(self, process)
        self.workers.add(worker)
        await asyncio.get_running_loop().create_connection(lambda: worker, sock=ours)


class _DecodeWorker(asyncio.Protocol):
    """One process, seen from the event loop."""

    def __init__(self, pool: DecodePool, process: "subprocess.Popen[bytes]") -> None:
        self.pool, self.process = pool, process
        self.is_ready = False
        self.job: _DecodeJob | None = None
        self.has_begun = False
        self.buffer = bytearray()
        self.clock: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport | None = None
        side = pool.image.size
        self.pixels_shape = (side, side, 3)
        self.n_seen_bytes = side * side * 3 + LOOK_BYTES

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the process."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._set_clock(START_S)

    def take(self, job: _DecodeJob) -> None:
        """Send a photograph to the process."""
        assert self.transport is not None
        self.job, self.has_begun = job, False
        job.n_tries += 1
        self._set_clock(self.pool.settings.decode_timeout_s)
        self.transport.write(LENGTH.pack(len(job.content)))
        self.transport.write(job.content)

    def data_received(self, data: bytes) -> None:
        """Read an answer; whoever answers what was not asked is ended."""
        self.buffer += data
        while len(self.buffer) >= ANSWER.size:
            kind, first, second = ANSWER.unpack_from(self.buffer)
            if not self._is_due(kind) or (kind == REFUSED and (second > LONGEST_MESSAGE or first >= len(CODES))):
                self.process.kill()
                return
            end = ANSWER.size + {SEEN: self.n_seen_bytes, REFUSED: second}.get(kind, 0)
            if len(self.buffer) < end:
                return
            body = bytes(self.buffer[ANSWER.size : end])
            del self.buffer[:end]
            self._understand(kind, first, second, body)

    def _is_due(self, kind: int) -> bool:
        if self.job is None:
            return kind == HELLO and not self.is_ready
        return kind in ((SEEN, REFUSED) if self.has_begun else (BEGUN,))

    def _understand(self, kind: int, first: int, second: int, body: bytes) -> None:
        if kind == BEGUN:
            self.has_begun = True
            return
        self.is_ready = True
        if self.job is not None and not self.job.future.done():
            if kind == SEEN:
                self.job.future.set_result(self._seen(body, (first, second)))
            else:
                self.job.future.set_exception(ImageError(_printable(body), code=CODES[first]))
        self._free()

    def _seen(self, body: bytes, size: tuple[int, int]) -> DecodedImage:
        n_pixels = len(body) - LOOK_BYTES
        pixels = np.frombuffer(body, np.uint8, n_pixels).reshape(self.pixels_shape)
        return DecodedImage(pixels, np.frombuffer(body, "<f4", offset=n_pixels).astype(np.float32), size)

    def _free(self) -> None:
        self.job = None
        if self.clock is not None:
            self.clock.cancel()
        self.pool.idle.append(self)
        self.pool.dispatch()

    def _set_clock(self, seconds: float) -> None:
        if self.clock is not None:
            self.clock.cancel()
        self.clock = asyncio.get_running_loop().call_later(seconds, self.process.kill)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Tell whoever waits, and the pool, that the process is gone."""
        if self.clock is not None:
            self.clock.cancel()
        if self.job is not None and not self.has_begun and self.job.n_tries < MOST_TRIES:
            self.pool.waiting.appendleft(self.job)
        elif self.job is not None and not self.job.future.done():
            self.job.future.set_exception(
                WorkerLost("the process that decoded this photograph ended, or took too long. Try again once.")
            )
        self.process.kill()
        self.process.wait()  # it is dead, so this takes no time; without it there would be zombies
        self.pool.lost(self)

    async def end(self) -> None:
        """End the process."""
        self.process.kill()
        if self.transport is not None:
            self.transport.abort()
        await asyncio.sleep(0)


def _printable(text: bytes) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text.decode("utf-8", "replace"))
