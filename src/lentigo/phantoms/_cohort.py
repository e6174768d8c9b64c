"""Who is photographed: patients, their lesions and the photographs of them, planned before a pixel is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from lentigo.images import stream
from lentigo.phantoms._cases import sample_lesion
from lentigo.phantoms._options import PhantomOptions
from lentigo.phantoms._truth import DEVICES, MALIGNANT, Device, LesionTruth, View

_SHARES = MappingProxyType({"MEL": 0.6, "BCC": 0.25, "AKIEC": 0.15, "NV": 0.6, "BKL": 0.24, "DF": 0.08, "VASC": 0.08})
_LESIONS_PER_PATIENT = (0.55, 0.25, 0.13, 0.07)  # one to four
_SKIN_TYPES = (0.14, 0.38, 0.26, 0.12, 0.06, 0.04)  # Fitzpatrick I to VI
_SITES = MappingProxyType({  # how common, how hairy, how much sun
    "posterior torso": (0.30, 0.30, 0.30),
    "anterior torso": (0.20, 0.40, 0.25),
    "lower extremity": (0.22, 0.50, 0.20),
    "upper extremity": (0.15, 0.45, 0.35),
    "head/neck": (0.13, 0.20, 0.60),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class PhantomPatient:
    """What is known about a person; `age` is None where it was not written down."""

    patient_id: str
    age: int | None
    sex: str
    skin_type: int


@dataclass(frozen=True, slots=True)
class Photo:
    """One image of the data set with everything that is known about it.

    Attributes:
        image_id: also the name of the file.
        lesion_id: shared by the photographs of one lesion.
        patient: shared by the lesions of one person.
        site: where on the body.
        lesion: what is photographed.
        view: how.
        split: "train", "val", "test" or None.
        stated: the diagnosis that was written down where it is not the lesion's.
    """

    image_id: str
    lesion_id: str
    patient: PhantomPatient
    site: str
    lesion: LesionTruth
    view: View
    split: str | None = None
    stated: str | None = None

    @property
    def diagnosis(self) -> str:
        """The diagnosis in the table, right or wrong."""
        return self.stated or self.lesion.diagnosis


def plan_photos(options: PhantomOptions) -> list[Photo]:
    """Return the photographs of a data set without splits, leaks and shortcuts, a lesion's views in sequence.

    The number of images of every diagnosis is exact: `n_images` less the leaked copies, in their shares.

    Example:
        >>> len(plan_photos(PhantomOptions(n_images=50)))
        50
    """
    rng = stream(options.seed, "cohort")
    photos: list[Photo] = []
    lesions = _lesion_list(options, rng)
    sizes = _patient_sizes(len(lesions), rng)
    first = 0
    for number, size in enumerate(sizes, start=1):
        own = lesions[first : first + size]
        has_cancer = any(diagnosis in MALIGNANT for diagnosis, _ in own)
        patient = _patient(f"PHP_{number:06d}", rng, has_cancer=has_cancer)
        device = DEVICES[int(rng.integers(options.n_devices))]
        for offset, (diagnosis, n_views) in enumerate(own, start=1):
            lesion_id = f"PHL_{first + offset:06d}"
            photos += _photos_of_lesion(options, rng, patient, lesion_id, diagnosis, n_views=n_views, device=device)
        first += size
    return [replace(photo, image_id=f"PH_{number:07d}") for number, photo in enumerate(photos, start=1)]


def sample_view(rng: np.random.Generator, *, device: Device) -> View:
    """Return a random photograph's circumstances."""
    return View(
        seed=int(rng.integers(2**62)),
        device=device,
        shift_mm=(float(rng.normal(0, 0.55)), float(rng.normal(0, 0.55))),
        rotation_deg=float(rng.uniform(0, 360)),
        zoom=float(rng.uniform(0.9, 1.22)),
        exposure=float(rng.uniform(0.93, 1.08)),
        warmth=float(np.clip(rng.normal(0, 0.45), -1, 1)),
        tilt=float(rng.uniform(0, 1)),
        n_bubbles=int(rng.integers(1, 6)) if rng.random() < 0.2 else 0,
        glare=float(rng.uniform(0.3, 1.0)) if rng.random() < 0.15 else 0.0,
        has_ruler=bool(rng.random() < 0.15),
        has_ink=bool(rng.random() < 0.06),
    )


