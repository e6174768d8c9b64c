"""Every corruption: harder with strength, the same for the same seed, nested, and nothing but pixels."""

from itertools import pairwise

import numpy as np
import pytest

from lentigo.errors import ConfigError
from lentigo.phantoms import DEVICES, View, draw_lesion, sample_lesion
from lentigo.study.stressing import STRENGTHS, choose, corrupt, generator_for
from lentigo.study.stressing._catalogue import CORRUPTIONS

KEYS = [corruption.key for corruption in CORRUPTIONS]


@pytest.fixture(scope="module")
def picture():
    return draw_lesion(sample_lesion("MEL", seed=5, hair=0.0), View(seed=3, device=DEVICES[0]), size=112)


def corrupted(picture, key, strength, *, image="a", seed=0):
    return corrupt(picture, choose([key])[0], strength, rng=generator_for(key, image, seed=seed))


@pytest.mark.parametrize("key", KEYS)
def test_every_strength_is_farther_from_the_intact_picture_than_the_one_before(picture, key):
    distance = [np.abs(corrupted(picture, key, s).astype(int) - picture).mean() for s in STRENGTHS]
    assert distance[0] > 0
    assert (np.diff(distance) > 0).all(), distance


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("shape", [(40, 64), (64, 40), (33, 33), (8, 21)])
def test_shape_and_dtype_stay_for_pictures_of_any_size(key, shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    before = pixels.copy()
    for strength in STRENGTHS:
        made = corrupted(pixels, key, strength)
        assert made.dtype == np.uint8
        assert made.shape == pixels.shape
    assert (pixels == before).all(), "the picture that was given was changed"


@pytest.mark.parametrize("key", KEYS)
def test_strength_0_is_a_copy_of_the_picture(picture, key):
    made = corrupted(picture, key, 0)
    assert (made == picture).all()
    assert made is not picture


@pytest.mark.parametrize("key", KEYS)
def test_same_seed_and_image_give_the_same_pixels(picture, key):
    assert (corrupted(picture, key, 3) == corrupted(picture, key, 3)).all()


@pytest.mark.parametrize("key", ["hair", "ruler", "ink", "noise", "shift"])
def test_another_image_or_seed_gets_other_hairs_marks_noise_and_directions(picture, key):
    first = corrupted(picture, key, 4)
    assert (first != corrupted(picture, key, 4, image="b")).any()
    assert (first != corrupted(picture, key, 4, seed=1)).any()


@pytest.mark.parametrize("key", ["hair", "ruler", "ink", "corners"])
def test_more_of_an_obstacle_covers_all_that_less_of_it_did(picture, key):
    covered = [(corrupted(picture, key, s) != picture).any(axis=2) for s in STRENGTHS]
    for less, more in pairwise(covered):
        assert less.sum() < more.sum()
        # rounding may bring a pixel at a stroke's soft edge back to its first grey level
        assert (less & ~more).mean() < 0.002


def test_louder_noise_is_the_same_noise(picture):
    # mid-grey, where nothing is clipped
    grey = np.full_like(picture, 128)
    quiet, loud = (corrupted(grey, "noise", s).astype(float) - 128 for s in (1, 3))
    assert np.corrcoef(quiet.ravel(), loud.ravel())[0, 1] > 0.97


def test_a_farther_shift_goes_the_same_way():
    pixels = np.zeros((101, 101, 3), dtype=np.uint8)
    pixels[48:53, 48:53] = 255

    def place(strength):
        light = corrupted(pixels, "shift", strength)[..., 0].astype(float)
        return np.array([(light.sum(axis=a) * np.arange(101)).sum() / light.sum() - 50 for a in (0, 1)])

    near, far = place(1), place(5)
    assert np.linalg.norm(far) == pytest.approx(20.2, abs=0.3)  # 20 % of 101
    assert near @ far / np.linalg.norm(near) / np.linalg.norm(far) > 0.99


def test_two_stops_less_light_quarter_the_linear_intensity():
    from lentigo.study.stressing._exposure import expose

    made = expose(np.full((8, 8, 3), 200, dtype=np.uint8), -2.0, np.random.default_rng(0))
    assert made[0, 0, 0] == round(200 * 0.25 ** (1 / 2.2))


def test_warmer_light_is_redder_and_cooler_light_bluer_at_equal_luminance():
    grey = np.full((8, 8, 3), 128, dtype=np.uint8)
    luminance = np.array([0.2126, 0.7152, 0.0722])
    for key, stronger, weaker in (("warmer", 0, 2), ("cooler", 2, 0)):
        colour = corrupted(grey, key, 5)[0, 0].astype(float)
        assert colour[stronger] > 128 > colour[weaker]
        assert (colour / 255) ** 2.2 @ luminance == pytest.approx((128 / 255) ** 2.2, rel=0.02)


def test_a_centred_disc_only_grows_when_zoomed_in():
    y, x = np.mgrid[:101, :101] - 50
    disc = np.repeat(((np.hypot(x, y) < 15) * np.uint8(255))[..., None], 3, axis=2)
    area = [(corrupted(disc, "closer", s)[..., 0] > 127).sum() for s in (0, *STRENGTHS)]
    assert area[5] / area[0] == pytest.approx(4, rel=0.05)  # twice the size


def test_a_rotation_leaves_a_centred_disc_where_it_is():
    y, x = np.mgrid[:101, :101] - 50
    disc = np.repeat(np.clip(400 - 10 * np.hypot(x, y), 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    off = np.abs(corrupted(disc, "rotation", 5).astype(int) - disc).max(axis=2)
    assert off[np.hypot(x, y) < 45].max() <= 6  # beyond lies the mirrored rim


def test_an_unknown_corruption_suggests_the_nearest():
    with pytest.raises(ConfigError, match="no corruption 'bluer'. Did you mean 'blur'"):
        choose(["hair", "bluer"])


def test_no_name_chooses_all_and_a_name_given_twice_counts_once():
    assert choose([]) == CORRUPTIONS
    assert [corruption.key for corruption in choose(["jpeg", "jpeg"])] == ["jpeg"]


@pytest.mark.parametrize(
    ("pixels", "strength"),
    [(np.zeros((9, 9, 3)), 1), (np.zeros((9, 9), np.uint8), 1), (np.zeros((7, 9, 3), np.uint8), 1),
     (np.zeros((9, 9, 3), np.uint8), 6)],
)  # fmt: skip
def test_what_is_no_picture_or_no_strength_is_refused(pixels, strength):
    with pytest.raises(ValueError, match="a picture is|a strength is"):
        corrupt(pixels, CORRUPTIONS[0], strength, rng=np.random.default_rng(0))
