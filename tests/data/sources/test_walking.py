import os
import re
from pathlib import Path
from typing import Any

import pytest
from tests.mixed_files import N_PICTURES, encoded, make_mixed
from tests.service.scoring.tables import rows_of

from lentigo.data.sources import read_data
from lentigo.images import find_images
from lentigo.images._walking import walk_images
from lentigo.model import open_model
from lentigo.model._answer_table import row_of
from lentigo.service.scoring import score
from lentigo.service.scoring._shards import AnsweredShard
from lentigo.stages import predict, split


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 90 files in two class folders: thirty kinds, three of each, up to three folders deep."""
    folder = tmp_path_factory.mktemp("walking") / "mixed"
    make_mixed(folder, 90)
    return folder


def test_every_file_is_an_image_or_has_one_reason(mixed: Path) -> None:
    found = walk_images(mixed)
    everything = {path for path in mixed.rglob("*") if path.is_file()}
    others = {path for path, _ in found.others}
    assert set(found.images) | others == everything
    assert len(found.images) + len(found.others) == len(everything) == 90
    assert all(reason for _, reason in found.others)
    assert len(found.images) == 3 * N_PICTURES


def _not_used(text: str) -> int:
    """Return how many files a command named as not used: their number, which the numbers of its reasons add up to."""
    by_origin = re.findall(r"(\d+) files? not used: (.*)", text)
    for number, listed in by_origin:
        assert sum(int(one.split()[0]) for one in re.split(r"; (?=\d)", listed)) == int(number)
    return sum(int(number) for number, _ in by_origin)


def test_predict_score_and_split_account_for_each_file_alike(mixed, bundle_folder, tmp_path, caplog, monkeypatch):
    """Score's other processes are left out; `benchmarks/mixed_folder.py` does the same by the commands."""
    everything = {str(path) for path in mixed.rglob("*") if path.is_file()}
    bundle = open_model(bundle_folder, threads=1)

    def here(asking: Any, pieces: Any, *, workers: int) -> Any:
        for piece in pieces:  # as the workers do
            found = bundle.answers([Path(path) for _, path in piece], names=[name for name, _ in piece])
            yield AnsweredShard([row_of(one, asking.classes, asking.threshold) for one in found])

    monkeypatch.setattr("lentigo.service.scoring._local.score_locally", here)
    named = {}
    for command, run in {
        "predict": lambda: predict(bundle_folder, [mixed], out=tmp_path / "p.csv"),
        "score": lambda: score(bundle_folder, mixed, tmp_path / "s", shard_size=25),
        "split": lambda: split(mixed, tmp_path / "m.csv"),
    }.items():
        caplog.clear()
        run()
        named[command] = _not_used(caplog.text)
    n_others = len(everything) - 3 * N_PICTURES
    assert named == {"predict": n_others, "score": n_others, "split": n_others}
    asked, scored = rows_of(tmp_path / "p.csv"), rows_of(tmp_path / "s")
    assert [row["image"] for row in asked] == [row["image"] for row in scored]
    assert [row["error"] for row in asked] == [row["error"] for row in scored]
    assert len({row["image"] for row in asked}) == len(asked) == 3 * N_PICTURES
    assert sum(bool(row["error"]) for row in asked) == 18  # six damaged kinds, each row with one reason
    listed = [str((tmp_path / row["path"]).resolve()) for row in rows_of(tmp_path / "m.csv")]
    assert sorted(listed) == sorted(str(Path(path).resolve()) for path in find_images([mixed])[1])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_what_is_no_regular_file_is_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    (tmp_path / ".hidden").touch()
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    reasons = {path.name: reason for path, reason in walk_images(tmp_path).others}
    assert reasons == {"pipe": "not a regular file", ".hidden": "hidden", "gone": "link that leads nowhere"}


def test_a_photograph_without_a_suffix_is_found_by_its_id(tmp_path: Path) -> None:
    for name in ("a", "b.jfif"):
        (tmp_path / name).write_bytes(encoded("JPEG"))
    (tmp_path / "metadata.csv").write_text("image_id,dx\na,nv\nb,mel\n")
    assert [path.name for path in read_data(tmp_path).paths] == ["a", "b.jfif"]


def test_images_that_no_row_names_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "metadata.csv").write_text("image_id,dx\na,nv\nb,mel\n")
    read_data(tmp_path)
    assert "1 image has no row that is used: c.jpg" in caplog.text
