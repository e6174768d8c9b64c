import math

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from lentigo.study.auditing.quality._picture import prepare
from lentigo.study.auditing.quality._skin import Skin, colour_cast, find_skin, summarize_tone, tone_angle, tone_classes

PALE, TAN, DARK = (226, 188, 168), (188, 140, 110), (92, 62, 48)


def test_skin_is_found_beside_a_lesion_hairs_glare_and_a_black_surround(photograph, hairs):
    def draw(pen):
        hairs(10)(pen)
        pen.ellipse([20, 150, 60, 180], fill=(255, 255, 255))

    image = photograph(draw, skin=PALE)
    corner = ImageDraw.Draw(image)
    corner.polygon([(0, 0), (90, 0), (0, 90)], fill=(3, 3, 3))
    assert find_skin(prepare(image)).rgb == pytest.approx(PALE, abs=4)


@pytest.mark.parametrize(
    ("rgb", "lab"),  # Lindbloom's calculator, D65
    [((255, 0, 0), (53.24, 80.09, 67.20)), ((0, 0, 255), (32.30, 79.19, -107.86)), ((119, 119, 119), (50.03, 0, 0))],
)
def test_lab_has_its_published_values(rgb, lab):
    assert find_skin(prepare(Image.new("RGB", (64, 64), rgb))).lab == pytest.approx(lab, abs=0.1)


def test_darker_skin_has_a_smaller_angle(photograph):
    angles = [tone_angle(find_skin(prepare(photograph(skin=skin))))[0] for skin in (PALE, TAN, DARK)]
    assert angles == sorted(angles, reverse=True)
    assert angles[0] > 41
    assert angles[2] < -10


def test_angle_of_a_well_balanced_photograph_is_the_textbook_one():
    lab = np.array([68.0, 10.0, 15.0])
    angle, low, high = tone_angle(Skin(lab, lab, np.zeros(3)))
    assert angle == pytest.approx(math.degrees(math.atan2(18, 15)))
    assert low < angle < high


def test_interval_covers_the_angle_under_the_light_of_another_camera():
    true = np.array([66.0, 12.0, 15.0])
    angle = math.degrees(math.atan2(16, 15))
    for change in ((3, 0, -8), (-3, 0, 8), (4, 0, 4), (-4, 0, -4)):
        _, low, high = tone_angle(Skin(true, true + change, np.zeros(3)))
        assert low < angle < high


def test_uneven_skin_widens_the_interval():
    lab = np.array([66.0, 12.0, 15.0])
    _, low, high = tone_angle(Skin(lab, lab, np.array([6.0, 2.0, 6.0])))
    _, even_low, even_high = tone_angle(Skin(lab, lab, np.zeros(3)))
    assert high - low > even_high - even_low


def test_black_picture_has_no_skin_to_judge():
    skin = find_skin(prepare(Image.new("RGB", (64, 64), "white")))
    assert np.isnan(tone_angle(skin)).all()
    assert math.isnan(colour_cast(skin))


@pytest.mark.parametrize(
    ("skin", "is_cast"), [(PALE, False), (DARK, False), ((190, 170, 215), True), ((150, 190, 150), True)]
)
def test_violet_and_green_skin_have_a_cast(photograph, skin, is_cast):
    assert (colour_cast(find_skin(prepare(photograph(skin=skin)))) > 10) == is_cast


def test_tone_is_uncertain_when_the_interval_spans_more_than_two_classes():
    quality = pd.DataFrame(
        {
            "ita": [60.0, 45.0, 45.0, -40.0, np.nan],
            "ita_low": [45.0, 30.0, 20.0, -60.0, np.nan],  # two classes; two; three; dark alone
            "ita_high": [80.0, 50.0, 50.0, -31.0, np.nan],
        }
    )
    assert tone_classes(quality).tolist() == ["very light", "light", "uncertain", "dark", "uncertain"]


def test_summary_counts_images_with_skin_only():
    quality = pd.DataFrame({"ita": [60.0, 70.0, np.nan], "ita_low": [50.0] * 3, "ita_high": [80.0] * 3})
    summary = summarize_tone(quality)
    assert summary.counts == {"very light": 2}
    assert (summary.median, summary.uncertainty) == (65.0, 15.0)


def test_summary_of_no_images_is_undefined():
    empty = pd.DataFrame({"ita": [], "ita_low": [], "ita_high": []}, dtype=float)
    assert summarize_tone(empty).counts == {}
    assert math.isnan(summarize_tone(empty).median)
