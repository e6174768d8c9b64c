"""Reading DICOM: against pydicom, which shares no code with it, and against plain image files."""

import io
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import dicom, open_image
from lentigo.images.dicom._header import read_header
from lentigo.images.dicom._opening import open_part10
from lentigo.images.dicom._rendering import to_rgb
from lentigo.images.dicom._samples import decode_samples

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
SMALL = ImageConfig(min_side=1)
JPEG, J2K, JLS, RLE = (f"1.2.840.10008.1.2.{end}" for end in ("4.50", "4.90", "4.80", "5"))
# Of the shipped files with one frame that pydicom decodes, these are refused: 32 bits, a damaged JPEG 2000 file, or
# bytes too many.
REFUSED = ("SC_rgb_rle_32bit.dcm", "rtdose_1frame.dcm", "rtdose_expb_1frame.dcm", "rtdose_rle_1frame.dcm")
REFUSED += ("GDCMJ2K_TextGBR.dcm", "MR_small_padded.dcm")  # 8,320 bytes where 8,192 are needed


def decoded(content):
    """Return the picture in any DICOM file, photograph or not."""
    content, start, syntax, encoding = open_part10(content, max_bytes=10**8)
    header = read_header(content, start, syntax, encoding)
    return np.asarray(to_rgb(*decode_samples(content, header), header)).astype(int)


def by_pydicom(path):
    """Return the same picture as pydicom's decoders and look-up tables make it; None where it has none."""
    from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = pydicom.dcmread(path, force=True)
        if "PixelData" not in data or (data.get("NumberOfFrames") or 1) != 1:
            return None
        try:
            samples = pixel_array(data)
        except (RuntimeError, AttributeError, ValueError):
            return None
        bits, depth = data.BitsStored, 2**data.BitsStored - 1
        if data.SamplesPerPixel == 3:
            return samples if bits == 8 else np.round(samples / depth * 255)
        if data.PhotometricInterpretation == "PALETTE COLOR":
            colours = apply_color_lut(samples, data)
            return np.round(colours / (257 if colours.dtype == np.uint16 else 1))
        values = apply_modality_lut(samples, data).astype(float)
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if data.PixelRepresentation else (0, depth)
        slope, intercept = float(data.get("RescaleSlope", 1)), float(data.get("RescaleIntercept", 0))
        low, high = low * slope + intercept, high * slope + intercept
        if "WindowCenter" in data:
            values = apply_voi_lut(apply_modality_lut(samples, data), data).astype(float)
        grey = np.round(255 * np.clip((values - low) / (high - low), 0, 1))
    grey = 255 - grey if data.PhotometricInterpretation == "MONOCHROME1" else grey
    return np.stack([grey] * 3, axis=-1)


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED.glob("*.dcm")))
def test_what_pydicom_ships_is_decoded_as_pydicom_does(name):
    wanted = by_pydicom(SHIPPED / name)
    content = (SHIPPED / name).read_bytes()
    if wanted is None or name in REFUSED:
        with pytest.raises(ImageError):
            open_image(content, limits=SMALL)
        return
    # the last step of JPEG, YCbCr to RGB, rounds in another place
    assert np.abs(decoded(content) - wanted).max() <= 2


def rgb(height=40, width=48):
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.stack([across, down, np.full_like(across, 90)], axis=-1).astype(np.uint8)
    pixels[10:20, 15:30] = (150, 60, 40)
    return pixels


