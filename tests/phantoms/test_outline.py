import numpy as np
import pytest

from lentigo.images._noise import stream
from lentigo.phantoms._outline import blob_region, shape_of
from lentigo.phantoms._pigments import patch_of

PATCH = patch_of(96)


def mirrored_overlap(is_inside):
    """Mean intersection over union of a shape with itself turned half round its centre: 1 for a symmetric one."""
    rows, columns = np.nonzero(is_inside)
    y, x = round(2 * rows.mean()) - rows, round(2 * columns.mean()) - columns
    turned = np.zeros_like(is_inside)
    turned[np.clip(y, 0, len(turned) - 1), np.clip(x, 0, len(turned) - 1)] = True
    return (turned & is_inside).sum() / (turned | is_inside).sum()


def roughness(is_inside):
    """Perimeter squared over area, 4 pi (here about 16, of pixel edges) for a disc."""
    edges = (is_inside[1:] != is_inside[:-1]).sum() + (is_inside[:, 1:] != is_inside[:, :-1]).sum()
    return edges**2 / is_inside.sum()


@pytest.mark.parametrize("diameter_mm", [3.0, 6.0, 8.5])
@pytest.mark.parametrize("asymmetry", [0.05, 0.9])
def test_the_area_is_that_of_a_circle_of_the_true_diameter(lesion, diameter_mm, asymmetry):
    shape = shape_of(lesion(diameter_mm=diameter_mm, asymmetry=asymmetry), PATCH)
    area = (shape.depth > 0).sum() / PATCH.px_per_mm**2
    assert area == pytest.approx(np.pi * diameter_mm**2 / 4, rel=0.05)


def test_asymmetry_makes_outlines_less_symmetric(lesion):
    overlap = {
        asymmetry: np.mean(
            [mirrored_overlap(shape_of(lesion(seed=seed, asymmetry=asymmetry), PATCH).depth > 0) for seed in range(12)]
        )
        for asymmetry in (0.05, 0.5, 0.95)
    }
    assert overlap[0.05] > overlap[0.5] + 0.03 > overlap[0.95] + 0.06


def test_border_makes_outlines_rougher(lesion):
    rough = {
        border: np.mean([roughness(shape_of(lesion(seed=s, border=border), PATCH).depth > 0) for s in range(12)])
        for border in (0.05, 0.5, 0.95)
    }
    assert rough[0.05] * 1.05 < rough[0.5] < rough[0.95] / 1.05


def test_sharpness_narrows_the_soft_rim(lesion):
    def width(sharpness):
        mask = shape_of(lesion(sharpness=sharpness), PATCH).mask
        return ((mask > 0.1) & (mask < 0.9)).sum()

    assert width(0.1) > 1.5 * width(0.9)


def test_a_region_off_centre_lies_to_one_side(lesion):
    shape = shape_of(lesion(), PATCH)
    region = blob_region(shape, PATCH, stream(0, "x"), size=0.4, off_centre=0.8, raggedness=0.1)
    x, y = np.average(PATCH.x, weights=region), np.average(PATCH.y, weights=region)
    assert np.hypot(x - shape.centre[0], y - shape.centre[1]) == pytest.approx(0.8 * 3.0, rel=0.15)
