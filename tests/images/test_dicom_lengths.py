"""Streams that hold more or less than a DICOM header announces: never another picture, always both lengths."""

import io
import struct
import zlib

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate, encapsulate_extended

from lentigo.errors import ImageError
from lentigo.images import open_image

J2K, JLS, RLE = (f"1.2.840.10008.1.2.{end}" for end in ("4.90", "4.80", "5"))
JPEG, PROGRESSIVE, SPECTRAL = (f"1.2.840.10008.1.2.4.{end}" for end in ("50", "55", "53"))


def picture(height=40, width=48):
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([across, down, np.full_like(across, 90)], axis=-1).astype(np.uint8)


def encoded(kind, **options):
    stream = io.BytesIO()
    Image.fromarray(picture()).save(stream, kind, **options)
    return stream.getvalue()


def jpeg_ls():
    return bytes(pytest.importorskip("jpeg_ls").encode_array(picture(), interleave_mode=2))


def run_lengths(extra=b""):
    planes = [b"".join(b"\x2f" + bytes(row) for row in picture()[..., k]) + extra for k in range(3)]
    starts = np.cumsum([64, len(planes[0]), len(planes[1])]).tolist()
    return struct.pack("<16L", 3, *starts, *[0] * 12) + b"".join(planes)


FRAMES = {
    "baseline": (JPEG, lambda: encoded("JPEG", quality=95)),
    "progressive": (PROGRESSIVE, lambda: encoded("JPEG", progressive=True)),
    "JPEG 2000": (J2K, lambda: encoded("JPEG2000", no_jp2=True)),
    "JPEG-LS": (JLS, jpeg_ls),
    "RLE": (RLE, run_lengths),
}


@pytest.mark.parametrize(
    ("n_there", "n_needed", "attributes"),
    [
        ("7,680", "5,760", {"PixelData": bytes(4 * 40 * 48)}),  # a fourth channel, as screenshots have
        ("11,520", "5,760", {"PixelData": bytes(6 * 40 * 48)}),  # a second frame
        ("5,762", "5,760", {"PixelData": bytes(3 * 40 * 48 + 2)}),
        ("5,758", "5,760", {"PixelData": bytes(3 * 40 * 48 - 2)}),
        ("5,760", "3,840", {"PhotometricInterpretation": "YBR_FULL_422"}),  # full colour, labelled as halved
        ("5,760", "5,640", {"Columns": 47}),
        ("5,760", "11,520", {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15}),
    ],
)
def test_uncompressed_pixel_data_of_another_length_are_an_error_with_both(make_dicom, n_there, n_needed, attributes):
    with pytest.raises(ImageError, match=f"has {n_there} bytes of pixel data, .* need {n_needed}"):
        open_image(make_dicom(picture(), **attributes))


def test_the_error_says_for_how_many_samples_a_pixel_the_length_would_do(make_dicom):
    with pytest.raises(ImageError, match="would suffice for 3 samples per pixel"):
        open_image(make_dicom(picture(), PhotometricInterpretation="YBR_FULL_422"))


def test_one_byte_that_makes_the_length_even_is_read(make_dicom):
    odd = np.ascontiguousarray(picture(41, 49))
    assert np.array_equal(open_image(make_dicom(odd)), odd)


@pytest.mark.parametrize("name", FRAMES)
def test_compressed_frames_are_read_with_padding_and_not_with_a_second_picture(make_dicom, name):
    syntax, make = FRAMES[name]
    frame = make()
    good = open_image(make_dicom(picture(), syntax=syntax, frame=frame))
    assert good.size == (48, 40)
    assert np.array_equal(open_image(make_dicom(picture(), syntax=syntax, frame=frame + b"\0")), good)
    with pytest.raises(ImageError, match=r"ends after [\d,]+ of [\d,]+ bytes|more than the 1,920 bytes"):
        open_image(make_dicom(picture(), syntax=syntax, frame=frame + frame))


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_without_its_last_bytes_is_an_error(make_dicom, name):
    syntax, make = FRAMES[name]
    with pytest.raises(ImageError, match="do not end where they should|fewer than the 1,920 bytes|damaged"):
        open_image(make_dicom(picture(), syntax=syntax, frame=make()[:-4]))


def test_a_plane_of_run_lengths_holds_exactly_the_pixels(make_dicom):
    assert np.array_equal(open_image(make_dicom(picture(), syntax=RLE, frame=run_lengths())), picture())
    with pytest.raises(ImageError, match="more than the 1,920 bytes"):
        open_image(make_dicom(picture(), syntax=RLE, frame=run_lengths(b"\x01\x07\x07")))


def encapsulated(make_dicom, pixel_data, syntax=JPEG, **attributes):
    return make_dicom(picture(), syntax=syntax, frame=b"--", PixelData=pixel_data, **attributes)


def test_a_frame_may_come_in_several_fragments_but_not_in_run_lengths(make_dicom):
    frame = encoded("JPEG")
    content = encapsulated(make_dicom, encapsulate([frame], fragments_per_frame=3))
    assert np.array_equal(open_image(content), open_image(frame))
    with pytest.raises(ImageError, match="cut into 2 fragments"):
        open_image(encapsulated(make_dicom, encapsulate([run_lengths()], fragments_per_frame=2), RLE))


