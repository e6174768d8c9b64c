import numpy as np
import pytest

from lentigo.phantoms import DEVICES, Device, View, draw_lesion
from lentigo.phantoms._dataset import draw_mask

SIZE = 96
QUIET = Device("quiet", vignette=0.0, noise=0.0, blur_px=0.0)


def centre_of(mask):
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()])


def test_a_photograph_is_a_pure_function_of_lesion_and_view(lesion, view):
    first = draw_lesion(lesion(), view(rotation_deg=20), size=SIZE)
    assert first.dtype == np.uint8
    assert first.shape == (SIZE, SIZE, 3)
    assert (first == draw_lesion(lesion(), view(rotation_deg=20), size=SIZE)).all()


def test_a_shift_moves_the_lesion_by_its_millimetres(lesion, view):
    still, moved = (draw_mask(lesion(), view(shift_mm=shift), size=SIZE) for shift in ((0, 0), (1.4, -0.7)))
    assert centre_of(moved) - centre_of(still) == pytest.approx([1.4 * SIZE / 14, -0.7 * SIZE / 14], abs=0.3)


def test_zoom_enlarges_the_area_by_its_square(lesion, view):
    near, far = (draw_mask(lesion(), view(zoom=zoom), size=SIZE).sum() for zoom in (1.2, 1.0))
    assert near / far == pytest.approx(1.44, rel=0.03)


def test_a_rotation_by_quarter_turns_agrees_with_turning_the_picture(lesion, view):
    straight = draw_mask(lesion(asymmetry=0.9), view(), size=SIZE)
    turned = draw_mask(lesion(asymmetry=0.9), view(rotation_deg=90), size=SIZE)
    assert max((np.rot90(straight, k) == turned).mean() for k in (1, 3)) > 0.99
    assert (straight == turned).mean() < 0.99


def test_every_device_sees_the_lesion_differently(lesion):
    pictures = [draw_lesion(lesion(), View(seed=1, device=device), size=SIZE).astype(int) for device in DEVICES]
    for i, first in enumerate(pictures):
        for second in pictures[:i]:
            assert np.abs(first - second).mean() > 2


def test_the_corners_of_a_tube_are_dark(lesion):
    picture = draw_lesion(lesion(), View(seed=1, device=DEVICES[1]), size=SIZE)
    assert picture[:3, :3].mean() < 40 < picture[SIZE // 2, :3].mean()


@pytest.mark.parametrize(
    "changes",
    [{"has_ruler": True}, {"has_ink": True}, {"n_bubbles": 8}, {"glare": 1.0}, {"border_tint": 1.0}, {"warmth": 1.0}],
)
def test_every_prop_and_light_shows(lesion, changes):
    pictures = [
        np.array(
            [draw_lesion(lesion(), View(seed=seed, device=QUIET, **more), size=SIZE).astype(int) for seed in range(4)]
        )
        for more in ({}, changes)
    ]
    changed = np.abs(pictures[1] - pictures[0]).max(axis=-1) > 6
    assert changed.mean() > 0.002


def test_the_mask_covers_what_is_darker_than_the_skin(lesion):
    picture = draw_lesion(lesion(contrast=1.6), View(seed=1, device=QUIET), size=SIZE).mean(axis=-1)
    mask = draw_mask(lesion(contrast=1.6), View(seed=1, device=QUIET), size=SIZE)
    threshold = (picture[mask].mean() + picture[~mask].mean()) / 2
    overlap = ((picture < threshold) & mask).sum() / ((picture < threshold) | mask).sum()
    assert overlap > 0.75


def test_an_edited_copy_is_the_same_photograph_flipped_turned_and_brightened(lesion, view):
    original = draw_lesion(lesion(), view(), size=SIZE)
    assert (draw_lesion(lesion(), view(is_mirrored=True), size=SIZE) == original[:, ::-1]).all()
    assert (draw_lesion(lesion(), view(quarter_turns=3), size=SIZE) == np.rot90(original, 3)).all()
    brighter = draw_lesion(lesion(), view(brightness=1.05), size=SIZE)
    assert brighter.mean() == pytest.approx(1.05 * original.mean(), rel=0.02)
    mask = draw_mask(lesion(asymmetry=0.8), view(), size=SIZE)
    assert (draw_mask(lesion(asymmetry=0.8), view(is_mirrored=True), size=SIZE) == mask[:, ::-1]).all()
