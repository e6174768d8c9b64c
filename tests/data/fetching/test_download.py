import hashlib
import socket
from pathlib import Path

import pytest

from lentigo.data.fetching._download import download, open_session
from lentigo.data.fetching._transfer import LostError, UnavailableError, receive
from lentigo.errors import DataError, LentigoError

BODY = bytes(range(256)) * 1024  # 256 KiB, four pieces


def get(server, target: Path, name: str = "x.zip", **options) -> str:
    server.files.setdefault(name, BODY)
    return download([f"{server.address}/{name}"], target, pause_s=0.001, **options)


def test_a_file_comes_whole_and_its_sha256_is_told(server, tmp_path: Path) -> None:
    heard = []
    found = get(server, tmp_path / "x.zip", meter=lambda *news: heard.append(news))
    assert found == hashlib.sha256(BODY).hexdigest()
    assert (tmp_path / "x.zip").read_bytes() == BODY
    assert heard[-1] == ("x.zip", len(BODY), len(BODY))
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_a_connection_that_is_cut_goes_on_by_range(server, tmp_path: Path) -> None:
    server.cuts = [150_000, 60_000]
    get(server, tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == BODY
    (_, first), (_, second), (_, third) = server.asked
    assert first == ""
    assert 0 < int(second[6:-1]) <= 150_000
    assert int(second[6:-1]) < int(third[6:-1]) <= 210_000


def test_a_server_without_ranges_is_asked_for_the_whole_file_again(server, tmp_path: Path) -> None:
    server.has_ranges = False
    server.cuts = [150_000]
    get(server, tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == BODY
    assert server.asked[1][1].startswith("bytes=")


def test_halves_of_two_versions_are_never_joined(server, tmp_path: Path) -> None:
    session = open_session()
    server.files["x.zip"] = BODY
    server.cuts = [150_000]
    with pytest.raises(LostError, match="127.0.0.1"):
        receive(session, f"{server.address}/x.zip", tmp_path / "x.zip", lambda *_: None)
    server.files["x.zip"] = BODY[::-1]  # the same length, another ETag
    get(server, tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == BODY[::-1]


def test_a_part_that_is_longer_than_the_file_is_given_up(server, tmp_path: Path) -> None:
    (tmp_path / "x.zip.00000000.part").write_bytes(BODY * 2)
    get(server, tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_a_wrong_checksum_names_file_expected_found_and_remedy_and_keeps_other_files(server, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("good")
    with pytest.raises(DataError) as raised:
        get(server, tmp_path / "x.zip", checksum=f"md5:{'0' * 32}")
    text = str(raised.value)
    assert text.startswith(f"x.zip is not the file that was published: its MD5 should be {'0' * 32} and is ")
    assert hashlib.md5(BODY).hexdigest() in text
    assert "Run the command again" in text
    assert [path.name for path in tmp_path.iterdir()] == ["good.csv"]


@pytest.mark.parametrize("name", ["md5", "sha256"])
def test_the_right_checksum_is_accepted(server, tmp_path: Path, name: str) -> None:
    get(server, tmp_path / "x.zip", checksum=f"{name}:{hashlib.new(name, BODY).hexdigest()}")


def test_404_is_told_with_the_address_and_without_trying_again(server, tmp_path: Path) -> None:
    with pytest.raises(LentigoError, match=r"x\.zip cannot be downloaded: http.*/gone returned 404"):
        download([f"{server.address}/gone"], tmp_path / "x.zip", pause_s=0.001)
    assert len(server.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_second_address_is_asked_when_the_first_has_nothing(server, tmp_path: Path) -> None:
    server.files["new/x.zip"] = BODY
    download([f"{server.address}/old/x.zip", f"{server.address}/new/x.zip"], tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == BODY


def test_a_busy_server_is_asked_again_after_the_time_it_wants(server, tmp_path: Path, monkeypatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("lentigo.data.fetching._download.time.sleep", pauses.append)
    server.statuses = [(503, "7"), (429, "")]
    get(server, tmp_path / "x.zip")
    assert pauses == [7.0, 0.002]
    assert (tmp_path / "x.zip").read_bytes() == BODY


def test_a_server_that_stays_busy_is_given_up(server, tmp_path: Path) -> None:
    server.statuses = [(503, "")] * 5
    with pytest.raises(LentigoError, match=r"returned 503 Service Unavailable.*Check the network"):
        get(server, tmp_path / "x.zip")
    assert len(server.asked) == 3


def test_offline_is_one_sentence_with_a_remedy(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(LentigoError) as raised:
        download([f"http://127.0.0.1:{port}/x.zip"], tmp_path / "x.zip", pause_s=0.001)
    assert str(raised.value) == (
        "x.zip cannot be downloaded: 127.0.0.1 cannot be reached (connection refused). Check the network (HTTPS_PROXY "
        "if a proxy is needed) and run the command again; what was downloaded is kept. To use another server, "
        "give --mirror."
        ""
    )


def test_a_body_shorter_than_announced_is_not_taken_for_whole(server, tmp_path: Path) -> None:
    server.cuts = [100_000] + [0] * 20
    with pytest.raises(LentigoError, match="what was downloaded is kept"):
        get(server, tmp_path / "x.zip")
    (part,) = tmp_path.iterdir()
    assert part.name.endswith(".part")
    assert BODY.startswith(part.read_bytes())
    assert part.stat().st_size > 0
    server.cuts = []
    get(server, tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == BODY


def test_a_full_disk_is_told_and_what_came_is_kept(server, tmp_path: Path) -> None:
    server.files["x.zip"] = BODY

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(LentigoError, match=r"cannot be written: No space left on device\. Free some space"):
        download([f"{server.address}/x.zip"], tmp_path / "x.zip", meter=full)
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="nowhere"):
        receive(open_session(), "nowhere", tmp_path / "x", lambda *_: None)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Content-Type": "text/html; charset=utf-8"}, "returned a web page instead of the file"),
        ({"Content-Encoding": "gzip"}, "has the content encoding gzip"),
    ],
)
def test_a_login_page_or_an_encoded_answer_is_not_taken_for_the_file(
    server, tmp_path: Path, headers: dict, message: str
) -> None:
    server.headers = headers
    with pytest.raises(LentigoError, match=message):
        get(server, tmp_path / "x.csv", "x.csv")
    assert list(tmp_path.iterdir()) == []
