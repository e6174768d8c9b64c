import io

import pytest
from PIL import Image

from lentigo.images._kinds import HEAD, PHOTOGRAPHS, kind_of, kind_of_bytes


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_what_pillow_writes_is_known_by_its_first_bytes(form: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, form)
    assert kind_of_bytes(stream.getvalue()[:HEAD]) == form
    assert form in PHOTOGRAPHS


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "AVIF"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "raw photograph"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "raw photograph"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"%PDF-1.7\n", "PDF"),
        (b"BM is how this note begins\n", "text"),
        (b"image_id,dx\n", "text"),
        (b"RIFF\x00\x00\x00\x00WAVE", "sound or video"),
        (bytes(16), None),
        (b"", None),
    ],
)
def test_first_bytes_tell_the_kind(head: bytes, kind: str | None) -> None:
    assert kind_of_bytes(head) == kind


def test_the_suffix_says_nothing_about_the_kind(tmp_path) -> None:
    path = tmp_path / "table.csv"
    Image.new("RGB", (8, 8)).save(path, "JPEG")
    assert kind_of(path) == "JPEG"
