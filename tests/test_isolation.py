"""Processes that are spoken to in frames and never believed."""

import contextlib
import os
import threading
import time

import pytest

from lentigo.isolation import LENGTH, Child, ChildLostError

ECHO = """
import json, os, sys
from lentigo.isolation import Parent
parent = Parent(has_socket=False)
print("a library that prints")
parent.answer(json.loads(sys.argv[1]) | {"environment": sorted(os.environ)})
while (content := parent.receive()) is not None:
    parent.send(ANSWER)
"""


@pytest.fixture
def child_that(tmp_path, monkeypatch):
    """A maker of processes that send this answer, whatever they are asked."""
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("LENTIGO_TOKEN", "secret")
    with contextlib.ExitStack() as ends:

        def make(answer):
            (tmp_path / "echoing.py").write_text(ECHO.replace("ANSWER", answer))
            child = Child("echoing", {"size": 3})
            ends.callback(child.end)
            return child

        yield make


def framed(content):
    return repr(LENGTH.pack(len(content)) + content)


def test_a_process_gets_its_settings_and_no_secret_and_answers_in_json(child_that):
    child = child_that(framed(b'{"rows": [["a"]]}'))
    assert child.greeting["size"] == 3
    assert "LENTIGO_TOKEN" not in child.greeting["environment"]
    assert child.ask([1]) == {"rows": [["a"]]}
    assert child.ask([2]) == {"rows": [["a"]]}


@pytest.mark.parametrize(
    "answer",
    [
        framed(b"\x80\x04K\x01."),
        framed(b"[" * 100_000),
        repr(LENGTH.pack(2**60)),
        repr(LENGTH.pack(0)),
        "b''; os._exit(3)",
    ],
    ids=["a pickle", "deep", "too long", "empty", "death"],
)
def test_what_is_no_answer_is_a_lost_process(child_that, answer):
    with pytest.raises(ChildLostError):
        child_that(answer.replace("b''; os._exit(3)", "os._exit(3)")).ask([])


def test_whoever_waits_is_told_when_the_process_is_ended(child_that):
    child = child_that("__import__('time').sleep(60)")
    ending = threading.Timer(0.3, child.end)
    ending.start()
    started = time.monotonic()
    with pytest.raises(ChildLostError):
        child.ask([])
    assert time.monotonic() - started < 30
    ending.join()
