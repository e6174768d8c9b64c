"""Engine `local`: worker processes of this machine, a bounded number of pieces on their way, answers in order."""

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from lentigo.service.scoring._process import WorkerSettings
from lentigo.service.scoring._shards import AnsweredShard
from lentigo.service.scoring._worker import ScoringWorker

Piece = Sequence[tuple[str, str]]


def score_locally(
    asking: WorkerSettings, pieces: Iterable[Piece], *, workers: int
) -> Generator[AnsweredShard, None, None]:
    """Yield the answers to each piece, in order; two pieces a worker are on their way, the others not yet looked at.

    Args:
        asking: the bundle and how to ask it.
        pieces: names and paths of some images each.
        workers: how many processes.

    Raises:
        LentigoError: the bundle cannot be used, an extra is missing, or no process comes up.
    """
    crew = [ScoringWorker(asking) for _ in range(workers)]
    idle: SimpleQueue[ScoringWorker] = SimpleQueue()
    for worker in crew:
        idle.put(worker)

    def work(piece: Piece) -> AnsweredShard:
        worker = idle.get()
        try:
            return worker.answered(piece)
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(workers)  # each waits for one process
    under_way: deque[Future[AnsweredShard]] = deque()
    try:
        for piece in pieces:
            under_way.append(threads.submit(work, piece))
            if len(under_way) == 2 * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for worker in crew:
            worker.close()
        threads.shutdown(cancel_futures=True)
