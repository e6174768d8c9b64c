import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from torch.distributed import HashStore

from lentigo.errors import PeerError
from lentigo.training._rendezvous import Rendezvous, meet

SOON, LATE = dt.timedelta(seconds=0.3), dt.timedelta(seconds=30)


def attempt(store, size=3):
    with ThreadPoolExecutor(size) as pool:
        return set(pool.map(lambda rank: meet(store, rank, size, patience=LATE), range(size)))


def test_all_of_an_attempt_are_told_the_same_and_the_next_attempt_something_else():
    store = HashStore()
    (first,), (second,), (third,) = (attempt(store) for _ in range(3))
    assert len({first.room, second.room, third.room}) == 3
    assert first.job == second.job == third.job
    assert [met.n_before for met in (first, second, third)] == [0, 1, 2]


def test_what_an_earlier_attempt_left_is_not_taken_for_somebody():
    store = HashStore()
    store.set("lentigo/here/1", "never answered")
    with pytest.raises(PeerError, match="rank 1 did not connect"):
        meet(store, 0, 2, patience=SOON)
    attempt(store, size=2)  # rank 1 was told, and has seen it
    with pytest.raises(PeerError, match="rank 1 did not connect within 0 minutes. See"):
        meet(store, 0, 2, patience=SOON)
    assert len(attempt(store, size=2)) == 1


def test_those_who_do_not_come_are_named():
    with pytest.raises(PeerError, match="rank 0 did not connect"):
        meet(HashStore(), 3, 9, patience=SOON)
    with pytest.raises(PeerError, match="rank 1, 2, 3, 4, 5 and others did not connect"):
        meet(HashStore(), 0, 9, patience=SOON)


def test_a_process_alone_needs_nobody():
    assert meet(HashStore(), 0, 1, patience=SOON) != Rendezvous()
