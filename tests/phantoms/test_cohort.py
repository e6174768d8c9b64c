from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from lentigo.phantoms import PhantomOptions
from lentigo.phantoms._cohort import count_by, plan_photos

OPTIONS = PhantomOptions(n_images=300)
PHOTOS = plan_photos(OPTIONS)


def test_views_of_a_lesion_share_lesion_patient_site_and_truth():
    by_lesion = defaultdict(set)
    for photo in PHOTOS:
        by_lesion[photo.lesion_id].add((photo.patient, photo.site, photo.lesion))
    assert all(len(shared) == 1 for shared in by_lesion.values())
    assert len({photo.lesion.seed for photo in PHOTOS}) == len(by_lesion)


def test_no_two_views_are_alike():
    assert len({photo.view for photo in PHOTOS}) == len({photo.image_id for photo in PHOTOS}) == 300


def test_lesions_have_as_many_views_as_wanted():
    n_views = Counter(photo.lesion_id for photo in PHOTOS)
    assert set(n_views.values()) == {1, 2, 3}


def test_some_patients_have_several_lesions_and_some_lesions_several_devices():
    lesions, devices = defaultdict(set), defaultdict(set)
    for photo in PHOTOS:
        lesions[photo.patient.patient_id].add(photo.lesion_id)
        devices[photo.lesion_id].add(photo.view.device.name)
    assert max(map(len, lesions.values())) > 1
    assert max(map(len, devices.values())) > 1


def test_a_lesion_lies_in_its_patients_skin():
    assert all(photo.lesion.skin_type == photo.patient.skin_type for photo in PHOTOS)


def test_diagnoses_have_exactly_their_shares():
    # 35 % of 300 are malignant: 105, of which MEL : BCC = 0.6 : 0.25 gives 74 and 31 (74.1, 30.9);
    # 195 are benign, of which NV : BKL = 0.6 : 0.24 gives 139 and 56 (139.3, 55.7)
    assert count_by(PHOTOS) == {"all": {"MEL": 74, "BCC": 31, "NV": 139, "BKL": 56}}


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_a_set_may_be_all_benign_or_all_malignant(fraction):
    photos = plan_photos(replace(OPTIONS, n_images=10, malignant_fraction=fraction))
    assert {photo.lesion.is_malignant for photo in photos} == {bool(fraction)}


def test_only_the_wanted_devices_are_used():
    photos = plan_photos(replace(OPTIONS, n_devices=1))
    assert {photo.view.device.name for photo in photos} == {"polarised_a"}


def test_another_seed_gives_other_patients():
    assert plan_photos(OPTIONS) == PHOTOS
    assert {p.lesion.seed for p in plan_photos(replace(OPTIONS, seed=1))}.isdisjoint({p.lesion.seed for p in PHOTOS})