def _lesion_list(options: PhantomOptions, rng: np.random.Generator) -> list[tuple[str, int]]:
    """Return diagnosis and number of views of every lesion, in random order."""
    lesions = []
    fewest, most = options.views
    for diagnosis, quota in _quotas(options).items():
        remaining = quota
        while remaining > 0:
            n_views = min(int(rng.integers(fewest, most + 1)), remaining)
            lesions.append((diagnosis, n_views))
            remaining -= n_views
    return [lesions[i] for i in rng.permutation(len(lesions))]


def _quotas(options: PhantomOptions) -> dict[str, int]:
    """Return the number of images of every diagnosis."""
    total = options.n_images - options.leaks
    n_malignant = round(options.malignant_fraction * total)
    sides = ((True, n_malignant), (False, total - n_malignant))
    quotas: dict[str, int] = {}
    for is_malignant, n in sides:
        codes = [code for code in options.diagnoses if (code in MALIGNANT) == is_malignant]
        quotas |= _largest_remainder({code: _SHARES[code] for code in codes}, n)
    return quotas


def _largest_remainder(shares: Mapping[str, float], total: int) -> dict[str, int]:
    scale = total / sum(shares.values())
    counts = {name: int(share * scale) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: counts[name] - shares[name] * scale)
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def _patient_sizes(n_lesions: int, rng: np.random.Generator) -> list[int]:
    """Return how many lesions each patient has."""
    sizes: list[int] = []
    while (remaining := n_lesions - sum(sizes)) > 0:
        sizes.append(min(int(rng.choice(4, p=_LESIONS_PER_PATIENT)) + 1, remaining))
    return sizes


def _patient(patient_id: str, rng: np.random.Generator, *, has_cancer: bool) -> PhantomPatient:
    age = int(np.clip(rng.normal(58 if has_cancer else 50, 15), 18, 90) // 5 * 5)
    return PhantomPatient(
        patient_id=patient_id,
        age=None if rng.random() < 0.02 else age,
        sex=str(rng.choice(["female", "male"])),
        skin_type=int(rng.choice(6, p=_SKIN_TYPES)) + 1,
    )


def _photos_of_lesion(
    options: PhantomOptions, rng: np.random.Generator, patient: PhantomPatient, lesion_id: str, diagnosis: str, *,
    n_views: int, device: Device,
) -> list[Photo]:  # fmt: skip
    """Return the views of one lesion: mostly with the patient's device, now and then with another one."""
    common = [weights[0] for weights in _SITES.values()]
    site = str(rng.choice(list(_SITES), p=common))
    _, hairiness, sun = _SITES[site]
    lesion = sample_lesion(
        diagnosis,
        seed=int(rng.integers(2**62)),
        difficulty=options.difficulty,
        skin_type=patient.skin_type,
        hair=float(np.clip(hairiness + rng.normal(0, 0.25), 0, 1)),
        sun_damage=float(np.clip(sun + rng.normal(0, 0.2), 0, 1)),
    )
    photos = []
    for _ in range(n_views):
        is_elsewhere = rng.random() < 0.2
        used = DEVICES[int(rng.integers(options.n_devices))] if is_elsewhere else device
        photos.append(Photo("", lesion_id, patient, site, lesion, sample_view(rng, device=used)))
    return photos


def count_by(photos: Sequence[Photo]) -> dict[str, dict[str, int]]:
    """Return the number of images of every split ("all" without splits) and diagnosis."""
    counts: dict[str, dict[str, int]] = {}
    for photo in photos:
        of_split = counts.setdefault(photo.split or "all", {})
        of_split[photo.diagnosis] = of_split.get(photo.diagnosis, 0) + 1
    return counts
