"""A process joins those that torchrun started with it, and says whose fault it was when the link breaks."""

import atexit
import contextlib
import functools
from collections.abc import Iterator

import torch.distributed as dist
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.elastic.multiprocessing.errors import get_error_handler
from torch.distributed.rendezvous import rendezvous

from lentigo.errors import PeerError
from lentigo.launch import launch
from lentigo.training._ranks import MEET_WAIT, WAIT, Ranks, new_group
from lentigo.training._rendezvous import Rendezvous, meet


@contextlib.contextmanager
def joined() -> Iterator[Ranks]:
    """Yield the processes that torchrun started, joined; a process alone where there is only one.

    What fails is left to torchrun's summary as well, which names the rank that failed first and ends the others.

    Raises:
        PeerError: another process was lost.

    Example:
        >>> with joined() as ranks:
        ...     ranks.size
        1
    """
    told = launch()
    if not told.is_by_torchrun:
        yield Ranks(told)
        return
    try:
        meeting = _met()
        yield Ranks(told, meeting=meeting, words=new_group("gloo", WAIT) if told.size > 1 else None)
    except BaseException as error:
        atexit.unregister(dist.destroy_process_group)  # it could wait for ranks that still wait for this one
        if isinstance(error, PeerError) or not isinstance(error, Exception):
            raise
        if _is_broken_link(error):
            raise PeerError(
                f"lost another process ({_first_line(error)}). See its own message for the reason."
            ) from error
        get_error_handler().record_exception(error)
        raise


@functools.cache
def _met() -> Rendezvous:
    """Return this attempt after joining it, once a process; nothing is known of one that the user's script joined."""
    if dist.is_initialized():
        return Rendezvous()
    store, rank, size = next(rendezvous("env://", timeout=MEET_WAIT))
    meeting = meet(store, rank, size, patience=MEET_WAIT)
    if size > 1:
        store = PrefixStore(meeting.room, store)
        dist.init_process_group("gloo", store=store, rank=rank, world_size=size, timeout=MEET_WAIT)
        atexit.register(dist.destroy_process_group)
    return meeting


def _is_broken_link(error: Exception) -> bool:
    # gloo has no error class of its own; NCCL's and the store's derive from DistError.
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error).lower())


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
