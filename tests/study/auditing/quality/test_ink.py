import math

import pytest
from PIL import Image

from lentigo.study.auditing.quality._ink import ink_share
from lentigo.study.auditing.quality._picture import prepare
from lentigo.study.auditing.quality._rules import RULES
from lentigo.study.auditing.quality._skin import find_skin

THRESHOLD = next(rule.threshold for rule in RULES if rule.key == "ink")


def share(photo):
    return ink_share(photo, find_skin(photo))


@pytest.mark.parametrize("colour", [(84, 60, 130), (40, 90, 190), (60, 170, 160), (40, 150, 60)])
def test_a_stroke_of_a_coloured_pen_is_ink(picture, colour):
    photo = picture(lambda pen: pen.line([20, 60, 60, 20], fill=colour, width=8))
    assert share(photo) > THRESHOLD


def test_share_is_the_area_of_a_sticker(picture):
    photo = picture(lambda pen: pen.rectangle([180, 60, 224, 160], fill=(40, 150, 220)))
    assert share(photo) == pytest.approx(44 * 101 / 224**2, rel=0.1)


def test_skin_lesion_and_hairs_are_no_ink(picture, hairs):
    assert share(picture()) == 0
    assert share(picture(hairs(20))) < THRESHOLD


def test_a_blue_lesion_is_no_ink(picture):
    assert share(picture(lambda pen: pen.ellipse([70, 80, 150, 150], fill=(70, 80, 130)))) == 0


def test_a_violet_cast_of_the_whole_picture_is_no_ink(picture):
    assert share(picture(skin=(190, 165, 210))) == 0


def test_grey_hair_and_black_corners_are_no_ink(picture):
    def draw(pen):
        pen.polygon([(0, 0), (40, 0), (0, 40)], fill=(25, 28, 40))
        pen.line([10, 200, 200, 180], fill=(150, 150, 155), width=5)

    assert share(picture(draw)) == 0


def test_ink_without_skin_is_undefined():
    assert math.isnan(share(prepare(Image.new("RGB", (64, 64), "white"))))
