import numpy as np
import pytest

from lentigo.phantoms._pigments import FIELD_MM, Pigments, patch_of


def colour_of(**amounts):
    pigments = Pigments.none(1)
    for name, amount in amounts.items():
        getattr(pigments, name)[:] = amount
    return pigments.rgb()[0, 0].astype(int)


def test_a_patch_has_the_resolution_of_its_photographs_and_lies_about_its_middle():
    patch = patch_of(112)
    assert patch.px_per_mm == pytest.approx(112 / FIELD_MM)
    assert patch.x.mean() == pytest.approx(0, abs=1e-4)
    assert (patch.x[0, 1] - patch.x[0, 0]) == pytest.approx(1 / patch.px_per_mm, rel=1e-3)


def test_the_inner_patch_is_the_middle_of_the_whole():
    patch = patch_of(64)
    inner, part = patch.inner(4.0)
    assert inner.width_mm == pytest.approx(8.0, abs=2 / patch.px_per_mm)
    assert (patch.x[part, part] == inner.x).all()


def test_the_inner_patch_never_exceeds_the_whole():
    assert patch_of(64).inner(1000.0)[0].pixels == patch_of(64).pixels


def test_more_melanin_is_darker_and_browner():
    light, dark = colour_of(melanin=0.5), colour_of(melanin=1.5)
    assert (dark < light).all()
    assert light[0] > light[1] > light[2]


def test_blood_is_red_deep_melanin_is_bluish_and_scatter_is_white():
    red, deep, brown = colour_of(blood=1.0), colour_of(deep=1.0), colour_of(melanin=1.0)
    assert red[0] > 1.8 * red[1]
    assert deep[2] > deep[0]
    assert brown[2] < brown[0]
    assert np.ptp(colour_of(melanin=3.0, white=1.0)) < 40
