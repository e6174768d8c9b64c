import numpy as np
import pytest

from lentigo.study.auditing.quality._ruler import NO_RULER, ruler_evidence
from lentigo.study.auditing.quality._strokes import find_strokes


def evidence(photo):
    return ruler_evidence(photo, find_strokes(photo))


def ticks(n, *, spacing=9, length=7, angle=0.0, start=(30, 190), jitter=0.0):
    def draw(pen):
        rng = np.random.default_rng(5)
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        for number in range(n):
            foot = np.array(start) + along * (spacing * number + rng.normal(0, jitter) if jitter else spacing * number)
            foot = foot + (across * rng.normal(0, jitter) if jitter else 0)
            pen.line([*foot.tolist(), *(foot - across * length).tolist()], fill=(40, 30, 30), width=1)

    return draw


def test_smooth_skin_has_no_ruler(picture):
    assert evidence(picture()) == NO_RULER


@pytest.mark.parametrize("angle", [0.0, 0.4, np.pi / 4, 1.2, np.pi / 2])
def test_ten_ticks_are_a_ruler_whatever_its_direction(picture, angle):
    assert evidence(picture(ticks(10, angle=angle, start=(60, 60)))) > 3


@pytest.mark.parametrize(("spacing", "length"), [(4, 3), (6, 5), (16, 12)])
def test_ticks_of_fine_and_coarse_scales_are_found(picture, spacing, length):
    assert evidence(picture(ticks(11, spacing=spacing, length=length))) > 3


def test_ticks_on_a_base_line_are_found(picture):
    def draw(pen):
        ticks(10, spacing=6, length=4)(pen)
        pen.line([30, 190, 84, 190], fill=(40, 30, 30), width=1)

    assert evidence(picture(draw)) > 3


def test_more_ticks_are_more_evidence_and_three_are_none(picture):
    of_three, of_five, of_ten = (evidence(picture(ticks(n))) for n in (3, 5, 10))
    assert of_three < 2 < of_five < of_ten


def test_the_same_strokes_scattered_are_no_ruler(picture):
    assert evidence(picture(ticks(10, jitter=6.0))) < 1


def test_hairs_are_no_ruler(picture, hairs):
    assert max(evidence(picture(hairs(n))) for n in (5, 20, 60)) < 1


def test_hairs_over_a_ruler_weaken_it_but_do_not_hide_it(picture, hairs):
    def draw(pen):
        ticks(12)(pen)
        hairs(8)(pen)

    assert 2 < evidence(picture(draw)) < evidence(picture(ticks(12)))
