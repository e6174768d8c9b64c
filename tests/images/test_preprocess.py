import numpy as np
import pytest
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.images import Preprocess


def disc(width, height):
    """A red disc on white, in the middle, of half the short side's diameter."""
    y, x = np.mgrid[:height, :width]
    inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 4) ** 2
    return Image.fromarray(np.where(inside[..., None], (200, 30, 30), (255, 255, 255)).astype(np.uint8))


def extent(pixels):
    """Width and height of what is red."""
    red = (pixels[..., 0].astype(int) - pixels[..., 1]) > 90
    rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    return columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1


def test_padding_keeps_the_whole_field_and_round_lesions_round():
    fitted = np.asarray(Preprocess(ImageConfig(size=120)).fit(disc(400, 200)))
    width, height = extent(fitted)
    assert abs(width - height) <= 1
    assert abs(width - 30) <= 1  # half of 200 pixels, scaled by 120/400
    assert fitted[:29].std(axis=(0, 1)).max() == 0  # bars of the mean colour above and below
    assert tuple(fitted[0, 0]) == (124, 116, 104)
    assert tuple(fitted[60, 0]) == (255, 255, 255)


def test_padding_is_near_zero_for_the_network():
    preprocess = Preprocess(ImageConfig(size=120))
    batch = preprocess.normalize(np.asarray(preprocess.fit(disc(400, 200)))[None])
    assert np.abs(batch[0, :, 0, 0]).max() < 0.01


def test_squeezing_keeps_the_whole_field_and_gives_up_the_aspect():
    width, height = extent(np.asarray(Preprocess(ImageConfig(size=120, fit="squeeze")).fit(disc(400, 200))))
    assert abs(height - 2 * width) <= 2


def test_cropping_fills_the_square():
    fitted = np.asarray(Preprocess(ImageConfig(size=120, fit="crop")).fit(disc(400, 200)))
    assert extent(fitted) == pytest.approx((60, 60), abs=1)
    assert tuple(fitted[0, 0]) == (255, 255, 255)


def test_an_image_of_the_right_size_is_not_touched():
    image = disc(64, 64)
    assert Preprocess(ImageConfig(size=64)).fit(image) is image


def test_normalisation_is_the_field_s(tmp_path):
    pixels = np.full((1, 16, 16, 3), 255, np.uint8)
    batch = Preprocess(ImageConfig(size=16)).normalize(pixels)
    assert batch.shape == (1, 3, 16, 16)
    assert batch.dtype == np.float32
    np.testing.assert_allclose(
        batch[0, :, 0, 0], [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225], rtol=1e-6
    )


def test_the_key_changes_with_whatever_changes_pixels():
    keys = {Preprocess(ImageConfig(**change)).key() for change in ({}, {"size": 64}, {"fit": "crop"}, {"min_side": 8})}
    assert len(keys) == 4
