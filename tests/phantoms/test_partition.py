from collections import Counter, defaultdict

import pytest

from lentigo.phantoms import PhantomOptions
from lentigo.phantoms._cohort import plan_photos
from lentigo.phantoms._partition import FRACTIONS, split_by_patient


@pytest.fixture(scope="module")
def photos():
    return split_by_patient(plan_photos(PhantomOptions(n_images=400)), seed=0)


def test_a_patient_stays_within_one_split(photos):
    splits = defaultdict(set)
    for photo in photos:
        splits[photo.patient.patient_id].add(photo.split)
    assert all(len(of_patient) == 1 for of_patient in splits.values())


@pytest.mark.parametrize("code", ["MEL", "NV", "BCC", "BKL"])
def test_every_diagnosis_is_split_as_the_whole_is(photos, code):
    counts = Counter(photo.split for photo in photos if photo.lesion.diagnosis == code)
    for split, fraction in FRACTIONS.items():
        assert counts[split] / counts.total() == pytest.approx(fraction, abs=0.04)


@pytest.mark.parametrize("seed", range(5))
def test_even_a_small_set_has_both_sides_in_every_split(seed):
    photos = split_by_patient(plan_photos(PhantomOptions(n_images=60, seed=seed)), seed=seed)
    sides = {(photo.split, photo.lesion.is_malignant) for photo in photos}
    assert len(sides) == 6
