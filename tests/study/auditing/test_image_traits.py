import io
import math

import numpy as np
import pytest
from PIL import Image

from lentigo.study.auditing._image_traits import colour_traits, file_traits


def encoded(image, kind="JPEG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def picture(size=(60, 40)):
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (*size[::-1], 3), dtype=np.uint8))


@pytest.mark.parametrize("quality", [40, 75, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(quality):
    assert file_traits(encoded(picture(), quality=quality))["file_quality"] == pytest.approx(quality, abs=1.5)


@pytest.mark.parametrize(("subsampling", "ratio"), [(0, 1.0), (1, 2.0), (2, 4.0)])
def test_chroma_subsampling_is_samples_of_light_for_one_of_colour(subsampling, ratio):
    assert file_traits(encoded(picture(), subsampling=subsampling))["file_subsampling"] == ratio


def test_size_shape_and_way_of_saving_are_told():
    content = encoded(picture(), progressive=True)
    traits = file_traits(content)
    assert (traits["file_width"], traits["file_height"], traits["file_aspect"]) == (60, 40, 1.5)
    assert traits["file_bytes"] == len(content)
    assert traits["file_bytes_per_pixel"] == len(content) / 2400
    assert traits["file_is_progressive"] is True
    assert traits["file_has_exif"] is traits["file_has_gps"] is False


def test_camera_software_and_place_in_the_exif_are_found():
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Maker", "D 3\x00", "Editor 1"
    exif.get_ifd(0x8825)[1] = "N"
    traits = file_traits(encoded(picture(), exif=exif))
    assert (traits["file_camera"], traits["file_software"]) == ("Maker D 3", "Editor 1")
    assert traits["file_has_exif"] is True
    assert traits["file_has_gps"] is True


def test_a_png_has_no_jpeg_quality():
    traits = file_traits(encoded(picture(), "PNG"))
    assert traits["file_format"] == "PNG"
    assert math.isnan(traits["file_quality"])
    assert math.isnan(traits["file_subsampling"])


def test_ring_and_corners_do_not_see_the_middle():
    pixels = np.full((96, 96, 3), (200, 150, 100), np.uint8)
    skin = colour_traits(Image.fromarray(pixels))
    pixels[20:76, 20:76] = 10
    lesion = colour_traits(Image.fromarray(pixels))
    for name, value in skin.items():
        assert (lesion[name] == value) != name.startswith("colour_"), name
    assert (skin["ring_red_mean"], skin["ring_green_q50"], skin["corner_blue_mean"]) == (200, 150, 100)


def test_one_dark_corner_is_seen():
    pixels = np.full((96, 96, 3), 200, np.uint8)
    pixels[:16, -16:] = 0
    traits = colour_traits(Image.fromarray(pixels))
    assert (traits["corner_darkest"], traits["corner_range"]) == (0.0, 200.0)


def test_detail_of_the_ring_is_the_mean_step_between_neighbours():
    stripes = np.zeros((96, 96, 3), np.uint8)
    stripes[::2] = 10  # every step down is 10, every step across 0
    assert colour_traits(Image.fromarray(stripes))["ring_detail"] == 10.0


def test_a_large_photograph_has_nearly_the_numbers_of_its_small_copy():
    large = Image.effect_mandelbrot((900, 600), (-2, -1, 1, 1), 80).convert("RGB")
    small = large.resize((300, 200), Image.Resampling.BOX)
    for name, value in colour_traits(small).items():
        assert colour_traits(large)[name] == pytest.approx(value, abs=3), name


def test_a_damaged_exif_block_is_no_obstacle():
    traits = file_traits(encoded(picture(), exif=b"Exif\x00\x00not a TIFF header"))
    assert traits["file_has_exif"] is True
    assert traits["file_camera"] == ""


def test_a_picture_is_not_decoded_for_its_header():
    content = encoded(Image.new("RGB", (64, 64)), "PNG")
    cut = content[: content.index(b"IDAT") + 8]  # what follows the header is missing
    assert file_traits(cut)["file_width"] == 64


def test_a_dicom_file_has_traits_of_the_same_names(make_dicom, photo):
    dicom, jpeg = file_traits(make_dicom()), file_traits(photo.read_bytes())
    assert list(dicom) == list(jpeg)
    assert (dicom["file_width"], dicom["file_height"], dicom["file_mode"]) == (48, 40, "RGB")
    assert dicom["file_format"].startswith("DICOM 1.2.840")
    assert "Scope 3" in dicom["file_camera"]
