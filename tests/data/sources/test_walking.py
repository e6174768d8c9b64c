import io
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from lentigo.data.sources import read_data
from lentigo.images import find_images
from lentigo.images._walking import walk_images


def _encoded(form: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (24, 24), "white").save(stream, form)
    return stream.getvalue()


def _kinds() -> dict[str, Callable[[int], bytes]]:
    """Thirty kinds of files of a clinic's folder, by the end of their names; some are damaged, all are harmless."""
    jpeg, png = _encoded("JPEG"), _encoded("PNG")
    gif, bmp, tiff, webp, avif = map(_encoded, ("GIF", "BMP", "TIFF", "WEBP", "AVIF"))
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
    return {
        ".jpg": lambda _: jpeg, ".JPG": lambda _: jpeg, ".jpeg": lambda _: jpeg, ".jpe": lambda _: jpeg,
        ".jfif": lambda _: jpeg, ".mpo": lambda _: jpeg, "": lambda _: jpeg, ".1": lambda _: png,
        ".png": lambda _: png, ".gif": lambda _: gif, ".bmp": lambda _: bmp, ".tif": lambda _: tiff,
        ".webp": lambda _: webp, ".avif": lambda _: avif, ".HEIC": lambda _: heic, ".cut.jpg": lambda _: jpeg[:200],
        ".empty.jpg": lambda _: b"", ".text.png": lambda _: b"not a picture", ".dcm": lambda _: bytes(128) + b"DICM",
        ".bin": lambda n: bytes([0, 1, 2, n % 8]), ".txt": lambda _: b"notes\n", ".csv": lambda _: b"a,b\n1,2\n",
        ".pdf": lambda _: b"%PDF-1.4\n", ".xlsx": lambda _: b"PK\x03\x04", ".mov": lambda _: bytes(4) + b"ftypqt  ",
        ".db": lambda _: b"", ".xmp": lambda _: b"<x/>", ".psd": lambda _: b"8BPS\x00\x01", ".json": lambda _: b"{}",
        ".tiff": lambda _: tiff[:20],
    }  # fmt: skip


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder of 120 files: thirty kinds, four of each, two folders deep."""
    kinds, rng = _kinds(), random.Random(0)
    folder = tmp_path / "mixed"
    for n in range(120):
        suffix = list(kinds)[n % len(kinds)]
        place = folder / rng.choice(["", "a", "a/b"])
        place.mkdir(parents=True, exist_ok=True)
        (place / f"file{n:03}{suffix}").write_bytes(kinds[suffix](n))
    return folder


def test_every_file_is_an_image_or_has_one_reason(mixed: Path) -> None:
    found = walk_images(mixed)
    everything = {path for path in mixed.rglob("*") if path.is_file()}
    others = {path for path, _ in found.others}
    assert set(found.images) | others == everything
    assert len(found.images) + len(found.others) == len(everything) == 120
    assert all(reason for _, reason in found.others)
    assert len(found.images) == 80  # twenty of thirty kinds are photographs, by name or by content


def test_predict_and_split_take_the_same_files(mixed: Path, caplog: pytest.LogCaptureFixture) -> None:
    asked = set(find_images([mixed])[1])
    assert "mixed: 40 files not used: " in caplog.text
    caplog.clear()
    classes = mixed.parent / "classes"
    for side in ("benign", "malignant"):
        (classes / side).mkdir(parents=True)
    (classes / "benign" / "all").symlink_to(mixed)
    (classes / "malignant" / "one.jpg").write_bytes(_encoded("JPEG"))
    table = read_data(classes).table
    assert {Path(path).resolve() for path in table["path"]} - {classes / "malignant" / "one.jpg"} == asked
    assert "classes: 40 files not used: " in caplog.text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_what_is_no_regular_file_is_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    (tmp_path / ".hidden").touch()
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    reasons = {path.name: reason for path, reason in walk_images(tmp_path).others}
    assert reasons == {"pipe": "not a regular file", ".hidden": "hidden", "gone": "link that leads nowhere"}


def test_a_photograph_without_a_suffix_is_found_by_its_id(tmp_path: Path) -> None:
    for name in ("a", "b.jfif"):
        (tmp_path / name).write_bytes(_encoded("JPEG"))
    (tmp_path / "metadata.csv").write_text("image_id,dx\na,nv\nb,mel\n")
    assert [path.name for path in read_data(tmp_path).paths] == ["a", "b.jfif"]


def test_images_that_no_row_names_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "metadata.csv").write_text("image_id,dx\na,nv\nb,mel\n")
    read_data(tmp_path)
    assert "1 images have no row that is used: c.jpg" in caplog.text
