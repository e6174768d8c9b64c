import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lentigo.data.fetching import _catalogue as catalogue
from lentigo.data.fetching import fetch
from lentigo.data.sources import read_data
from lentigo.errors import DataError, LentigoError
from lentigo.storage import read_json

pytestmark = pytest.mark.usefixtures("small_set")


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


COMPLETE = ["SOURCE.md", "images/a.jpg", "images/b.jpg", "images/c.jpg", "metadata.csv", "source.json"]


def test_a_set_is_fetched_unpacked_written_down_and_readable(server, tmp_path: Path, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        done = fetch("small", tmp_path / "set")
    assert files_of(tmp_path / "set") == COMPLETE
    assert read_data(done.folder).classes == ("MEL", "NV", "BKL")
    page = (tmp_path / "set" / "SOURCE.md").read_text()
    for text in ("CC0 1.0", "https://example.org/cc0", "Someone. A small set (2026).", "It is small."):
        assert text in page
    kept = read_json(tmp_path / "set" / "source.json")
    assert [file["checked"] for file in kept["files"]] == ["MD5 by us", ""]
    assert kept["files"][1]["sha256"] == hashlib.sha256(server.files["v1/images.zip"]).hexdigest()
    assert "no checksum is published for images.zip" in caplog.text


def test_a_complete_set_is_left_alone_and_the_network_with_it(server, tmp_path: Path) -> None:
    fetch("small", tmp_path / "set")
    n_asked = len(server.asked)
    again = fetch("small", tmp_path / "set")
    assert not again.is_new
    assert [file.name for file in again.files] == ["metadata.csv", "images.zip"]
    assert len(server.asked) == n_asked


def test_a_set_goes_into_a_folder_of_its_name(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert fetch("small").folder == Path("small")
    assert (tmp_path / "small" / "source.json").is_file()


def test_a_cut_fetch_leaves_nothing_half_under_a_final_name_and_goes_on(server, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    server.cuts = [10_000, 90, 0, 0, 0, 0, 0, 0, 0, 0]  # the table comes, 90 bytes of the archive
    with pytest.raises(LentigoError, match=r"images\.zip cannot be downloaded"):
        fetch("small", folder, pause_s=0.001)
    assert (folder / "metadata.csv").is_file()
    assert not (folder / "images").exists()
    assert not (folder / "source.json").exists()
    (part,) = folder.glob(".fetch/*.part")
    assert part.stat().st_size == 90
    server.asked.clear()
    server.cuts = []
    fetch("small", folder)
    assert server.asked == [("/v1/images.zip", "bytes=90-")]
    assert files_of(folder) == COMPLETE


def test_a_wrong_checksum_keeps_what_was_fetched_before(server, tmp_path: Path) -> None:
    server.files["v1/12?format=original"] += b"d,nv\n"
    with pytest.raises(DataError, match=r"metadata\.csv is not the file that was published"):
        fetch("small", tmp_path / "set")
    assert files_of(tmp_path / "set") == []


def test_files_of_somebody_else_are_not_replaced_without_force(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("mine")
    with pytest.raises(DataError, match=r"has metadata\.csv already, which lentigo did not write.*--force"):
        fetch("small", tmp_path)
    assert (tmp_path / "metadata.csv").read_text() == "mine"
    fetch("small", tmp_path, force=True)
    assert (tmp_path / "metadata.csv").read_text().startswith("image_id")


def test_another_set_in_the_folder_is_not_mixed_with_this_one(small_set, tmp_path: Path, monkeypatch) -> None:
    fetch("small", tmp_path)
    other = replace(small_set, name="other")
    monkeypatch.setattr(catalogue, "public_sets", lambda: {"other": other})
    with pytest.raises(DataError, match=r"holds small already\. Choose another place with --out"):
        fetch("other", tmp_path)


def test_force_replaces_and_a_changed_file_is_told(server, make_zip, tmp_path: Path, caplog) -> None:
    fetch("small", tmp_path / "set")
    server.files["v1/images.zip"] = make_zip({f"images/{name}.jpg": b"new" for name in "abc"})
    with caplog.at_level(logging.WARNING):
        assert fetch("small", tmp_path / "set", force=True).is_new
    assert (tmp_path / "set" / "images" / "a.jpg").read_bytes() == b"new"
    assert "images.zip has changed: SHA-256 was" in caplog.text
    assert files_of(tmp_path / "set") == COMPLETE


def test_force_keeps_the_old_files_when_the_network_fails(server, tmp_path: Path) -> None:
    fetch("small", tmp_path / "set")
    server.files.clear()
    with pytest.raises(LentigoError, match="404"):
        fetch("small", tmp_path / "set", force=True)
    assert set(COMPLETE) <= set(files_of(tmp_path / "set"))


def test_a_file_that_was_deleted_is_fetched_again_and_no_other(server, tmp_path: Path) -> None:
    fetch("small", tmp_path / "set")
    (tmp_path / "set" / "metadata.csv").unlink()
    server.asked.clear()
    fetch("small", tmp_path / "set")
    assert server.asked == [("/v1/12?format=original", "")]


def test_a_mirror_has_the_files_under_their_plain_names(server, tmp_path: Path) -> None:
    server.files["m/metadata.csv"] = server.files.pop("v1/12?format=original")
    server.files["m/images.zip"] = server.files.pop("v1/images.zip")
    fetch("small", tmp_path / "set", mirror=f"{server.address}/m")
    assert files_of(tmp_path / "set") == COMPLETE


def test_a_damaged_archive_is_downloaded_anew_by_the_next_call(server, tmp_path: Path) -> None:
    good = server.files["v1/images.zip"]
    server.files["v1/images.zip"] = good[:200] + b"\0" * (len(good) - 200)
    with pytest.raises(DataError, match=r"images\.zip is damaged"):
        fetch("small", tmp_path / "set")
    server.files["v1/images.zip"] = good
    fetch("small", tmp_path / "set")
    assert files_of(tmp_path / "set") == COMPLETE


def test_a_disk_that_is_too_small_is_told_before_the_download(server, tmp_path: Path, monkeypatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("lentigo.data.fetching._fetch.shutil.disk_usage", lambda _: usage._replace(free=3))
    with pytest.raises(LentigoError, match=r"has 0\.0 GB left .* choose another place with --out"):
        fetch("small", tmp_path / "set")
    assert server.asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_process_leaves_a_part_and_the_next_call_goes_on(server, tmp_path: Path) -> None:
    # A slow reader is killed in the middle of the archive; then the same command is run again in this process.
    server.files["m/metadata.csv"] = server.files["v1/12?format=original"]
    server.files["m/images.zip"] = bytes(3_000_000) + server.files["v1/images.zip"]  # leading bytes do a ZIP no harm
    program = (
        "import sys, time\n"
        "from lentigo.data.fetching import _catalogue, fetch\n"
        "from lentigo.data.fetching._catalogue import PublicSet, RemoteFile\n"
        "files = (RemoteFile('metadata.csv'), RemoteFile('images.zip'))\n"
        "about = PublicSet('small', '', 3, '', '', '', '', '', (), (), (), files)\n"
        "_catalogue.public_sets = lambda: {'small': about}\n"
        f"fetch('small', {str(tmp_path / 'set')!r}, mirror={server.address + '/m'!r},\n"
        "      meter=lambda what, done, total: time.sleep(0.05 if done > 500_000 else 0))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        parts = list((tmp_path / "set").glob(".fetch/images.zip.*.part"))
        if parts and parts[0].stat().st_size > 500_000:
            break
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert files_of(tmp_path / "set")[0].endswith(".part") or ".fetch/journal.json" in files_of(tmp_path / "set")
    assert not (tmp_path / "set" / "images").exists()
    server.asked.clear()
    fetch("small", tmp_path / "set", mirror=f"{server.address}/m")
    ((path, asked),) = server.asked
    assert path == "/m/images.zip"
    assert int(asked[6:-1]) > 400_000
    assert files_of(tmp_path / "set") == COMPLETE
