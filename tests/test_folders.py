import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.killing import content, kills

from lentigo import folders
from lentigo.errors import BusyError, LentigoError, StorageError
from lentigo.storage import new_folder, recover_folder, write_bytes, write_text

OLD = {"a.txt": b"old", "sub/b.txt": b"old"}
NEW = {"a.txt": b"new", "c.txt": b"new"}
# Of the user, and named as the temporary files of lentigo were, or nearly are.
MINE = {
    ".run.old/thesis.tex": b"mine",
    ".run.1234.partial/x": b"mine",
    "run.txt": b"mine",
    ".run.1234abcd.old": b"mine",
}


def put(root: Path, files: dict[str, bytes]) -> None:
    for name, inside in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(inside)


def write_new(root: Path) -> None:
    with new_folder(root / "run", force=True) as partial:
        for name, inside in NEW.items():
            write_bytes(partial / name, inside)


def test_a_kill_at_any_step_leaves_the_old_folder_or_the_new_one_and_all_that_is_the_user_s(tmp_path):
    root = tmp_path / "place"

    def begin():
        put(root, MINE)
        put(root / "run", OLD)

    seen = set()
    for step in kills(root, lambda: write_new(root), begin=begin):
        n_before = len(list(root.iterdir()))
        recover_folder(root / "run")
        found = content(root / "run")
        assert found in (OLD, NEW), step
        assert {name: (root / name).read_bytes() for name in MINE} == MINE
        seen.add((found == NEW, n_before))
        write_new(root)
        assert content(root) == {**MINE, **{f"run/{name}": inside for name, inside in NEW.items()}}, step
    assert step > 15
    assert {is_new for is_new, _ in seen} == {False, True}


def test_the_next_writer_puts_the_old_folder_back_before_it_says_that_the_place_is_taken(tmp_path):
    root = tmp_path / "place"
    n_refused = 0
    for _ in kills(root, lambda: write_new(root), begin=lambda: put(root / "run", OLD)):
        with pytest.raises(LentigoError, match="exists already"), new_folder(root / "run"):
            pass
        n_refused += 1
        assert content(root / "run") in (OLD, NEW)
    assert n_refused > 15


def test_what_the_user_made_where_a_kill_left_a_gap_is_not_deleted_and_neither_is_the_old_folder(tmp_path, caplog):
    root = tmp_path / "place"
    n_gaps = 0
    for _ in kills(root, lambda: write_new(root), begin=lambda: put(root / "run", OLD)):
        if not (root / "run").exists():
            n_gaps += 1
            put(root / "run", {"mine.txt": b"mine"})
            recover_folder(root / "run")
            assert content(root / "run") == {"mine.txt": b"mine"}
            (aside,) = root.glob(".run.*.old")
            assert content(aside) == OLD
            assert f"is now at {aside}" in caplog.text
    assert n_gaps == 1


@pytest.mark.parametrize("n", range(1, 18, 4))
def test_a_true_kill_9_is_undone_by_the_next_process(tmp_path, n):
    put(tmp_path / "run", OLD)
    program = f"""
import os, signal, sys
from pathlib import Path
from lentigo.storage import new_folder
steps = []
def hook(event, given):
    if event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir") or (event == "open" and given[2] & os.O_CREAT):
        if steps and len(steps) == {n}:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.append(event)
sys.addaudithook(hook)
with new_folder(Path("run"), force=True) as partial:
    (partial / "a.txt").write_text("new")
    (partial / "c.txt").write_text("new")
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True)
    assert ended.returncode == -signal.SIGKILL or not ended.stderr
    recover_folder(tmp_path / "run")
    assert content(tmp_path) in ({f"run/{k}": v for k, v in files.items()} for files in (OLD, NEW))


def test_a_second_writer_is_refused_while_the_first_is_at_work(tmp_path):
    with new_folder(tmp_path / "run") as partial:
        (partial / "a").touch()
        with pytest.raises(BusyError, match=rf"another process \(process {os.getpid()} on .*\) is writing"):
            with new_folder(tmp_path / "run"):
                pass
        assert partial.is_dir()
    assert content(tmp_path) == {"run/a": b""}


def test_a_reader_does_not_disturb_a_writer(tmp_path):
    put(tmp_path / "run", OLD)
    with new_folder(tmp_path / "run", force=True) as partial:
        (partial / "a").touch()
        recover_folder(tmp_path / "run")
        assert partial.is_dir()
        assert content(tmp_path / "run") == OLD


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_came_to_the_place_in_the_meantime_stays(tmp_path, force):
    with pytest.raises(LentigoError, match="in the meantime"), new_folder(tmp_path / "run", force=force) as partial:
        (partial / "a").touch()
        put(tmp_path / "run", {"other.txt": b"another's"})
    assert content(tmp_path) == {"run/other.txt": b"another's"}


def test_a_folder_that_cannot_get_its_name_leaves_the_old_one_in_place(tmp_path, monkeypatch):
    put(tmp_path / "run", OLD)
    rename = Path.rename

    def fail(path, target):
        if path.name.endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StorageError, match="Input/output error"), new_folder(tmp_path / "run", force=True) as partial:
        (partial / "a").touch()
    assert content(tmp_path) == {f"run/{name}": inside for name, inside in OLD.items()}


def test_an_old_folder_that_cannot_be_deleted_is_told_and_the_new_one_stands(tmp_path, monkeypatch, caplog):
    put(tmp_path / "run", OLD)

    def fail(path, **_):
        raise OSError(errno.EACCES, "Permission denied")

    with new_folder(tmp_path / "run", force=True) as partial:
        (partial / "a").touch()
        monkeypatch.setattr(folders.shutil, "rmtree", lambda path, ignore_errors=False: ignore_errors or fail(path))
    assert content(tmp_path / "run") == {"a": b""}
    assert "could not be deleted: Permission denied" in caplog.text


def test_the_message_of_a_removed_folder_speaks_of_no_space(tmp_path):
    with pytest.raises(StorageError, match="was removed while lentigo wrote there") as told:
        with new_folder(tmp_path / "runs" / "run"):
            for path in sorted((tmp_path / "runs").rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            (tmp_path / "runs").rmdir()
    assert "space" not in str(told.value)


def test_a_single_file_is_old_or_new_at_every_kill(tmp_path):
    root = tmp_path / "place"
    for step in kills(
        root, lambda: write_text(root / "a.txt", "new"), begin=lambda: (root / "a.txt").write_text("old")
    ):
        assert (root / "a.txt").read_text() in ("old", "new"), step
    assert step > 3
