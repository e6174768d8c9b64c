import numpy as np
import pytest

from lentigo.phantoms import PhantomOptions, draw_lesion
from lentigo.phantoms._dataset import draw_mask, plan_phantom
from lentigo.study.auditing._masking import lesion_discs, only_centre, without_lesion


def disc_picture(x, y, radius, *, side=128, skin=210, lesion=70):
    axis = np.arange(side) + 0.5
    is_lesion = np.hypot(axis[None, :] - x * side, axis[:, None] - y * side) <= radius * side
    return np.where(is_lesion[..., None], np.uint8(lesion), np.uint8(skin)).repeat(3, axis=-1)


@pytest.mark.parametrize(("x", "y", "radius"), [(0.5, 0.5, 0.2), (0.4, 0.6, 0.25), (0.55, 0.45, 0.3)])
def test_the_disc_lies_around_the_lesion(x, y, radius):
    discs, is_found = lesion_discs(disc_picture(x, y, radius)[None])
    assert is_found.all()
    np.testing.assert_allclose(discs[0], (x, y, 1.15 * radius), atol=0.04)


def test_even_skin_gives_the_middle_and_says_so():
    discs, is_found = lesion_discs(np.full((2, 64, 64, 3), 200, np.uint8))
    assert discs.tolist() == [[0.5, 0.5, 0.3]] * 2
    assert not is_found.any()


def test_nothing_of_a_phantom_lesion_is_left_but_little_of_the_skin_is_lost():
    photos = plan_phantom(PhantomOptions(n_images=24, difficulty="easy"))[0]
    pictures = np.stack([draw_lesion(photo.lesion, photo.view, size=96) for photo in photos])
    masks = np.stack([draw_mask(photo.lesion, photo.view, size=96) for photo in photos])
    is_changed = (without_lesion(pictures) != pictures).any(axis=-1)
    hidden = (is_changed & masks).sum(axis=(1, 2)) / masks.sum(axis=(1, 2))
    assert np.median(hidden) > 0.97
    assert (hidden > 0.85).mean() > 0.9
    assert np.median((is_changed & ~masks).sum(axis=(1, 2)) / 96**2) < 0.3


def test_only_the_centre_is_kept_and_nothing_of_the_rest_shows_in_the_filling():
    pictures = np.random.default_rng(0).integers(0, 255, (2, 50, 50, 3), dtype=np.uint8)
    pictures[1] = pictures[0]
    is_far = np.hypot(*(np.mgrid[:50, :50] + 0.5 - 25)) > 18
    pictures[1][is_far] = 0
    kept = only_centre(pictures)
    np.testing.assert_array_equal(kept[0], kept[1])
    is_kept = (kept[0] == pictures[0]).all(axis=-1)
    assert is_kept.mean() == pytest.approx(np.pi * 0.35**2, abs=0.02)
    assert len(np.unique(kept[0][~is_kept], axis=0)) == 1


def test_a_darkening_towards_the_corners_is_not_taken_for_a_lesion():
    axis = (np.arange(128) + 0.5) / 128 - 0.5
    light = 1 - 1.2 * (axis[:, None] ** 2 + axis**2)
    picture = (disc_picture(0.5, 0.5, 0.15) * light[..., None]).astype(np.uint8)
    discs, is_found = lesion_discs(picture[None])
    assert is_found.all()
    np.testing.assert_allclose(discs[0], (0.5, 0.5, 1.15 * 0.15), atol=0.04)


def test_the_filling_is_the_skin_around_the_lesion_and_not_the_dark_corner():
    picture = disc_picture(0.5, 0.5, 0.2)
    picture[:, :20] = 20
    filled = without_lesion(picture[None])[0]
    assert filled[64, 64].tolist() == [210, 210, 210]
