import numpy as np
import pytest

from lentigo.images._stencil import Stencil, curve
from lentigo.phantoms._pigments import patch_of

PATCH = patch_of(128)
PIXEL_MM2 = 1 / PATCH.px_per_mm**2


def test_a_disc_covers_its_area_and_lies_where_it_was_put():
    stencil = Stencil(PATCH)
    stencil.disc(2.0, -1.0, radius_mm=1.5)
    coverage = stencil.coverage()
    assert coverage.sum() * PIXEL_MM2 == pytest.approx(np.pi * 1.5**2, rel=0.05)
    assert np.average(PATCH.x, weights=coverage) == pytest.approx(2.0, abs=0.05)
    assert np.average(PATCH.y, weights=coverage) == pytest.approx(-1.0, abs=0.05)


def test_a_stroke_covers_length_times_mean_width():
    stencil = Stencil(PATCH)
    stencil.stroke(curve((-4, 0), (0, 0), (4, 0)), widths_mm=np.linspace(1.0, 0.2, 16))
    assert stencil.coverage().sum() * PIXEL_MM2 == pytest.approx(8 * 0.6, rel=0.1)


def test_edges_are_anti_aliased():
    stencil = Stencil(PATCH)
    stencil.disc(0, 0, radius_mm=2.0)
    coverage = stencil.coverage()
    assert ((coverage > 0) & (coverage < 1)).sum() > 20


def test_blur_keeps_the_amount():
    stencil = Stencil(PATCH)
    stencil.disc(0, 0, radius_mm=1.0)
    assert stencil.coverage(blur_mm=0.3).sum() == pytest.approx(stencil.coverage().sum(), rel=0.02)
    assert stencil.coverage(blur_mm=0.3).max() <= 1
