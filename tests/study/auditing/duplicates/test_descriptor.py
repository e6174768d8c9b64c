import numpy as np
import pytest
from scipy.fft import dctn

from lentigo.study.auditing.duplicates._descriptor import WINDOWS, frequencies, invariant, turn, turned_products


@pytest.fixture
def planes():
    return np.random.default_rng(0).uniform(0, 255, (3, 3, 64, 64)).astype(np.float32)


def test_frequencies_are_the_low_part_of_the_cosine_transform(planes):
    spectrum = dctn(planes[0, 0].astype(float), type=2, norm="ortho")[:8, :8]
    spectrum[0, 0] = 0
    assert np.allclose(frequencies(planes)[0, :64], (spectrum / np.linalg.norm(spectrum)).ravel(), atol=1e-5)


def test_frequencies_of_a_window_are_those_of_the_crop(planes):
    crop = np.ascontiguousarray(planes[:, :, 16:48, 0:32])
    assert np.allclose(frequencies(planes, (0.0, 0.5, 0.25, 0.75)), frequencies(crop), atol=1e-5)


def test_windows_lie_in_the_picture_and_the_whole_comes_first():
    assert WINDOWS[0] == (0.0, 1.0, 0.0, 1.0)
    for left, right, top, bottom in WINDOWS:
        assert 0 <= left < right <= 1 + 1e-9
        assert 0 <= top < bottom <= 1 + 1e-9


def test_brightness_contrast_and_white_balance_change_nothing(planes):
    changed = planes * 0.8 + np.array([20, -7, 11], dtype=np.float32)[:, None, None]
    assert np.allclose(frequencies(changed), frequencies(planes), atol=1e-5)


@pytest.mark.parametrize("number", range(8))
def test_no_turn_changes_the_invariant_and_the_products_tell_which(planes, number):
    spectra, turned = frequencies(planes), frequencies(np.ascontiguousarray(turn(planes, number)))
    assert np.allclose(invariant(turned), invariant(spectra), atol=1e-5)
    products = turned_products(turned, spectra)
    assert list(products.argmax(axis=1)) == [number] * 3
    assert np.allclose(products[:, number], 1, atol=1e-5)


def test_turns_are_eight_different_ones():
    picture = np.arange(9, dtype=np.float32).reshape(3, 3)
    assert len({turn(picture, number).tobytes() for number in range(8)}) == 8


def test_plain_pictures_have_finite_descriptors():
    spectra = frequencies(np.full((1, 3, 64, 64), 80, dtype=np.float32))
    assert np.isfinite(invariant(spectra)).all()