def encoded(pixels, kind, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("end", ["", ".1", ".2", ".1.99"])
def test_uncompressed_pixels_come_back_as_they_were(make_dicom, end):
    content = make_dicom(rgb(), syntax=f"1.2.840.10008.1.2{end}")
    assert np.array_equal(open_image(content), rgb())


@pytest.mark.parametrize("end", [".1", ".2"])
def test_sixteen_bits_in_either_byte_order_are_scaled(make_dicom, end):
    deep = rgb().astype(np.uint16) * 257
    assert np.array_equal(open_image(make_dicom(deep, syntax=f"1.2.840.10008.1.2{end}")), rgb())


def test_a_jpeg_in_dicom_gives_the_pixels_of_the_same_jpeg_file(make_dicom):
    frame = encoded(rgb(400, 600), "JPEG", quality=90)
    content = make_dicom(rgb(400, 600), syntax=JPEG, frame=frame, PhotometricInterpretation="YBR_FULL_422")
    for side in (None, 100):
        assert np.array_equal(open_image(content, draft_side=side), open_image(frame, draft_side=side))


def test_a_jpeg_without_markers_is_what_the_header_says(make_dicom):
    # the same numbers, once meant as RGB and once as YCbCr, without JFIF or Adobe marker
    stream = bytearray(encoded(rgb(), "JPEG", quality=100, subsampling=0))
    app0 = stream.index(b"\xff\xe0")
    del stream[app0 : app0 + 2 + struct.unpack(">H", stream[app0 + 2 : app0 + 4])[0]]
    ybr = open_image(make_dicom(rgb(), syntax=JPEG, frame=bytes(stream), PhotometricInterpretation="YBR_FULL"))
    raw = open_image(make_dicom(rgb(), syntax=JPEG, frame=bytes(stream), PhotometricInterpretation="RGB"))
    assert np.abs(np.asarray(ybr, int) - rgb()).mean() < 2
    assert np.abs(np.asarray(raw.convert("RGB"), int) - np.asarray(Image.fromarray(rgb()).convert("YCbCr"))).mean() < 2


def test_jpeg_2000_is_read_with_and_without_the_boxes_of_its_file_format(make_dicom):
    for wrapped in (False, True):
        frame = encoded(rgb(), "JPEG2000", irreversible=False, mct=1, no_jp2=not wrapped)
        content = make_dicom(rgb(), syntax=J2K, frame=frame, PhotometricInterpretation="YBR_RCT")
        assert np.array_equal(open_image(content), rgb())


def test_jpeg_ls_is_read(make_dicom):
    jpeg_ls = pytest.importorskip("jpeg_ls")
    frame = bytes(jpeg_ls.encode_array(rgb(), interleave_mode=2))
    assert np.array_equal(open_image(make_dicom(rgb(), syntax=JLS, frame=frame)), rgb())


def test_rle_of_8_and_16_bits_is_read(make_dicom):
    for pixels in (rgb(), rgb()[..., 0].astype(np.uint16) * 257):
        data = pydicom.dcmread(io.BytesIO(make_dicom(pixels)))
        data.compress(pydicom.uid.RLELossless)
        stream = io.BytesIO()
        data.save_as(stream)
        wanted = pixels if pixels.ndim == 3 else np.stack([rgb()[..., 0]] * 3, axis=-1)
        assert np.array_equal(open_image(stream.getvalue()), wanted)


@pytest.mark.parametrize(
    ("program", "options"),
    [
        ("dcmcjpeg", "+e1"),
        ("dcmcjpeg", "+el"),
        ("dcmcrle", ""),
        ("dcmcjpls", "+el"),
        ("dcmconv", "+tb"),
        ("dcmconv", "+td"),
    ],
)
def test_what_dcmtk_compresses_without_loss_comes_back(make_dicom, dcmtk, tmp_path, program, options):
    (tmp_path / "a.dcm").write_bytes(make_dicom(rgb()))
    done = dcmtk(program, *options.split(), tmp_path / "a.dcm", tmp_path / "b.dcm")
    assert done.returncode == 0, done.stderr
    assert np.array_equal(open_image(tmp_path / "b.dcm"), rgb())


@pytest.mark.parametrize("options", ["+eb", "+ee"])
def test_what_dcmtk_compresses_with_loss_is_what_dcmtk_decompresses(make_dicom, dcmtk, tmp_path, options):
    (tmp_path / "a.dcm").write_bytes(make_dicom(rgb()))
    assert dcmtk("dcmcjpeg", options, tmp_path / "a.dcm", tmp_path / "b.dcm").returncode == 0
    assert dcmtk("dcmdjpeg", tmp_path / "b.dcm", tmp_path / "c.dcm").returncode == 0
    ours, theirs = (np.asarray(open_image(tmp_path / name), int) for name in ("b.dcm", "c.dcm"))
    assert np.abs(ours - theirs).max() <= 3


def test_what_dcmtk_makes_of_a_jpeg_file_is_read(dcmtk, tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded(rgb(), "JPEG", quality=95))
    assert dcmtk("img2dcm", "-vlp", tmp_path / "a.jpg", tmp_path / "a.dcm").returncode == 0
    assert np.array_equal(open_image(tmp_path / "a.dcm"), open_image(tmp_path / "a.jpg"))


def test_planes_one_after_the_other_are_put_together(make_dicom):
    planes = np.ascontiguousarray(rgb().transpose(2, 0, 1)).reshape(40, 48, 3)
    assert np.array_equal(open_image(make_dicom(planes, PlanarConfiguration=1)), rgb())


@pytest.mark.parametrize("name", ["YBR_FULL", "YBR_FULL_422"])
def test_luminance_and_colour_become_rgb(make_dicom, name):
    ybr = np.asarray(Image.fromarray(rgb()).convert("YCbCr"))
    wanted = np.asarray(Image.fromarray(ybr, "YCbCr").convert("RGB"), int)
    attributes = {"PhotometricInterpretation": name}
    if name == "YBR_FULL_422":  # two pixels are Y1 Y2 Cb Cr; both pixels of a pair have one colour here
        ybr = np.repeat(ybr[:, ::2], 2, axis=1)
        wanted = np.asarray(Image.fromarray(ybr, "YCbCr").convert("RGB"), int)
        pairs = ybr.reshape(40, 24, 2, 3)
        packed = np.stack([pairs[..., 0, 0], pairs[..., 1, 0], pairs[..., 0, 1], pairs[..., 0, 2]], axis=-1)
        attributes["PixelData"] = packed.tobytes()
    assert np.array_equal(open_image(make_dicom(ybr, **attributes)), wanted)


def grey(content):
    image = np.asarray(open_image(content))
    assert np.array_equal(image[..., 0], image[..., 2])
    return image[..., 0].astype(int)


def steps(kind=np.uint16):
    """A picture whose columns are 0, 16, 32, ..., 4080, in 12 bits."""
    return np.tile((np.arange(256) * 16).astype(kind), (16, 1))


def test_without_a_window_the_whole_range_is_shown(make_dicom):
    shown = grey(make_dicom(steps(), BitsStored=12, HighBit=11))
    assert np.abs(shown[0] - np.arange(256) * 16 / 4095 * 255).max() <= 0.5


def test_white_may_be_zero(make_dicom):
    shown = grey(make_dicom(steps(), BitsStored=12, HighBit=11, PhotometricInterpretation="MONOCHROME1"))
    assert (shown[0, 0], shown[0, 255]) == (255, 1)


def test_signed_values_keep_their_order(make_dicom):
    signed = steps(np.int16) - 2048
    shown = grey(make_dicom(signed, BitsStored=12, HighBit=11))
    assert np.abs(shown[0] - np.arange(256) * 16 / 4095 * 255).max() <= 0.5


def test_a_window_after_rescaling_clips_as_the_standard_says(make_dicom):
    # value = 2 x - 100; window 1000 +- 500: C.11.2.1.2.1 gives ((y - 999.5) / 999 + 0.5) * 255
    attributes = {"RescaleSlope": "2", "RescaleIntercept": "-100", "WindowCenter": "1000", "WindowWidth": "1000"}
    shown = grey(make_dicom(steps(), BitsStored=12, HighBit=11, **attributes))
    values = np.arange(256) * 32 - 100
    assert np.abs(shown[0] - np.clip(((values - 999.5) / 999 + 0.5) * 255, 0, 255)).max() <= 0.5
    exact = grey(make_dicom(steps(), BitsStored=12, HighBit=11, VOILUTFunction="LINEAR_EXACT", **attributes))
    assert np.abs(exact[0] - np.clip(((values - 1000) / 1000 + 0.5) * 255, 0, 255)).max() <= 0.5
    curve = grey(make_dicom(steps(), BitsStored=12, HighBit=11, VOILUTFunction="SIGMOID", **attributes))
    assert np.abs(curve[0] - 255 / (1 + np.exp(-4 * (values - 1000) / 1000))).max() <= 0.5


def table(first, entries, bits=8):
    item = Dataset()
    item.LUTDescriptor = [len(entries), first, bits]
    item.LUTData = np.asarray(entries, np.uint16).tobytes()
    item["LUTData"].VR = "OW"
    item["LUTDescriptor"].VR = "US"
    return item


def test_look_up_tables_of_both_kinds_are_applied(make_dicom):
    pixels = np.tile(np.arange(32, dtype=np.uint8), (16, 1))
    modality, voi = table(4, np.arange(20) * 3), table(0, np.arange(64) * 4)
    modality.ModalityLUTType = "US"
    shown = grey(make_dicom(pixels, ModalityLUTSequence=[modality], VOILUTSequence=[voi]))
    assert shown[0].tolist() == [4 * 3 * min(max(k - 4, 0), 19) for k in range(32)]


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_gives_the_colours(make_dicom, bits):
    pixels = np.tile(np.arange(32, dtype=np.uint8), (16, 1))
    colours = np.stack([np.arange(32) * 8, 255 - np.arange(32) * 8, np.full(32, 7)], axis=-1)
    attributes = {"PhotometricInterpretation": "PALETTE COLOR"}
    for k, name in enumerate(("Red", "Green", "Blue")):
        entries = colours[:, k].astype(np.uint16) * (257 if bits == 16 else 1)
        attributes[f"{name}PaletteColorLookupTableDescriptor"] = [32, 0, bits]
        raw = entries.astype(np.uint8) if bits == 8 else entries
        attributes[f"{name}PaletteColorLookupTableData"] = raw.tobytes()
    assert np.array_equal(np.asarray(open_image(make_dicom(pixels, **attributes)))[0], colours)


def test_one_bit_a_pixel_is_read(make_dicom):
    bits = np.random.default_rng(0).integers(0, 2, (16, 32)).astype(np.uint8)
    attributes = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    packed = np.packbits(bits, bitorder="little").tobytes()
    assert np.array_equal(grey(make_dicom(bits, PixelData=packed, **attributes)), bits * 255)


def test_files_without_preamble_are_read_by_their_suffix(make_dicom, tmp_path):
    for end in ("", ".1", ".2"):
        whole = make_dicom(rgb(), syntax=f"1.2.840.10008.1.2{end}")
        (tmp_path / "meta.dcm").write_bytes(whole[132:])
        (tmp_path / "bare.dcm").write_bytes(whole[open_part10(whole, max_bytes=10**8)[1] :])
        for name in ("meta.dcm", "bare.dcm"):
            assert np.array_equal(open_image(tmp_path / name), rgb())
    with pytest.raises(ImageError, match="not in an image format"):
        open_image((tmp_path / "bare.dcm").read_bytes())


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, "is a DICOM file but not a photograph"),
        ({"NumberOfFrames": 3}, "has 3 frames. Save the one"),
        ({"Rows": 9000, "Columns": 9000}, r"9000 x 9000 pixels, more than the 60,000,000 allowed"),
        ({"Rows": 1}, "at least 16 pixels per side are needed"),
        ({"PixelData": None}, "without an image in it"),
        ({"BitsAllocated": 32}, "32 bits per sample"),
        ({"PhotometricInterpretation": "CMYK"}, "of a kind that is not read"),
        ({"PhotometricInterpretation": "MONOCHROME2"}, "does not match 3 samples"),
        ({"Columns": 49}, "5,760 bytes of pixel data, and 49 x 40 pixels of RGB in its header need 5,880"),
        ({"BitsStored": 12}, "do not fit"),
        ({"PixelRepresentation": 1}, "negative colours"),
        ({"Rows": None}, "does not give its rows"),
    ],
)
def test_what_is_refused_is_said_with_its_remedy(make_dicom, attributes, message):
    with pytest.raises(ImageError, match=message):
        open_image(make_dicom(rgb(), **attributes))


