import numpy as np
import pytest
from PIL import Image

from lentigo.study.auditing.duplicates import _alignment
from lentigo.study.auditing.duplicates._alignment import Placement, align, detail
from lentigo.study.auditing.duplicates._verdict import _halved


@pytest.fixture(scope="module")
def texture():
    """A random picture without structure finer than four pixels, 256 px."""
    dots = np.random.default_rng(0).integers(0, 255, (40, 40), dtype=np.uint8)
    return Image.fromarray(dots).resize((256, 256), Image.Resampling.BICUBIC)


def window(picture, left, top, right, bottom):
    box = tuple(256 * share for share in (left, top, right, bottom))
    small = picture.resize((64, 64), Image.Resampling.BILINEAR, box=box)
    return np.asarray(small, dtype=np.float32)[None] * 0.7 + 60


def placed(still, moving, *, scale=(1.0, 1.0), offset=(0.0, 0.0), steps=8):
    start = Placement(np.array([scale]), np.array([offset]), np.zeros(1))
    (one, one_seen), (other, other_seen) = (detail(x, fine=0.7, coarse=4, floor=3) for x in (still, moving))
    return align(one, other, start, seen=(one_seen, other_seen), steps=steps)


def test_scale_and_shift_of_a_crop_are_found(texture):
    # The window lies at 0.9 and 0.85 of the sides, its middle at 0.52 and 0.475: 0.02 and -0.025 off the middle.
    part = window(texture, 0.07, 0.05, 0.97, 0.90)
    found = placed(part, window(texture, 0, 0, 1, 1), scale=(0.87, 0.87))
    assert found.scale[0] == pytest.approx([0.90, 0.85], abs=0.005)
    assert found.offset[0] == pytest.approx([0.02, -0.025], abs=0.005)
    assert found.likeness[0] > 0.95


def test_the_same_picture_is_wholly_alike(texture):
    whole = window(texture, 0, 0, 1, 1)
    assert placed(whole, whole, steps=0).likeness[0] == pytest.approx(1)


def test_pictures_that_hardly_overlap_are_not_compared(texture):
    whole = window(texture, 0, 0, 1, 1)
    assert placed(whole, whole, offset=(0.55, 0.55), steps=0).likeness[0] == -1  # 0.2 of it


def test_detail_does_not_know_exposure_contrast_and_slow_light(texture):
    whole = window(texture, 0, 0, 1, 1)
    slope = np.linspace(-20, 20, 64, dtype=np.float32)
    plain, _ = detail(whole, fine=0.7, coarse=3, floor=1)
    lit, _ = detail(whole * 0.8 + 30 + slope, fine=0.7, coarse=3, floor=1)
    assert np.corrcoef(plain[0, 4:-4, 4:-4].ravel(), lit[0, 4:-4, 4:-4].ravel())[0, 1] > 0.99


def test_black_corners_have_no_detail_and_are_not_seen(texture):
    axis = np.linspace(-1, 1, 64)
    is_dark = axis[:, None] ** 2 + axis**2 > 1
    flat = np.where(is_dark, 3, 180).astype(np.float32)[None]
    found, seen = detail(flat, fine=0.7, coarse=3, floor=1)
    assert abs(found).max() < 0.01
    assert not seen[0][is_dark].any()
    assert seen[0].mean() > 0.55  # the circle is 0.79 of the square, and its rim is left out too


def test_short_cuts_of_the_comparison_give_the_long_ways_figures_to_the_last_digit():
    rng = np.random.default_rng(3)
    pictures = rng.uniform(0, 255, (5, 32, 32)).astype(np.float32)
    gradient = np.empty_like(pictures)
    _alignment._gradient(pictures, gradient)
    np.testing.assert_array_equal(gradient, np.gradient(pictures, axis=1))
    np.testing.assert_array_equal(_halved(pictures), pictures.reshape(5, 16, 2, 16, 2).mean(axis=(2, 4)))
    scale, offset = rng.uniform(0.8, 1.2, (2, 5)).astype(np.float32), rng.normal(0, 0.1, (2, 5)).astype(np.float32)
    across, down = (_alignment._sampling(scale[i], offset[i], 32) for i in (0, 1))
    for seen in (np.ones((5, 32, 32), dtype=bool), rng.random((5, 32, 32)) < 0.9):
        product = down @ seen.astype(np.float32) @ across.swapaxes(1, 2)
        np.testing.assert_array_equal(_alignment._is_seen(seen, across, down), product > 0.99)


def test_a_tube_in_one_picture_changes_nothing_in_the_others():
    pictures = np.random.default_rng(4).uniform(60, 250, (3, 32, 32)).astype(np.float32)
    alone = detail(pictures[:2], fine=0.7, coarse=3.0, floor=2.0)
    pictures[2, :6] = 5
    together = detail(pictures, fine=0.7, coarse=3.0, floor=2.0)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other[:2])
    assert not together[1][2].all()
