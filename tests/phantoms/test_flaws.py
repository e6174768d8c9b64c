from dataclasses import replace

import numpy as np
import pytest

from lentigo.errors import ConfigError
from lentigo.phantoms import PhantomOptions, draw_lesion
from lentigo.phantoms._dataset import plan_phantom
from lentigo.phantoms._flaws import describe_shortcut
from lentigo.phantoms._options import LEAKS, SHORTCUTS
from lentigo.phantoms._truth import MALIGNANT

OPTIONS = PhantomOptions(n_images=150, leaks=12)


def pairs(options):
    photos, leaks = plan_phantom(options)
    by_id = {photo.image_id: photo for photo in photos}
    return [(leak.kind, by_id[leak.original], by_id[leak.copy]) for leak in leaks]


def test_there_are_as_many_leaks_of_every_kind_as_wanted_and_no_more_images():
    photos, leaks = plan_phantom(OPTIONS)
    assert len(photos) == len({photo.image_id for photo in photos}) == 150
    assert [sum(leak.kind == kind for leak in leaks) for kind in LEAKS] == [4, 4, 4]


def test_every_leak_stands_in_train_and_test_with_one_lesion():
    for _, original, copy in pairs(OPTIONS):
        assert (original.split, copy.split) == ("train", "test")
        assert original.lesion == copy.lesion
        assert (original.lesion_id, original.patient) == (copy.lesion_id, copy.patient)


def test_hidden_ids_are_found_nowhere_else():
    photos, leaks = plan_phantom(replace(OPTIONS, hide_ids=True))
    for leak in leaks:
        copy = next(photo for photo in photos if photo.image_id == leak.copy)
        assert sum(photo.lesion_id == copy.lesion_id for photo in photos) == 1
        assert sum(photo.patient.patient_id == copy.patient.patient_id for photo in photos) == 1


@pytest.mark.parametrize("hide_ids", [False, True])
def test_without_leaks_in_the_list_no_lesion_crosses_the_splits(hide_ids):
    photos, leaks = plan_phantom(replace(OPTIONS, hide_ids=hide_ids))
    copies = {leak.copy for leak in leaks}
    splits = {}
    for photo in photos:
        if photo.image_id not in copies:
            assert splits.setdefault(photo.patient.patient_id, photo.split) == photo.split


def test_leaks_look_like_their_kind():
    for kind, original, copy in pairs(OPTIONS):
        first = draw_lesion(original.lesion, original.view, size=32).astype(int)
        second = draw_lesion(copy.lesion, copy.view, size=32).astype(int)
        is_equal = (first == second).all()
        candidates = [np.rot90(m, k) for m in (second, second[:, ::-1]) for k in range(4)]
        is_close = min(np.abs(first - candidate).mean() for candidate in candidates) < 0.07 * 255
        assert (is_equal, is_close) == {"exact": (True, True), "near": (False, True)}.get(kind, (False, is_close))


def test_leaks_of_one_kind_can_be_asked_for():
    assert {kind for kind, _, _ in pairs(replace(OPTIONS, leak_kinds=("near",)))} == {"near"}


def test_leaks_without_splits_are_copies_somewhere():
    assert all(copy.split is None for _, _, copy in pairs(replace(OPTIONS, split=False)))


@pytest.mark.parametrize("shortcut", SHORTCUTS)
def test_a_shortcut_follows_the_class_as_strongly_as_wanted(shortcut):
    def gap(strength):
        options = PhantomOptions(n_images=400, shortcut=shortcut, shortcut_strength=strength)
        told = describe_shortcut(plan_phantom(options)[0], options)
        return told["share_of_malignant"] - told["share_of_benign"]

    assert gap(1.0) == 1.0
    assert gap(0.5) == pytest.approx(0.5, abs=0.15)
    assert gap(0.0) == pytest.approx(0.0, abs=0.15)


@pytest.mark.parametrize("shortcut", SHORTCUTS)
def test_a_shortcut_changes_no_lesion_and_no_split(shortcut):
    plain, _ = plan_phantom(PhantomOptions(n_images=80))
    marked, _ = plan_phantom(PhantomOptions(n_images=80, shortcut=shortcut))
    assert [(p.lesion, p.split, p.patient) for p in plain] == [(p.lesion, p.split, p.patient) for p in marked]
    assert [p.view for p in plain] != [p.view for p in marked]


def test_without_a_shortcut_none_is_described():
    assert describe_shortcut(plan_phantom(OPTIONS)[0], OPTIONS) is None


def test_a_conflict_is_one_image_of_a_lesion_written_down_on_the_other_side():
    photos, _ = plan_phantom(PhantomOptions(n_images=150, conflicts=7))
    wronged = [photo for photo in photos if photo.stated]
    assert len(wronged) == len({photo.lesion_id for photo in wronged}) == 7
    for photo in wronged:
        assert (photo.diagnosis in MALIGNANT) != photo.lesion.is_malignant
        others = [other for other in photos if other.lesion_id == photo.lesion_id and other is not photo]
        assert others
        assert all(other.diagnosis == photo.lesion.diagnosis for other in others)


def test_more_conflicts_than_lesions_with_two_images_are_refused():
    with pytest.raises(ConfigError, match=r"5 conflicts, but only 0 lesions have two images\. Use fewer\."):
        plan_phantom(PhantomOptions(n_images=30, views=(1, 1), conflicts=5))


def test_the_wanted_share_of_the_images_is_blurred_and_nothing_else_changes():
    sharp, _ = plan_phantom(PhantomOptions(n_images=100))
    photos, _ = plan_phantom(PhantomOptions(n_images=100, blurred=0.2))
    blurred = [photo for photo in photos if photo.view.defocus_px]
    assert len(blurred) == 20
    assert [replace(photo, view=replace(photo.view, defocus_px=0.0)) for photo in photos] == sharp
    before, after = (
        draw_lesion(photo.lesion, photo.view).astype(float)
        for photo in (next(p for p in sharp if p.image_id == blurred[0].image_id), blurred[0])
    )
    assert np.abs(np.diff(after, axis=0)).mean() < 0.9 * np.abs(np.diff(before, axis=0)).mean()
