import json
import os
import socket
import subprocess
import sys

import pytest

from lentigo import locks
from lentigo.errors import BusyError, StorageError
from lentigo.locks import locked


def without_kernel_locks(monkeypatch):
    import fcntl

    def fail(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", fail)


def test_one_process_at_a_time(tmp_path):
    lock = tmp_path / ".lock"
    with locked(lock, doing="training"):
        with pytest.raises(BusyError, match=rf"process {os.getpid()} on .*is training\. Wait for it"):
            with locked(lock, doing="training"):
                pass
    assert not lock.exists()
    with locked(lock, doing="training"):
        pass


def test_a_lock_that_its_owner_has_just_removed_is_not_taken_for_one(tmp_path, monkeypatch):
    opened, really = [], locks._open

    def slowly(place):
        stream = really(place)
        if not opened:  # between this and the lock, its owner ends
            place.unlink()
        opened.append(stream)
        return stream

    monkeypatch.setattr(locks, "_open", slowly)
    with locked(tmp_path / "l", doing="work"), pytest.raises(BusyError), locked(tmp_path / "l", doing="work"):
        pass
    assert len(opened) == 3


def test_what_a_killed_process_noted_is_found_by_the_next(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from lentigo.locks import locked\n"
        "with locked(Path('l'), doing='work') as held:\n"
        "    held.note(token='abc')\n"
        "    os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=tmp_path).returncode == -9
    with locked(tmp_path / "l", doing="work") as held:
        assert held.left == {"token": "abc"}
        held.note()
    with locked(tmp_path / "l", doing="work") as held:
        assert held.left == {}


@pytest.mark.parametrize("n", range(0, 56, 7))
def test_a_note_that_was_cut_is_no_note(tmp_path, n):
    whole = json.dumps({"pid": "1", "host": "h", "began": "1", "token": "abc"})
    (tmp_path / "l").write_text(whole[:n])
    with locked(tmp_path / "l", doing="work") as held:
        assert held.left == {}


def test_folders_made_for_a_lock_go_with_it_when_they_stay_empty(tmp_path):
    with pytest.raises(RuntimeError), locked(tmp_path / "a" / "b" / ".lock", doing="work"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path / "a" / "b" / ".lock", doing="work"):
        (tmp_path / "a" / "mine").touch()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["mine"]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"), locked(tmp_path / "file" / ".lock", doing="work"):
        pass


def test_without_kernel_locks_a_living_holder_keeps_others_out(tmp_path, monkeypatch):
    without_kernel_locks(monkeypatch)
    with locked(tmp_path / "l", doing="work"):
        with pytest.raises(BusyError, match="If it has ended, remove"), locked(tmp_path / "l", doing="work"):
            pass


@pytest.mark.parametrize(
    ("change", "is_free"),
    [
        ({}, False),
        ({"pid": "999999999"}, True),
        ({"began": "1"}, True),  # another process has got the number
        ({"pid": "nonsense"}, True),
        ({"host": "elsewhere", "pid": "999999999"}, False),  # nobody here can know
    ],
)
def test_without_kernel_locks_a_dead_holder_s_lock_is_taken_over(tmp_path, monkeypatch, change, is_free):
    without_kernel_locks(monkeypatch)
    holder = {**locks._who(os.getpid()), **change}
    assert holder["host"] == change.get("host", socket.gethostname())
    (tmp_path / "l").write_text(json.dumps(holder))
    if is_free:
        with locked(tmp_path / "l", doing="work"):
            pass
    else:
        with pytest.raises(BusyError), locked(tmp_path / "l", doing="work"):
            pass
