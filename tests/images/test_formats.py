"""Photographs as telephones and cameras write them, whatever their names: HEIC, AVIF, MPO, raw files, HDR."""

import importlib.util
import io
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image
from lentigo.images._boxes import MOST_BOXES, BoxError, read_still
from lentigo.study.auditing._image_traits import file_traits

HEIC = Path(__file__).parents[1] / "fixtures" / "heic"
TRUTH = Image.open(HEIC / "truth.png").convert("RGB")
needs_heic = pytest.mark.skipif(
    not any(map(importlib.util.find_spec, ("pillow_heif", "pi_heif"))),
    reason="no decoder of HEIC is installed: pip install 'lentigo[heic]'",
)
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="this Pillow is built without AVIF")


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def difference(opened, wanted=TRUTH):
    return np.abs(np.asarray(opened, int) - np.asarray(wanted, int)).mean()


@needs_heic
@pytest.mark.parametrize("name", ["plain", "tiles", "two"])
def test_heic_is_read_as_one_picture_in_tiles_and_as_the_primary_of_several(name):
    opened = open_image(HEIC / f"{name}.heic")
    assert opened.mode == "RGB"
    assert difference(opened) < 1


@needs_heic
def test_heic_is_turned_once_though_the_file_says_it_twice():
    assert difference(open_image(HEIC / "turned.heic"), TRUTH.transpose(Image.Transpose.ROTATE_270)) < 1


@needs_heic
def test_heic_in_display_p3_is_the_same_by_profile_and_by_number():
    by_profile, by_number = (open_image(HEIC / f"{name}.heic") for name in ("p3", "p3-by-number"))
    assert difference(by_profile, by_number) < 0.1
    assert difference(by_profile) > 3
    assert difference(open_image(HEIC / "p3.heic", limits=ImageConfig(colour_profiles="ignore"))) < 1


@needs_heic
def test_the_audit_knows_size_and_camera_of_heic():
    traits = file_traits((HEIC / "turned.heic").read_bytes())
    assert (traits["file_format"], traits["file_width"], traits["file_camera"]) == ("HEIC", 96, "Drawn Phone 1")


def test_hdr_photographs_are_refused_and_not_read_with_the_wrong_curve():
    with pytest.raises(ImageError, match=r"HDR photograph \(PQ or HLG\), whose colours are not read. Export it"):
        open_image(HEIC / "hdr.heic")


def test_a_missing_heic_decoder_is_named_with_what_installs_it(monkeypatch):
    for library in ("pillow_heif", "pi_heif"):
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImageError, match=r"pip install .*\[heic\]' \(or export the photograph as JPEG\)"):
        open_image(HEIC / "plain.heic")


@pytest.mark.parametrize(
    ("limits", "message"), [({"max_pixels": 12_287}, "more than the 12,287"), ({"min_side": 97}, "at least 97")]
)
def test_limits_hold_on_the_header_of_heic(monkeypatch, limits, message):
    for library in ("pillow_heif", "pi_heif"):
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImageError, match=message):
        open_image(HEIC / "plain.heic", limits=ImageConfig(**limits))


@pytest.mark.parametrize("kind", [b"unci", b"mski", b"j2k1", b"iovl", b"vvc1"])
def test_items_that_no_telephone_writes_never_reach_the_decoder(kind):
    content = (HEIC / "two.heic").read_bytes()
    last = content.rindex(b"hvc1", 0, content.index(b"iprp"))
    with pytest.raises(ImageError, match="holds pictures of a kind that is not read"):
        open_image(content[:last] + kind + content[last + 4 :])


def test_a_film_in_boxes_is_refused():
    content = (HEIC / "plain.heic").read_bytes()
    with pytest.raises(ImageError, match="is a film or a series"):
        open_image(content + struct.pack(">L4s", 8, b"moov"))


def test_boxes_that_do_not_fit_or_do_not_end_are_damage():
    content = (HEIC / "plain.heic").read_bytes()
    for cut in range(12, content.index(b"mdat"), 7):
        try:
            assert read_still(content[:cut]).codec in {"", "HEIC"}
        except BoxError as error:
            assert "box" in str(error)
    with pytest.raises(BoxError, match=f"more than {MOST_BOXES:,} parts"):
        read_still(content + struct.pack(">L4s", 8, b"free") * MOST_BOXES)


@needs_heic
def test_heic_cut_anywhere_or_with_flipped_bits_is_an_image_error_or_an_image():
    content = (HEIC / "plain.heic").read_bytes()
    for cut in range(20, len(content) - 1, 97):
        try:
            assert open_image(content[:cut]).size == (128, 96)
        except ImageError:
            pass


@needs_avif
def test_avif_is_read_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert difference(open_image(encoded(TRUTH, "AVIF", quality=95))) < 2
    turned = open_image(encoded(TRUTH, "AVIF", quality=95, exif=exif))
    assert difference(turned, TRUTH.transpose(Image.Transpose.ROTATE_270)) < 2


@needs_avif
def test_an_avif_film_is_refused():
    with pytest.raises(ImageError, match="frames|a film or a series"):
        open_image(encoded(TRUTH, "AVIF", save_all=True, append_images=[TRUTH.rotate(5)]))


@pytest.mark.parametrize("name", ["a.jfif", "a.jpe", "a", "a.heic", "a.png", "a.txt"])
def test_the_content_says_the_format_and_not_the_name(tmp_path, name):
    (tmp_path / name).write_bytes(encoded(TRUTH, "JPEG", quality=95))
    assert difference(open_image(tmp_path / name)) < 2


@pytest.mark.parametrize("tags", [{50706: b"\1\4\0\0"}, {254: 1}])
def test_raw_files_of_cameras_are_refused_and_not_read_as_their_preview(tags):
    from PIL import TiffImagePlugin

    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[tag] = value
    with pytest.raises(ImageError, match="raw file; only its preview could be read"):
        open_image(encoded(TRUTH, "TIFF", tiffinfo=info))


def test_a_dicom_file_whose_decoder_is_missing_is_one_unreadable_image(monkeypatch, make_dicom):
    frame = bytes(pytest.importorskip("jpeg_ls").encode_array(np.asarray(TRUTH), interleave_mode=2))
    content = make_dicom(np.asarray(TRUTH), syntax="1.2.840.10008.1.2.4.80", frame=frame)
    monkeypatch.setitem(sys.modules, "jpeg_ls", None)
    with pytest.raises(ImageError, match=r"pip install .*\[dicom\]'"):
        open_image(content)