def test_messages_name_no_patient(make_dicom):
    whole = make_dicom(rgb())
    contents = [make_dicom(rgb(), **one) for one in ({"NumberOfFrames": 2}, {"Rows": 9}, {"BitsStored": 12})]
    contents += [whole[:cut] for cut in range(300, len(whole), 101)]
    for content in contents:
        with pytest.raises(ImageError) as caught:
            open_image(content)
        assert not any(secret in str(caught.value) for secret in ("Mustermann", "4711", "1970", "1.2.3.4"))


def test_the_same_limits_hold_as_for_other_images(make_dicom):
    with pytest.raises(ImageError, match=r"more than the 1,024 allowed \(image\.max_bytes\)"):
        open_image(make_dicom(rgb()), limits=ImageConfig(max_bytes=1024))


def test_pydicom_is_not_imported_for_any_of_this(make_dicom, tmp_path):
    (tmp_path / "a.dcm").write_bytes(make_dicom(rgb()))
    (tmp_path / "a.jpg").write_bytes(encoded(rgb(), "JPEG"))
    code = (
        "import sys; from pathlib import Path; from lentigo.images import open_image\n"
        "open_image(Path(sys.argv[1])); assert 'lentigo.images.dicom' not in sys.modules\n"
        "open_image(Path(sys.argv[2])); assert 'pydicom' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.jpg"), str(tmp_path / "a.dcm")], check=True)


