import math

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter

from lentigo.study.auditing.quality import flags, measure
from lentigo.study.auditing.quality._rules import FLAG_NAMES, RULES


def raised(image):
    row = flags(pd.DataFrame([measure(image)])).iloc[0]
    return set(row.index[row])


def test_a_good_photograph_raises_nothing(photograph):
    assert raised(photograph()) == set()


def test_each_flaw_raises_its_flag(photograph, hairs):
    good = photograph()
    dark = good.point(lambda level: round(0.3 * level))
    assert raised(good.resize((100, 100))) == {"tiny"}
    assert raised(good.convert("L").convert("RGB")) == {"grey"}
    assert raised(good.filter(ImageFilter.GaussianBlur(5))) == {"blurred"}
    assert "under_exposed" in raised(dark)
    assert "over_exposed" in raised(good.point(lambda level: min(255, round(1.6 * level))))
    assert "colour_cast" in raised(photograph(skin=(180, 165, 220)))
    assert "hair" in raised(photograph(hairs(20)))


def test_dark_skin_in_good_light_is_not_under_exposed(photograph):
    assert "under_exposed" not in raised(photograph(skin=(112, 77, 60)))


def test_a_missing_measure_raises_nothing():
    nothing = pd.DataFrame([dict.fromkeys((rule.measure for rule in RULES), math.nan)])
    assert not flags(nothing).to_numpy().any()


def test_every_flag_has_a_name_and_a_measure(photograph):
    measured = measure(photograph())
    assert {rule.measure for rule in RULES} <= set(measured)
    assert list(flags(pd.DataFrame([measured]))) == list(FLAG_NAMES)


@pytest.mark.parametrize("size", [(1, 1), (8, 300), (16, 16), (17, 33), (300, 16), (1200, 900)])
def test_any_size_can_be_measured(size):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    for image in (Image.fromarray(noise), Image.new("RGB", size, "black"), Image.new("RGB", size, "white")):
        measured = measure(image)
        assert measured["short_side"] == min(size)
        assert all(isinstance(value, float) for value in measured.values())


def test_measures_do_not_depend_on_flips_much(photograph, hairs):
    image = photograph(hairs(12))
    upright, mirrored = measure(image), measure(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert mirrored["hair"] == pytest.approx(upright["hair"], rel=0.1)
    assert mirrored["ita"] == pytest.approx(upright["ita"], abs=0.5)
    assert mirrored["blur_px"] == pytest.approx(upright["blur_px"], abs=0.2)
