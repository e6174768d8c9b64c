"""Colour profiles: Display-P3, Adobe RGB, grey and CMYK to sRGB, by every way from a file to pixels."""

import io
import logging
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from lentigo.config import ImageConfig
from lentigo.images import Preprocess, open_image
from lentigo.images._colour import to_srgb
from lentigo.images._profiles import ADOBE_RGB, DISPLAY_P3, SRGB, matrix_profile

P3, ADOBE = matrix_profile(DISPLAY_P3), matrix_profile(ADOBE_RGB)
JPEG = "1.2.840.10008.1.2.4.50"
IGNORE = ImageConfig(colour_profiles="ignore")


def skin():
    down, across = np.mgrid[:60, :80]
    pixels = np.stack([150 + across, 90 + down, 70 + (down + across) // 2], axis=-1)
    return Image.fromarray(pixels.astype(np.uint8))


def encoded(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def by_hand(image, space):
    """Return sRGB by the formulas of the two standards, without a colour engine."""
    red, green, blue, exponent = space
    unit = np.asarray(image, float) / 255
    light = unit**exponent if exponent else np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    there = np.linalg.inv(np.array(SRGB[:3]).T) @ np.array([red, green, blue]).T
    light = np.clip(light @ there.T, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("space", [DISPLAY_P3, ADOBE_RGB])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_wide_colours_become_srgb_as_the_formulas_say(space, kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    opened = open_image(encoded(skin(), kind, icc_profile=matrix_profile(space), **options))
    assert np.abs(np.asarray(opened, float) - by_hand(skin(), space)).max() <= 1.5
    assert np.abs(np.asarray(opened, float) - np.asarray(skin())).max() > 10


@pytest.mark.parametrize(
    "profile", [matrix_profile(SRGB), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()]
)
def test_pixels_tagged_as_srgb_stay_what_they_are(profile):
    assert np.array_equal(open_image(encoded(skin(), icc_profile=profile)), skin())


def test_profiles_are_left_alone_where_the_settings_say_so():
    assert np.array_equal(open_image(encoded(skin(), icc_profile=P3), limits=IGNORE), skin())


def test_adobe_rgb_that_a_camera_names_in_exif_alone_is_converted():
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA001: 0xFFFF, 0xA005: {1: "R03"}})
    content = encoded(skin(), "JPEG", quality=100, subsampling=0, exif=exif)
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0xA005)[1].strip("\0") == "R03"
    assert np.abs(np.asarray(open_image(content), float) - by_hand(skin(), ADOBE_RGB)).mean() < 1.5


def test_transparent_and_palette_pictures_are_converted_before_they_are_laid_on_white():
    clear = skin().copy()
    clear.putalpha(Image.new("L", clear.size, 255))
    wanted = np.asarray(to_srgb(skin(), P3, "a"))
    assert np.array_equal(open_image(encoded(clear, icc_profile=P3)), wanted)
    few = skin().quantize(16)
    assert np.array_equal(open_image(encoded(few, icc_profile=P3)), to_srgb(few.convert("RGB"), P3, "a"))


def grey_profile(exponent):
    """Return a profile of grey with one curve."""
    tags = {
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3l", 63190, 65536, 54061),
        b"kTRC": b"curv" + bytes(4) + struct.pack(">LH2x", 1, round(exponent * 256)),
    }
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">L", len(tags)), b""
    for name, value in tags.items():
        table += struct.pack(">4sLL", name, start + len(body), len(value))
        body += value
    head = struct.pack(">L4sL4s4s4s", start + len(body), b"none", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + struct.pack(">3l", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def test_grey_is_converted_by_its_own_curve_and_stays_grey_under_a_profile_of_colours():
    grey = skin().convert("L")
    assert np.array_equal(open_image(encoded(grey, icc_profile=P3)), grey.convert("RGB"))
    steep = np.asarray(open_image(encoded(grey, icc_profile=grey_profile(1.0))), int)
    light = np.asarray(grey, float) / 255  # linear light
    wanted = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(steep - wanted[..., None]).max() <= 2


def test_cmyk_without_a_profile_is_read_as_before():
    cmyk = skin().convert("CMYK")
    opened = open_image(encoded(cmyk, "TIFF"))
    assert np.array_equal(opened, cmyk.convert("RGB"))


@pytest.mark.parametrize("profile", [b"not a profile", P3[:200], P3[:132] + b"\xff" * 300, P3[:16] + b"CMYK" + P3[20:]])
def test_a_damaged_or_foreign_profile_is_ignored_with_a_note(profile, caplog):
    with caplog.at_level(logging.WARNING, logger="lentigo"):
        assert np.array_equal(open_image(encoded(skin(), icc_profile=profile)), skin())
    assert any("colour profile" in record.message for record in caplog.records)


def test_a_profile_with_flipped_bits_never_stops_a_photograph():
    rng = np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(P3)
        for _ in range(3):
            damaged[rng.integers(len(damaged))] ^= 1 << rng.integers(8)
        assert open_image(encoded(skin(), icc_profile=bytes(damaged))).size == skin().size


def test_a_large_tagged_photograph_is_made_smaller_before_its_colours_are_converted():
    large = Image.fromarray(np.tile(np.asarray(skin()), (10, 10, 1)))  # 800 x 600
    opened = open_image(encoded(large, icc_profile=P3), draft_side=100)
    assert opened.size == (134, 100)
    assert min(opened.size) >= 100


@pytest.mark.parametrize("where", ["data set", "stream"])
def test_profiles_in_dicom_are_converted_like_those_of_files(make_dicom, where):
    profile = P3 + bytes(len(P3) % 2)
    if where == "data set":
        content = make_dicom(np.asarray(skin()), ICCProfile=profile)
    else:
        frame = encoded(skin(), "JPEG", quality=100, subsampling=0, icc_profile=P3)
        content = make_dicom(np.asarray(skin()), syntax=JPEG, frame=frame, PhotometricInterpretation="YBR_FULL_422")
        assert np.array_equal(open_image(content), open_image(frame))
    assert np.abs(np.asarray(open_image(content), float) - by_hand(skin(), DISPLAY_P3)).mean() < 1.5
    assert np.abs(np.asarray(open_image(content, limits=IGNORE), float) - np.asarray(skin())).mean() < 1.5


def test_the_cache_tells_converted_pixels_from_others():
    assert Preprocess(ImageConfig()).key() != Preprocess(IGNORE).key()
