"""How the processes of one attempt find one another in torchrun's store, which still holds what earlier ones left.

torchrun counts restarts by machine: one that starts its processes again because another has come back does not count
it. So the number tells the attempts apart on one machine only. Here the first rank draws a name for each attempt, and
tells it to whoever asks.
"""

import datetime as dt
import json
import time
import uuid
from dataclasses import dataclass

from torch.distributed import DistStoreError
from torch.distributed.distributed_c10d import Store

from lentigo.errors import PeerError

PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """An attempt of processes to train together; of one that nothing is known about when left out.

    Args:
        room: a name that only the processes of this attempt know.
        job: a name that all attempts of one torchrun share.
        n_before: how many attempts there were before.
    """

    room: str = ""
    job: str = ""
    n_before: int = 0


def meet(store: Store, rank: int, size: int, *, patience: dt.timedelta) -> Rendezvous:
    """Return the attempt that this process belongs to, when all of its processes are there.

    Args:
        store: of torchrun; all attempts share it.
        rank: of this process.
        size: how many there are.
        patience: how long to wait for the others.

    Raises:
        PeerError: some of the others did not come.

    Example:
        >>> from torch.distributed import HashStore
        >>> store = HashStore()
        >>> first, again = (meet(store, 0, 1, patience=dt.timedelta(seconds=1)) for _ in range(2))
        >>> first.job == again.job, first.room == again.room, first.n_before, again.n_before
        (True, False, 0, 1)
    """
    name = uuid.uuid4().hex
    if rank == 0:
        job = store.compare_set("lentigo/job", "", name).decode()
        meeting = Rendezvous(f"lentigo/room/{name}", job, store.add("lentigo/attempts", 1) - 1)
        _answer(store, size, meeting, patience)
        return meeting
    store.set(f"lentigo/here/{rank}", name)
    try:
        store.wait([_reply(name)], patience)
    except DistStoreError as error:
        raise PeerError(_missing([0], patience)) from error
    store.set(f"lentigo/seen/{name}", "")
    return Rendezvous(*json.loads(store.get(_reply(name))))


def _answer(store: Store, size: int, meeting: Rendezvous, patience: dt.timedelta) -> None:
    """Tell every other process of the attempt.

    Raises:
        PeerError: some did not come.
    """
    said = json.dumps([meeting.room, meeting.job, meeting.n_before])
    missing, until = list(range(1, size)), time.monotonic() + patience.total_seconds()
    while missing := [rank for rank in missing if not _has_seen(store, rank, said)]:
        if time.monotonic() > until:
            raise PeerError(_missing(missing, patience))
        time.sleep(PAUSE_S)


def _has_seen(store: Store, rank: int, said: str) -> bool:
    # What a rank of an earlier attempt has left is answered, too, and never taken for this one's.
    if not store.check([f"lentigo/here/{rank}"]):
        return False
    name = store.get(f"lentigo/here/{rank}").decode()
    if not store.check([_reply(name)]):
        store.set(_reply(name), said)
    return store.check([f"lentigo/seen/{name}"]) and store.get(_reply(name)).decode() == said


def _reply(name: str) -> str:
    return f"lentigo/reply/{name}"


def _missing(ranks: list[int], patience: dt.timedelta) -> str:
    names = ", ".join(map(str, ranks[:5])) + (" and others" if len(ranks) > 5 else "")
    minutes = patience.total_seconds() / 60
    return f"rank {names} did not connect within {minutes:.0f} minutes. See the messages on its machine."
