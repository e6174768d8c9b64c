"""Thumbnails carry nothing but pixels; what cannot be shown says why, and names no folder."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from lentigo.errors import ImageError
from lentigo.study.reporting import _pictures as pictures
from lentigo.study.reporting._pictures import Thumbnails, thumbnail


def decode(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/jpeg;base64,"))))


def test_thumbnail_is_small_and_keeps_the_whole_field(tmp_path: Path) -> None:
    Image.new("RGB", (800, 400), (180, 120, 100)).save(tmp_path / "wide.jpg")
    assert decode(thumbnail(tmp_path / "wide.jpg", side=200)).size == (200, 100)


def test_thumbnail_carries_no_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Jane Doe, left shoulder"
    image = Image.new("RGB", (300, 300), (180, 120, 100))
    image.save(tmp_path / "photo.jpg", exif=exif, comment=b"Jane Doe", icc_profile=b"profile of Jane Doe's camera")
    assert b"Jane Doe" in (tmp_path / "photo.jpg").read_bytes()
    made = thumbnail(tmp_path / "photo.jpg", side=200)
    assert b"Jane" not in base64.b64decode(made.partition(",")[2])
    assert "exif" not in decode(made).info


def test_thumbnail_of_a_damaged_file_is_an_image_error(tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    with pytest.raises(ImageError):
        thumbnail(tmp_path / "cut.jpg", side=200)


def test_thumbnail_is_not_larger_than_the_image(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), (180, 120, 100)).save(tmp_path / "small.jpg")
    assert decode(thumbnail(tmp_path / "small.jpg", side=200)).size == (60, 40)


def test_album_decodes_a_file_once(binary, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    monkeypatch.setattr(pictures, "thumbnail", lambda path, **_: made.append(path) or "data:,")
    album = Thumbnails.of(binary.manifest)
    assert album.picture("IMG_0000") == album.picture("IMG_0000")
    assert len(made) == 1


def test_album_says_why_there_is_no_picture_without_naming_a_folder(tmp_path: Path) -> None:
    album = Thumbnails({"lost": tmp_path / "lost.jpg"})
    assert album.picture("lost").problem == "the file cannot be read"
    assert album.picture("other").problem == "no file in the manifest"


def test_album_without_pictures_opens_no_file(tmp_path: Path) -> None:
    album = Thumbnails({"lost": tmp_path / "lost.jpg"}, with_pictures=False)
    assert (album.picture("lost").jpeg, album.picture("lost").problem) == (None, "")
