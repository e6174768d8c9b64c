import pytest
from PIL import ImageFont

from lentigo.study.auditing.quality._rules import RULES
from lentigo.study.auditing.quality._text import glyphs_in_row

THRESHOLD = next(rule.threshold for rule in RULES if rule.key == "text")


def written(text, *, fill, size):
    font = ImageFont.load_default(size)
    return lambda pen: pen.text((12, 196), text, fill=fill, font=font)


@pytest.mark.parametrize("fill", ["white", "black", "yellow"])
@pytest.mark.parametrize("size", [12, 16])
def test_a_date_is_found_in_any_colour(picture, fill, size):
    assert glyphs_in_row(picture(written("2019 11 24", fill=fill, size=size), skin=(170, 120, 100))) > THRESHOLD


def test_skin_with_a_lesion_has_no_text(picture):
    assert glyphs_in_row(picture()) < 2


def test_hairs_are_no_text(picture, hairs):
    assert glyphs_in_row(picture(hairs(40))) < THRESHOLD


def test_ticks_of_a_scale_are_no_text(picture):
    def draw(pen):
        for x in range(20, 120, 6):
            pen.line([x, 190, x, 198], fill=(20, 20, 20), width=1)

    assert glyphs_in_row(picture(draw)) < THRESHOLD