def outcome(content):
    """Return the picture, or None where it is refused; anything else is raised."""
    try:
        return np.asarray(open_image(content, limits=SMALL))
    except ImageError as error:
        assert str(error).endswith(".")
        return None


def test_a_file_cut_anywhere_is_an_error_or_the_right_picture(make_dicom):
    frame = encoded(rgb(), "JPEG")
    whole = {JPEG: frame, J2K: encoded(rgb(), "JPEG2000", no_jp2=True), None: None}
    for syntax, stream in whole.items():
        content = make_dicom(rgb(), **({} if syntax is None else {"syntax": syntax, "frame": stream}))
        right = np.asarray(open_image(content), int)
        places = {*range(0, len(content), 37), *elements_of(content)}
        for cut in sorted(places):
            picture = outcome(content[:cut])
            assert picture is None or np.abs(picture - right).max() < 60 or cut > len(content) - 24, cut


def elements_of(content):
    """Return where each element begins."""
    from lentigo.images.dicom._elements import Elements

    content, start, _, encoding = open_part10(content, max_bytes=10**8)
    return [place for e in Elements(content).walk(start, len(content), encoding) for place in (e.start, e.end)]


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000", "JPEG-LS"])
def test_a_compressed_frame_that_is_cut_is_an_error(make_dicom, kind):
    if kind == "JPEG-LS":
        frame, syntax = bytes(pytest.importorskip("jpeg_ls").encode_array(rgb(), interleave_mode=2)), JLS
    else:
        syntax = JPEG if kind == "JPEG" else J2K
        frame = encoded(rgb(), kind, **({"no_jp2": True} if kind == "JPEG2000" else {}))
    for cut in range(2, len(frame) - 2, 29):
        assert outcome(make_dicom(rgb(), syntax=syntax, frame=frame[:cut])) is None


