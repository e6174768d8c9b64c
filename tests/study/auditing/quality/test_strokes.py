import numpy as np
import pytest
from scipy import ndimage

from lentigo.study.auditing.quality._strokes import find_strokes, hair_share, line_depth


def test_depth_is_highest_across_the_line_and_zero_along_it():
    luma = np.full((40, 40), 200, dtype=np.int16)
    luma[:, 20] = 150
    depth = line_depth(luma)[:, 20, 20] // 3
    assert depth[0] == 50
    assert depth[4] == 0


def test_an_edge_is_no_line():
    luma = np.full((40, 40), 200, dtype=np.int16)
    luma[:, 20:] = 100
    assert line_depth(luma).max() == 0


def test_a_stroke_has_the_length_width_and_angle_of_what_was_drawn(picture):
    found = find_strokes(picture(lambda pen: pen.line([40, 60, 120, 60], fill=(50, 30, 30), width=1), has_lesion=False))
    longest = found.length.argmax()
    assert found.length[longest] == pytest.approx(84, abs=4)  # 81, and what averaging adds
    assert found.width[longest] < 2
    assert abs(np.sin(found.angle[longest])) < 0.02
    assert found.centre[longest] == pytest.approx([80, 60], abs=1)


def test_pixels_are_grouped_as_an_independent_labelling_groups_them(picture, hairs):
    photo = picture(hairs(12))
    found = find_strokes(photo)
    height, width = photo.luma.shape
    expected = 0
    for direction in range(8):
        mask = np.zeros(height * width, dtype=bool)
        mask[found.pixel[found.direction[found.owner] == direction]] = True
        expected += ndimage.label(mask.reshape(height, width), np.ones((3, 3)))[1]
    assert len(found.length) == expected


def test_hair_share_grows_with_the_number_of_hairs_and_is_zero_without(picture, hairs):
    shares = [hair_share(photo, find_strokes(photo)) for photo in map(picture, map(hairs, (0, 4, 16)))]
    assert shares[0] == 0
    assert 0 < shares[1] < shares[2] / 2


def test_hair_share_is_the_share_of_pixels_drawn(picture):
    photo = picture(lambda pen: pen.line([112, 0, 112, 224], fill=(50, 30, 30), width=1), has_lesion=False)
    assert hair_share(photo, find_strokes(photo)) == pytest.approx(1 / 224, rel=0.1)
