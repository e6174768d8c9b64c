import json
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from lentigo.data.fetching import fetch, fetch_archive
from lentigo.data.sources import read_data
from lentigo.errors import DataError, LentigoError, MissingExtraError
from lentigo.storage import read_json

pytest.importorskip("isic_cli")

DIAGNOSES = {"ISIC_1": ("Benign", "Nevus"), "ISIC_2": ("Malignant", "Melanoma Invasive"), "ISIC_3": ("Benign", "Nevus")}


@pytest.fixture
def archive(server):
    """The server as the archive's interface: three images, two a page; `query` is only looked at for "bad"."""
    plain = server.answer

    def image(name: str) -> dict:
        first, third = DIAGNOSES[name]
        content = server.files[f"s3/{name}.jpg"]
        return {
            "isic_id": name,
            "attribution": "A clinic",
            "copyright_license": "CC-0",
            "files": {"full": {"url": f"{server.address}/s3/{name}.jpg", "size": len(content)}},
            "metadata": {
                "acquisition": {"image_type": "dermoscopic"},
                "clinical": {"diagnosis_1": first, "diagnosis_3": third, "sex": "male"},
            },
        }

    def answer(handler) -> None:
        parts = urlsplit(handler.path)
        asked = parse_qs(parts.query)
        if parts.path == "/images/search/":
            server.asked.append((unquote(handler.path), ""))
            if "bad" in asked.get("query", [""])[0]:
                body, status = json.dumps({"message": "Could not parse query."}).encode(), 400
            else:
                names = [] if "none" in asked.get("query", [""])[0] else list(DIAGNOSES)
                page = int(asked.get("page", ["0"])[0])
                rest = f"{server.address}/images/search/?page={page + 1}" if names[2 * page + 2 :] else None
                body = json.dumps(
                    {"results": [image(name) for name in names[2 * page : 2 * page + 2]], "next": rest}
                ).encode()
                status = 200
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
            return
        plain(handler)

    server.answer = answer
    server.files = {f"s3/{name}.jpg": name.encode() for name in DIAGNOSES}
    server.files["zip-download/license-file/CC-0/"] = b"the licence"
    return server


def ask(archive, folder: Path, query: str = 'diagnosis_3:"Nevus"', **options):
    return fetch_archive(query, folder, mirror=f"{archive.address}/", patience=0, **options)


def test_images_metadata_attribution_and_licences_come_and_are_readable(archive, tmp_path: Path) -> None:
    done = ask(archive, tmp_path)
    assert archive.asked[0][0] == '/images/search/?query=diagnosis_3:"Nevus"&collections='
    assert read_json(tmp_path / "source.json")["collection"] == ""
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == [f"ISIC_{i}.jpg" for i in (1, 2, 3)]
    assert (tmp_path / "attribution.txt").read_text() == "A clinic\n"
    assert (tmp_path / "licenses" / "CC-0.txt").read_text() == "the licence"
    assert read_json(tmp_path / "source.json")["query"] == 'diagnosis_3:"Nevus"'
    manifest = read_data(done.folder)
    assert manifest.table["diagnosis"].tolist() == ["NV", "MEL", "NV"]
    assert manifest.table["source"].tolist() == ["A clinic"] * 3


def test_a_limit_is_kept(archive, tmp_path: Path) -> None:
    ask(archive, tmp_path, limit=2)
    assert len(list((tmp_path / "images").iterdir())) == 2


def test_the_same_question_again_asks_nobody_and_another_one_needs_force(archive, tmp_path: Path) -> None:
    ask(archive, tmp_path)
    n_asked = len(archive.asked)
    assert not ask(archive, tmp_path).is_new
    assert len(archive.asked) == n_asked
    with pytest.raises(DataError, match="holds the result of another query"):
        ask(archive, tmp_path, limit=1)
    ask(archive, tmp_path, limit=1, force=True)
    assert [path.name for path in (tmp_path / "images").iterdir()] == ["ISIC_1.jpg"]


def test_images_that_fail_are_named_and_the_others_kept(archive, tmp_path: Path) -> None:
    lost = archive.files.pop("s3/ISIC_2.jpg")
    archive.files["s3/ISIC_2.jpg"] = lost
    missing = dict(archive.files)
    ask_again = archive.answer

    def without_the_second(handler) -> None:
        if handler.path == "/s3/ISIC_2.jpg":
            handler.send_error(404)
        else:
            ask_again(handler)

    archive.answer = without_the_second
    with pytest.raises(LentigoError, match=r"1 of 3 images could not be downloaded \(404.*\): ISIC_2\. Run"):
        ask(archive, tmp_path)
    assert not (tmp_path / "source.json").exists()
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == ["ISIC_1.jpg", "ISIC_3.jpg"]
    archive.answer, archive.files = ask_again, missing
    archive.asked.clear()
    ask(archive, tmp_path)
    assert [path for path, _ in archive.asked if path.startswith("/s3/")] == ["/s3/ISIC_2.jpg"]


def test_a_query_that_is_not_understood_or_finds_nothing_is_told(archive, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"does not understand the query 'bad:'"):
        ask(archive, tmp_path / "a", "bad:")
    with pytest.raises(DataError, match=r"no ISIC Archive image matches the query 'none'"):
        ask(archive, tmp_path / "b", "none")
    assert list(tmp_path.iterdir()) == []


def test_bcn20000_is_a_collection_of_the_archive_and_comes_with_its_own_terms(archive, tmp_path: Path) -> None:
    done = fetch("bcn20000", tmp_path, mirror=f"{archive.address}/")
    assert archive.asked[0][0] == "/images/search/?query=&collections=249"
    assert done.name == "bcn20000"
    about = read_json(tmp_path / "source.json")
    assert (about["name"], about["licence"], about["doi"]) == (
        "bcn20000",
        "CC BY-NC 4.0",
        "10.6084/m9.figshare.24140028",
    )
    assert "lentigo fetch bcn20000" in (tmp_path / "SOURCE.md").read_text()
    assert read_data(done.folder).table["diagnosis"].tolist() == ["NV", "MEL", "NV"]
    n_asked = len(archive.asked)
    assert not fetch("bcn20000", tmp_path, mirror=f"{archive.address}/").is_new
    assert len(archive.asked) == n_asked


def test_a_collection_is_part_of_the_question(archive, tmp_path: Path) -> None:
    ask(archive, tmp_path, "", collection="212")
    assert archive.asked[0][0] == "/images/search/?query=&collections=212"
    with pytest.raises(
        DataError, match=r"holds the result of another query \(isic-archive: '', limit 0, collection 212"
    ):
        ask(archive, tmp_path, "")
    with pytest.raises(DataError, match="holds the result of another query"):
        fetch("bcn20000", tmp_path, mirror=f"{archive.address}/")
    ask(archive, tmp_path, "", force=True)
    assert read_json(tmp_path / "source.json")["collection"] == ""


def test_without_isic_cli_the_extra_is_named(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "isic_cli.session", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[isic\]'"):
        fetch_archive("sex:male", tmp_path)