def test_flipped_bits_never_raise_anything_but_an_image_error(make_dicom):
    rng = np.random.default_rng(0)
    contents = [path.read_bytes() for path in sorted(SHIPPED.glob("*.dcm"))]
    contents += [make_dicom(rgb(), syntax=end) for end in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99")]
    for _ in range(1000):
        damaged = bytearray(contents[rng.integers(len(contents))])
        near = len(damaged) if rng.random() < 0.5 else min(len(damaged), 2500)
        for _ in range(rng.integers(1, 12)):
            damaged[rng.integers(near)] ^= 1 << rng.integers(8)
        outcome(bytes(damaged))


def test_every_wrong_transfer_syntax_is_an_error_or_a_picture(make_dicom):
    frames = [encoded(rgb(), "JPEG"), encoded(rgb(), "JPEG2000", no_jp2=True), b"\0" * 200, rgb().tobytes()]
    for syntax in (*dicom.SYNTAXES[4:], "1.2.840.10008.1.2.4.100", "1.2.3", "1.2.840.10008.1.2.4.92"):
        for frame in frames:
            outcome(swapped(make_dicom(rgb(), syntax=JPEG, frame=frame), syntax))
    for syntax in dicom.SYNTAXES[4:]:  # pixels that are not encapsulated, and a native syntax for those that are
        assert outcome(swapped(make_dicom(rgb()), syntax)) is None
    assert outcome(swapped(make_dicom(rgb(), syntax=JPEG, frame=frames[0]), "1.2.840.10008.1.2.1")) is None


def swapped(content, syntax):
    """Return the file with another transfer syntax in its meta information."""
    start = content.index(b"\x02\x00\x10\x00UI") + 6
    (length,) = struct.unpack_from("<H", content, start)
    text = syntax.encode() + b"\0" * (len(syntax) % 2)
    return content[:start] + struct.pack("<H", len(text)) + text + content[start + 2 + length :]


def element(tag, vr, value, length=None):
    """Return an element in explicit VR little endian."""
    size = len(value) if length is None else length
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    is_long = vr in {"OB", "OW", "SQ", "UN", "UT"}
    return head + (struct.pack("<HL", 0, size) if is_long else struct.pack("<H", size)) + value


def with_element(content, extra):
    """Return the file with something before its pixel data."""
    place = content.rindex(b"\xe0\x7f\x10\x00")
    return content[:place] + extra + content[place:]


def test_a_frame_larger_than_its_header_is_never_decoded(make_dicom):
    large = np.zeros((5000, 5000, 3), np.uint8)
    for syntax, kind in ((JPEG, "JPEG"), (J2K, "JPEG2000")):
        frame = encoded(large, kind, **({"no_jp2": True} if kind == "JPEG2000" else {}))
        with pytest.raises(ImageError, match="its pixel data 5000 x 5000 of 3"):
            open_image(make_dicom(rgb(), syntax=syntax, frame=frame))


def test_a_deflated_bomb_is_stopped_at_the_limit(make_dicom):
    content = make_dicom(rgb(), syntax="1.2.840.10008.1.2.1.99")
    inflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(inflater.compress(bytes(2**20)) for _ in range(300)) + inflater.flush()  # 300 MB in 300 kB
    head = content[: content.index(b"\x02\x00\x13\x00")]
    with pytest.raises(ImageError, match=r"inflates to more than the 100,000,000 bytes|damaged"):
        open_image(head + bomb)


def test_elements_sequences_and_fragments_without_end_are_counted(make_dicom):
    content = make_dicom(rgb())
    crowd = element(0x00280106, "US", b"\0\0") * 2
    with pytest.raises(ImageError, match="occurs twice"):
        open_image(with_element(content, crowd))
    deep = struct.pack("<HH2sHL", 0x0040, 0x0100, b"SQ", 0, 0xFFFFFFFF)
    deep = (deep + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)) * 5000
    with pytest.raises(ImageError, match="nested deeper than 32"):
        open_image(with_element(content, deep))
    items = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    crowd = struct.pack("<HH2sHL", 0x0040, 0x0100, b"SQ", 0, 0xFFFFFFFF) + items * 200_000
    with pytest.raises(ImageError, match="more than 100,000 elements"):
        open_image(with_element(content, crowd))
    head = make_dicom(rgb(), syntax=JPEG, frame=b"x")
    place = head.rindex(b"\xe0\x7f\x10\x00")
    with pytest.raises(ImageError, match="more than 10,000 fragments"):
        open_image(head[: place + 12] + items * 20_000)


