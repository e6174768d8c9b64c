"""What makes a data set lie: leaks, shortcuts, wrong labels and blur, put in on purpose and written down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lentigo.errors import ConfigError
from lentigo.images import stream
from lentigo.phantoms._cohort import Photo, sample_view
from lentigo.phantoms._options import PhantomOptions
from lentigo.phantoms._truth import DEVICES, MALIGNANT, View
from lentigo.wording import counted

_BORDER_TINT = 0.85
_FILE_QUALITY = {True: 96, False: 80}
_DEFOCUS_PX = (2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Leak:
    """A pair of images that show the same lesion.

    Attributes:
        kind: "lesion", "near" or "exact".
        original: image_id of the one that was there.
        copy: image_id of the one that was put in.
    """

    kind: str
    original: str
    copy: str


def add_shortcut(photos: Sequence[Photo], options: PhantomOptions) -> list[Photo]:
    """Return the photographs with the wanted shortcut; every one of them keeps its lesion.

    A share of `shortcut_strength` follows the class and the others are decided by a coin, so at 0 the shortcut is there
    but says nothing, and at 1 it says all.
    """
    if options.shortcut is None:
        return list(photos)
    rng = stream(options.seed, "shortcut")
    follows = rng.random(len(photos)) < options.shortcut_strength
    coin = rng.random(len(photos)) < 0.5
    is_positive = np.where(follows, [photo.lesion.is_malignant for photo in photos], coin)
    return [
        replace(photo, view=_marked(photo.view, options, rng, is_positive=bool(positive)))
        for photo, positive in zip(photos, is_positive, strict=True)
    ]


def _marked(view: View, options: PhantomOptions, rng: np.random.Generator, *, is_positive: bool) -> View:
    match options.shortcut:
        case "ruler":
            return replace(view, has_ruler=is_positive)
        case "ink":
            return replace(view, has_ink=is_positive)
        case "border":
            return replace(view, border_tint=_BORDER_TINT if is_positive else -_BORDER_TINT)
        case "filesize":
            return replace(view, jpeg_quality=_FILE_QUALITY[is_positive])
        case _:
            other = DEVICES[int(rng.integers(1, options.n_devices))]
            return replace(view, device=DEVICES[0] if is_positive else other)


def _is_marked(view: View, shortcut: str) -> bool:
    match shortcut:
        case "ruler":
            return view.has_ruler
        case "ink":
            return view.has_ink
        case "border":
            return view.border_tint > 0
        case "filesize":
            return view.jpeg_quality == _FILE_QUALITY[True]
        case _:
            return view.device == DEVICES[0]


def describe_shortcut(photos: Sequence[Photo], options: PhantomOptions) -> dict[str, Any] | None:
    """Return what the shortcut is and on which share of each class's images it lies, or None without one."""
    if options.shortcut is None:
        return None
    marked: dict[bool, list[bool]] = {True: [], False: []}
    for photo in photos:
        marked[photo.lesion.is_malignant].append(_is_marked(photo.view, options.shortcut))
    return {
        "kind": options.shortcut,
        "strength": options.shortcut_strength,
        "share_of_malignant": float(np.mean(marked[True])) if marked[True] else float("nan"),
        "share_of_benign": float(np.mean(marked[False])) if marked[False] else float("nan"),
    }


def add_conflicts(photos: Sequence[Photo], options: PhantomOptions) -> list[Photo]:
    """Return the photographs with some lesions under two diagnoses, one of them wrong and of the other side.

    Raises:
        ConfigError: there are fewer lesions with several photographs than conflicts wanted.
    """
    if options.conflicts == 0:
        return list(photos)
    rng = stream(options.seed, "conflicts")
    rows_of: dict[str, list[int]] = {}
    for row, photo in enumerate(photos):
        rows_of.setdefault(photo.lesion_id, []).append(row)
    candidates = [rows for rows in rows_of.values() if len(rows) > 1]
    if len(candidates) < options.conflicts:
        raise ConfigError(
            f"{options.conflicts} conflicts, but only "
            f"{counted(len(candidates), 'lesion has', 'lesions have')} two images. Use fewer."
        )
    wronged = list(photos)
    for number in rng.permutation(len(candidates))[: options.conflicts]:
        row = int(rng.choice(candidates[number]))
        is_malignant = photos[row].lesion.is_malignant
        others = [code for code in options.diagnoses if (code in MALIGNANT) != is_malignant]
        wronged[row] = replace(photos[row], stated=str(rng.choice(others)))
    return wronged


def add_blur(photos: Sequence[Photo], options: PhantomOptions) -> list[Photo]:
    """Return the photographs with the wanted share of them out of focus."""
    rng = stream(options.seed, "blur")
    n_blurred = round(options.blurred * len(photos))
    chosen = set(rng.permutation(len(photos))[:n_blurred].tolist())
    return [
        replace(photo, view=replace(photo.view, defocus_px=float(rng.uniform(*_DEFOCUS_PX))))
        if row in chosen
        else photo
        for row, photo in enumerate(photos)
    ]


def add_leaks(photos: Sequence[Photo], options: PhantomOptions) -> tuple[list[Photo], list[Leak]]:
    """Return the photographs with copies of training images in the test set, and the list of the pairs."""
    rng = stream(options.seed, "leaks")
    candidates = _one_of_each_lesion([photo for photo in photos if photo.split in {"train", None}], rng)
    copies, leaks = [], []
    for number in range(options.leaks):
        original = candidates[number % len(candidates)]
        kind = options.leak_kinds[number % len(options.leak_kinds)]
        image_id = f"PH_{len(photos) + number + 1:07d}"
        copy = replace(original, image_id=image_id, view=_copied_view(kind, original.view, rng))
        copies.append(_placed(copy, options, number=len(photos) + number + 1))
        leaks.append(Leak(kind=kind, original=original.image_id, copy=image_id))
    return [*photos, *copies], leaks


def _one_of_each_lesion(photos: Sequence[Photo], rng: np.random.Generator) -> list[Photo]:
    by_lesion = {photo.lesion_id: photo for photo in photos}
    unique = list(by_lesion.values())
    return [unique[i] for i in rng.permutation(len(unique))]


def _copied_view(kind: str, view: View, rng: np.random.Generator) -> View:
    match kind:
        case "exact":
            return view
        case "near":
            return replace(
                view,
                is_mirrored=bool(rng.random() < 0.5),
                quarter_turns=int(rng.integers(4)),
                brightness=float(rng.choice([0.94, 0.97, 1.03, 1.06])),
            )
        case _:
            another = sample_view(rng, device=view.device)
            return replace(
                another, has_ruler=view.has_ruler, has_ink=view.has_ink, border_tint=view.border_tint,
                jpeg_quality=view.jpeg_quality,
            )  # fmt: skip


def _placed(copy: Photo, options: PhantomOptions, *, number: int) -> Photo:
    """Return the copy in the test set, under ids with a `number` of its own where they are to be hidden."""
    if options.split:
        copy = replace(copy, split="test")
    if not options.hide_ids:
        return copy
    patient = replace(copy.patient, patient_id=f"PHP_{number:06d}")
    return replace(copy, lesion_id=f"PHL_{number:06d}", patient=patient)
