import numpy as np
from PIL import Image

from lentigo.study.auditing.duplicates import THUMB_SIDE, thumbnail
from lentigo.study.auditing.duplicates._thumbnails import luminance, opponents


def test_thumbnails_of_a_picture_and_its_squeezed_copy_are_alike(photographs):
    squeezed = photographs[0].resize((260, 170), Image.Resampling.BICUBIC)
    one, other = (thumbnail(image).astype(float) for image in (photographs[0], squeezed))
    assert one.shape == (THUMB_SIDE, THUMB_SIDE, 3)
    assert np.abs(one - other).mean() < 3


def test_grey_has_luminance_and_no_colour():
    grey = np.full((1, 4, 4, 3), 130, dtype=np.uint8)
    assert np.allclose(luminance(grey), 130)
    assert np.allclose(opponents(grey)[0, 0], 130)
    assert np.allclose(opponents(grey)[0, 1:], 0)


def test_opponents_are_red_against_green_and_yellow_against_blue():
    pixel = np.array([[[[200, 150, 100]]]], dtype=np.uint8)
    assert np.allclose(opponents(pixel)[0, 1:, 0, 0], [50, 75])