def test_an_offset_table_of_two_frames_contradicts_a_header_of_one(make_dicom):
    frame = encoded("JPEG")
    with pytest.raises(ImageError, match="its offset table has 8 bytes; 4 are needed"):
        open_image(encapsulated(make_dicom, encapsulate([frame, frame], has_bot=True)))


def test_an_extended_offset_table_must_say_the_length_that_is_there(make_dicom):
    frame = encoded("JPEG") + b"\0\0\0"
    frame = frame[: len(frame) // 2 * 2]
    data, offsets, lengths = encapsulate_extended([frame])
    tables = {"ExtendedOffsetTable": offsets, "ExtendedOffsetTableLengths": lengths}
    assert open_image(encapsulated(make_dicom, data, **tables)).size == (48, 40)
    tables["ExtendedOffsetTableLengths"] = struct.pack("<Q", len(frame) + 40)
    with pytest.raises(ImageError, match=f"says {len(frame) + 40:,} bytes of pixel data, and there are {len(frame):,}"):
        open_image(encapsulated(make_dicom, data, **tables))
    tables["ExtendedOffsetTable"] = offsets + offsets
    with pytest.raises(ImageError, match="has 16 and 8 bytes"):
        open_image(encapsulated(make_dicom, data, **tables))


@pytest.mark.parametrize("syntax", [None, JPEG])
def test_what_follows_the_pixel_data_is_elements_or_zeros(make_dicom, syntax):
    content = make_dicom(picture()) if syntax is None else make_dicom(picture(), syntax=JPEG, frame=encoded("JPEG"))
    padding = struct.pack("<HH2sHL", 0xFFFC, 0xFFFC, b"OB", 0, 4) + bytes(4)
    for rest in (padding, bytes(10)):
        assert open_image(content + rest).size == (48, 40)
    with pytest.raises(ImageError, match="5,760 bytes follow its pixel data"):
        open_image(content + picture().tobytes())


@pytest.mark.parametrize("n_there", [254, 258, 512, 1024])
def test_a_palette_of_another_length_is_an_error_with_both(make_dicom, n_there):
    attributes = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in ("Red", "Green", "Blue"):
        attributes[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        attributes[f"{name}PaletteColorLookupTableData"] = bytes(n_there)
    content = make_dicom(picture()[..., 0], **attributes)
    if n_there == 512:
        assert open_image(content).size == (48, 40)
        return
    with pytest.raises(ImageError, match=f"of 256 entries has {n_there:,} bytes; 512 are needed"):
        open_image(content)


def test_an_overlay_of_another_length_is_an_error_with_both(make_dicom):
    data = pydicom.dcmread(io.BytesIO(make_dicom(picture())))
    data.add_new(0x60000010, "US", 40)
    data.add_new(0x60000011, "US", 48)
    for n_bytes in (240, 300, 100):
        data.add_new(0x60003000, "OW", bytes(n_bytes))
        stream = io.BytesIO()
        data.save_as(stream)
        if n_bytes == 240:
            assert open_image(stream.getvalue()).size == (48, 40)
            continue
        with pytest.raises(ImageError, match=f"overlay has {n_bytes} bytes and needs 240"):
            open_image(stream.getvalue())


def test_a_deflated_file_that_ends_early_is_an_error(make_dicom):
    content = make_dicom(picture(), syntax="1.2.840.10008.1.2.1.99")
    start = content.index(b"1.2.840.10008.1.2.1.99") + 22
    while True:  # the deflated part begins where the meta information ends
        try:
            zlib.decompressobj(-15).decompress(content[start:])
            break
        except zlib.error:
            start += 1
    with pytest.raises(ImageError, match="deflated part is cut off"):
        open_image(content[:-20])


@pytest.mark.parametrize("syntax", [PROGRESSIVE, SPECTRAL, JPEG])
def test_a_progressive_jpeg_in_dicom_gives_the_pixels_of_the_file(make_dicom, syntax):
    frame = encoded("JPEG", progressive=True, quality=90)
    content = make_dicom(picture(), syntax=syntax, frame=frame, PhotometricInterpretation="YBR_FULL_422")
    assert np.array_equal(open_image(content), open_image(frame))


def test_what_dcmtk_makes_of_a_progressive_jpeg_file_is_read(dcmtk, tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded("JPEG", progressive=True, quality=95))
    assert dcmtk("img2dcm", "-vlp", tmp_path / "a.jpg", tmp_path / "a.dcm").returncode == 0
    assert pydicom.dcmread(tmp_path / "a.dcm").file_meta.TransferSyntaxUID == PROGRESSIVE
    assert np.array_equal(open_image(tmp_path / "a.dcm"), open_image(tmp_path / "a.jpg"))


def test_a_transfer_syntax_that_is_not_read_is_refused_with_a_way_out(make_dicom):
    with pytest.raises(ImageError, match="dcmdjpeg IN OUT"):
        open_image(make_dicom(picture(), syntax="1.2.840.10008.1.2.4.94", frame=encoded("JPEG")))