def test_huge_lengths_allocate_nothing(make_dicom):
    content = make_dicom(rgb())
    for length in (2**32 - 2, 2**31, 10**6):
        with pytest.raises(ImageError, match="claims"):
            open_image(with_element(content, element(0x00090010, "UN", b"", length)))
    with pytest.raises(ImageError, match="no known type"):
        open_image(with_element(content, b"\x09\x00\x10\x00\xff\xffxxxx"))


def test_many_tiles_and_odd_components_are_refused(make_dicom):
    large = bytearray(encoded(np.zeros((100, 100, 3), np.uint8), "JPEG2000", no_jp2=True))
    struct.pack_into(">LL", large, 24, 1, 1)
    with pytest.raises(ImageError, match="10,000 tiles, more than 4,096"):
        open_image(make_dicom(np.zeros((100, 100, 3), np.uint8), syntax=J2K, frame=bytes(large)))


def test_a_picture_of_two_formats_is_dicom_and_not_decoded_as_the_other(make_dicom):
    tiff = encoded(np.full((40, 48, 3), 255, np.uint8), "TIFF")
    content = make_dicom(rgb())
    assert np.array_equal(open_image(tiff[:128].ljust(128, b"\0") + content[128:]), rgb())


def test_run_lengths_that_explode_stop_at_the_plane(make_dicom):
    segment = b"\x81\x00" * 2_000_000  # 2 bytes become 128: 256 MB
    header = struct.pack("<16L", 3, 64, 64 + len(segment), 64 + 2 * len(segment), *[0] * 12)
    picture = outcome(make_dicom(rgb(), syntax=RLE, frame=header + 3 * segment))
    assert picture is None or picture.shape == (40, 48, 3)
