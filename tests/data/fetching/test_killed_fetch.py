import shutil
from pathlib import Path

import pytest
from tests.data.fetching.test_archive import archive as archive  # noqa: PLC0414 - a fixture
from tests.data.fetching.test_archive import ask
from tests.killing import content, kills

from lentigo.data.fetching import fetch
from lentigo.data.fetching._fetched import LOCK
from lentigo.errors import BusyError, DataError, LentigoError, StorageError
from lentigo.locks import locked

pytestmark = pytest.mark.usefixtures("small_set")
MINE = {"notes.txt": b"mine", "images.old/a.jpg": b"mine"}


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, inside in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(inside)


def test_a_fetch_killed_at_any_step_goes_on_and_nothing_of_the_user_s_is_lost(tmp_path):
    folder = tmp_path / "set"
    fetch("small", folder)
    whole = content(folder)
    for step in kills(folder, lambda: fetch("small", folder), begin=lambda: put(folder, MINE)):
        for name, inside in whole.items():
            assert name.endswith((".json", ".md")) or not (folder / name).exists() or content(folder)[name] == inside
        assert not (folder / "source.json").exists() or (folder / "images").is_dir(), step
        fetch("small", folder)
        (folder / LOCK).unlink(missing_ok=True)  # of a kill when all was done
        assert content(folder) == {**whole, **MINE}, step
    assert step > 20


def test_what_a_forced_fetch_replaces_is_there_until_the_new_one_is(tmp_path, server):
    folder, old = tmp_path / "set", {"metadata.csv": b"mine", "images/mine.jpg": b"mine"}
    for step in kills(folder, lambda: fetch("small", folder, force=True), begin=lambda: put(folder, old)):
        files = dict(server.files)
        server.files.clear()  # the network has gone: nothing can be fetched again
        try:
            fetch("small", folder, force=True, pause_s=0.001)
        except LentigoError as error:
            assert "cannot be downloaded" in str(error), step
        server.files.update(files)
        found = content(folder)
        assert found["metadata.csv"] in (b"mine", files["v1/12?format=original"]), step
        assert ("images/mine.jpg" in found) != ("images/a.jpg" in found), step


def test_two_fetches_into_one_folder_do_not_meet(tmp_path):
    with locked(tmp_path / "set" / LOCK, doing="fetching into set"), pytest.raises(BusyError, match="is fetching"):
        fetch("small", tmp_path / "set")


def test_the_archive_never_removes_images_that_it_did_not_bring(archive, tmp_path):
    put(tmp_path, {"images/holiday.jpg": b"mine"})
    with pytest.raises(DataError, match=r"has images already, which lentigo did not write.*--force"):
        ask(archive, tmp_path)
    ask(archive, tmp_path, force=True)
    ask(archive, tmp_path, limit=1, force=True)
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == ["ISIC_1.jpg", "holiday.jpg"]


def test_an_answer_of_the_archive_killed_at_any_step_goes_on(archive, tmp_path):
    folder = tmp_path / "set"
    ask(archive, folder, limit=1)
    whole, kept = content(folder), tmp_path / "kept"
    shutil.rmtree(folder)
    ask(archive, folder)
    shutil.copytree(folder, kept)
    for step in kills(
        folder,
        lambda: ask(archive, folder, limit=1, force=True),
        begin=lambda: (shutil.copytree(kept, folder, dirs_exist_ok=True), put(folder / "images", {"my.jpg": b"mine"})),
    ):
        assert content(folder)["images/my.jpg"] == b"mine", step
        ask(archive, folder, limit=1, force=True)
        assert set(content(folder)) == {*whole, "images/my.jpg"} | (set(content(folder)) & {"licenses/CC-0.txt"}), step
    assert step > 10


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        fetch("small", tmp_path / "file" / "set")
