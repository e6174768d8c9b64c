import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lentigo.images._noise import fractal, honeycomb, resized, smoothstep, stream


def test_streams_of_one_seed_and_purpose_agree_and_others_differ():
    first = stream(5, "hair").random(4)
    assert (first == stream(5, "hair").random(4)).all()
    assert (first != stream(5, "skin").random(4)).all()
    assert (first != stream(6, "hair").random(4)).all()


@pytest.mark.parametrize("octaves", [1, 3, 5])
def test_fractal_noise_has_mean_zero_and_a_standard_deviation_of_0_7_to_1(octaves):
    maps = [fractal(stream(seed, "x"), 96, cells=12, octaves=octaves) for seed in range(20)]
    assert abs(np.mean(maps)) < 0.1
    assert 0.65 < np.std(maps) < 1.1


def test_fractal_noise_is_the_same_pattern_at_every_resolution():
    small = fractal(stream(1, "x"), 64, cells=5, octaves=2)
    large = fractal(stream(1, "x"), 128, cells=5, octaves=2)
    averaged = large.reshape(64, 2, 64, 2).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), averaged.ravel())[0, 1] > 0.99


def test_honeycomb_walls_are_as_far_apart_as_the_cells_are_wide():
    axis = np.linspace(-5, 5, 400, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    walls, centres = honeycomb(x, y, cell_mm=1.0, rng=stream(0, "x"))
    assert walls.min() >= 0
    is_centre = centres < 0.08  # a disc of 0.08 in each cell: pi * 0.08^2 = 2.0 % of the area
    assert is_centre.mean() == pytest.approx(np.pi * 0.08**2, rel=0.2)
    assert (walls[is_centre] > 0.1).mean() > 0.95


@given(st.floats(-5, 5, width=32), st.floats(0.125, 4, width=32))
def test_smoothstep_rises_from_zero_to_one_and_is_a_half_in_the_middle(low, width):
    values = np.array([low - 1, low, low + width / 2, low + width, low + width + 1], dtype=np.float32)
    assert smoothstep(low, low + width, values) == pytest.approx([0, 0, 0.5, 1, 1], abs=1e-3)


def test_resizing_keeps_a_constant():
    assert resized(np.full((3, 3), 0.25, dtype=np.float32), 50) == pytest.approx(0.25)
