"""Compiled loops are used where they pay, and compiled once."""

import subprocess
from types import SimpleNamespace

import pytest

from lentigo.study.auditing.compiled import _readiness, are_loops_ready
from lentigo.study.auditing.compiled._readiness import FEWEST, FEWEST_AT_FIRST


@pytest.fixture
def compiled(tmp_path, monkeypatch) -> list[str]:
    """What was run to compile loops, on a machine that has none."""
    commands: list[str] = []
    monkeypatch.setenv("LENTIGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(_readiness.importlib.util, "find_spec", lambda name: SimpleNamespace(name=name))
    monkeypatch.setattr(_readiness.importlib.metadata, "version", lambda name: "0.62")

    def run(command, **how):
        commands.append(command[-1])
        return subprocess.CompletedProcess(command, int(len(commands) > 1))

    monkeypatch.setattr(_readiness.subprocess, "run", run)
    return commands


def test_few_photographs_are_measured_by_numpy(compiled) -> None:
    assert not are_loops_ready(FEWEST - 1)
    assert not are_loops_ready(FEWEST_AT_FIRST - 1)
    assert compiled == []


def test_loops_are_compiled_once_where_many_photographs_pay_for_it(compiled) -> None:
    assert are_loops_ready(FEWEST_AT_FIRST)
    assert are_loops_ready(FEWEST_AT_FIRST)
    assert compiled == ["import lentigo.study.auditing.compiled._measuring"]
    assert are_loops_ready(FEWEST)
    assert not are_loops_ready(FEWEST - 1)


def test_loops_of_another_numba_are_compiled_again(compiled, monkeypatch) -> None:
    assert are_loops_ready(FEWEST_AT_FIRST)
    monkeypatch.setattr(_readiness.importlib.metadata, "version", lambda name: "0.63")
    assert not are_loops_ready(FEWEST)


def test_where_they_cannot_be_compiled_numpy_measures(compiled) -> None:
    compiled.append("an earlier failure")
    assert not are_loops_ready(FEWEST_AT_FIRST)
    assert not are_loops_ready(FEWEST)


def test_without_numba_numpy_measures(compiled, monkeypatch) -> None:
    monkeypatch.setattr(_readiness.importlib.util, "find_spec", lambda name: None)
    assert not are_loops_ready(10 * FEWEST_AT_FIRST)
