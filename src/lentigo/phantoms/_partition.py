"""Patients dealt to train, val and test so that every split has its share of every diagnosis."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from lentigo.images import stream
from lentigo.phantoms._cohort import Photo

FRACTIONS = {"train": 0.63, "val": 0.17, "test": 0.20}


def split_by_patient(photos: Sequence[Photo], *, seed: int) -> list[Photo]:
    """Return the photographs with a split each; a patient's all lie in the same one.

    Diagnoses count, and so do the two sides, which a small set must not lose even where single diagnoses are lacking.

    Patients with most images come first, each to the split that lacks most of what the patient brings.
    """
    images: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for photo in photos:
        images[photo.patient.patient_id].update([photo.lesion.diagnosis, f"malignant: {photo.lesion.is_malignant}"])
    totals: Counter[str] = sum(images.values(), Counter())
    missing = {split: {code: n * share for code, n in totals.items()} for split, share in FRACTIONS.items()}
    names = sorted(images)
    order = [names[i] for i in stream(seed, "split").permutation(len(names))]
    split_of = {}
    for patient in sorted(order, key=lambda name: -images[name].total()):
        split = max(FRACTIONS, key=lambda name: _need(images[patient], missing[name], totals, FRACTIONS[name]))
        split_of[patient] = split
        for code, n in images[patient].items():
            missing[split][code] -= n
    return [replace(photo, split=split_of[photo.patient.patient_id]) for photo in photos]


def _need(brings: Counter[str], missing: dict[str, float], totals: Counter[str], share: float) -> float:
    """Return how much of what a patient brings is still missing, relative to what the split is to get."""
    return sum(n * missing[code] / (totals[code] * share) for code, n in brings.items())
