import numpy as np
import pytest
from PIL import Image, ImageFilter

from lentigo.study.auditing.quality._light import blur_px, chroma, clipped_share, corner_darkness, highlight
from lentigo.study.auditing.quality._picture import prepare


def vignetted(radius):
    y, x = np.mgrid[-1:1:224j, -1:1:224j]
    return Image.fromarray(np.where(np.hypot(x, y) < radius, 180, 8).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize("sigma", [2.0, 3.0, 4.5])
def test_blur_is_the_width_of_the_filter_that_was_applied(photograph, sigma):
    blurred = photograph().filter(ImageFilter.GaussianBlur(sigma))
    assert blur_px(prepare(blurred)) == pytest.approx(sigma, rel=0.2)


def test_sharp_picture_has_hardly_any_blur(photograph):
    assert blur_px(prepare(photograph())) < 1


def test_blur_does_not_depend_on_contrast(photograph):
    blurred = photograph().filter(ImageFilter.GaussianBlur(3))
    faint = Image.blend(blurred, Image.new("RGB", blurred.size, "grey"), 0.6)
    assert blur_px(prepare(faint)) == pytest.approx(blur_px(prepare(blurred)), rel=0.15)


def test_edge_of_the_field_does_not_make_a_blurred_picture_sharp(photograph):
    blurred = photograph().filter(ImageFilter.GaussianBlur(4))
    mask = vignetted(1.1).convert("L").point(lambda level: 255 * (level > 90))
    tube = Image.composite(blurred, Image.new("RGB", blurred.size), mask)
    assert blur_px(prepare(tube)) == pytest.approx(blur_px(prepare(blurred)), rel=0.15)


def test_blur_of_one_single_colour_is_undefined():
    assert np.isnan(blur_px(prepare(Image.new("RGB", (100, 100), "pink"))))


def test_highlight_ignores_the_black_surround():
    assert highlight(prepare(vignetted(0.9))) == pytest.approx(180 / 255, abs=0.01)


def test_clipped_counts_pixels_with_two_channels_at_their_end():
    pixels = np.full((100, 100, 3), 200, dtype=np.uint8)
    pixels[:10] = (255, 255, 190)
    pixels[10:50] = (255, 200, 190)
    assert clipped_share(prepare(Image.fromarray(pixels))) == pytest.approx(0.1)


def test_chroma_of_a_grey_picture_is_zero(photograph):
    assert chroma(prepare(photograph().convert("L").convert("RGB"))) == 0
    assert chroma(prepare(photograph())) > 50


@pytest.mark.parametrize(("radius", "is_dark"), [(1.0, True), (1.25, True), (2.0, False)])
def test_corners_are_dark_when_the_tube_cuts_them(radius, is_dark):
    assert (corner_darkness(prepare(vignetted(radius))) > 0.6) == is_dark


def test_one_dark_corner_is_not_enough():
    pixels = np.full((224, 224, 3), 180, dtype=np.uint8)
    pixels[:40, :40] = 5
    assert corner_darkness(prepare(Image.fromarray(pixels))) == 0
