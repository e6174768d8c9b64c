"""A phantom data set on disk: images, metadata.csv and phantom.json."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from lentigo.parallel import map_in_processes
from lentigo.phantoms._camera import photograph, photograph_mask
from lentigo.phantoms._cohort import Photo, count_by, plan_photos
from lentigo.phantoms._flaws import Leak, add_blur, add_conflicts, add_leaks, add_shortcut, describe_shortcut
from lentigo.phantoms._options import PhantomOptions
from lentigo.phantoms._painting import paint
from lentigo.phantoms._partition import split_by_patient
from lentigo.phantoms._truth import LesionTruth, View
from lentigo.progress import Track, silent
from lentigo.storage import new_folder, refuse_foreign, write_json, write_text

FILES: Final = ("images", "metadata.csv", "phantom.json")

SCHEMA_VERSION = 1

_ROMAN = ("I", "II", "III", "IV", "V", "VI")


def draw_lesion(truth: LesionTruth, view: View, *, size: int = 224) -> npt.NDArray[np.uint8]:
    """Return the photograph (size, size, 3), RGB, of a lesion: a pure function of its arguments.

    Example:
        >>> from lentigo.phantoms import DEVICES, View, sample_lesion
        >>> draw_lesion(sample_lesion("MEL", seed=1), View(seed=1, device=DEVICES[0]), size=64).shape
        (64, 64, 3)
    """
    return photograph(paint(truth, size=size), view, size=size)


def draw_mask(truth: LesionTruth, view: View, *, size: int = 224) -> npt.NDArray[np.bool_]:
    """Return where the lesion lies in `draw_lesion`'s photograph, (size, size).

    Example:
        >>> from lentigo.phantoms import DEVICES, View, sample_lesion
        >>> bool(draw_mask(sample_lesion("MEL", seed=1), View(seed=1, device=DEVICES[0]), size=64).any())
        True
    """
    return photograph_mask(paint(truth, size=size), view, size=size)


def plan_phantom(options: PhantomOptions) -> tuple[list[Photo], list[Leak]]:
    """Return every image of the data set, without drawing it, and the pairs that were leaked on purpose.

    Example:
        >>> photos, leaks = plan_phantom(PhantomOptions(n_images=60, leaks=3))
        >>> len(photos), len(leaks)
        (60, 3)
    """
    photos = add_blur(add_conflicts(add_shortcut(plan_photos(options), options), options), options)
    if options.split:
        photos = split_by_patient(photos, seed=options.seed)
    return add_leaks(photos, options)


def draw_phantom(
    out: Path | str, *, force: bool = False, workers: int = 1, track: Track = silent, **options: Any
) -> Path:
    """Return the folder that was written: images/, metadata.csv and, last, phantom.json.

    Files depend on the options and the seed alone, not on the number of workers.

    Args:
        out: the folder to make.
        force: replace it where it exists.
        workers: processes that draw. More than one needs what multiprocessing always needs: a script that calls this
            under `if __name__ == "__main__":`.
        track: called for every image that is done.
        options: fields of `PhantomOptions`.

    Raises:
        ConfigError: an option is outside its range.
        LentigoError: the folder exists or cannot be written.

    Example:
        >>> sorted(path.name for path in draw_phantom(folder / "phantom", n_images=6, size=32).iterdir())
        ['images', 'metadata.csv', 'phantom.json']
    """
    wanted = PhantomOptions(**options)
    refuse_foreign(Path(out), kind="phantom", is_ours=FILES.__contains__, force=force, mark="phantom.json")
    photos, leaks = plan_phantom(wanted)
    with new_folder(Path(out), force=force) as folder:
        (folder / "images").mkdir()
        drawn = _draw_images(photos, folder / "images", size=wanted.size, workers=workers)
        for _ in track(drawn, "drawing", len(photos)):
            pass
        write_text(folder / "metadata.csv", _metadata(photos))
        write_json(folder / "phantom.json", _record(wanted, photos, leaks))
    return Path(out)


def _draw_images(photos: Sequence[Photo], folder: Path, *, size: int, workers: int) -> Iterator[str]:
    """Yield the id of every image once it is written.

    Work goes lesion by lesion, so that each is painted once and photographed as often as wanted.
    """
    by_lesion: defaultdict[int, list[Photo]] = defaultdict(list)
    for photo in photos:
        by_lesion[photo.lesion.seed].append(photo)
    draw = partial(_draw_views, folder=folder, size=size)
    for image_ids in map_in_processes(draw, list(by_lesion.values()), workers=workers):
        yield from image_ids


def _draw_views(views: Sequence[Photo], *, folder: Path, size: int) -> list[str]:
    """Return the ids of one lesion's photographs, which are written to the folder."""
    painting = paint(views[0].lesion, size=size)
    for photo in views:
        content = _jpeg(photograph(painting, photo.view, size=size), photo.view)
        (folder / f"{photo.image_id}.jpg").write_bytes(content)
    return [photo.image_id for photo in views]


def _jpeg(pixels: npt.NDArray[np.uint8], view: View) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=view.jpeg_quality or view.device.jpeg_quality)
    return stream.getvalue()


def _metadata(photos: Sequence[Photo]) -> str:
    text = io.StringIO()
    rows = list(_rows(photos))
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows(photos: Sequence[Photo]) -> Iterator[dict[str, Any]]:
    """Yield a row of metadata.csv for each image; what is unknown stays empty."""
    for photo in photos:
        lesion, view = photo.lesion, photo.view
        yield {
            "image_id": photo.image_id,
            "path": f"images/{photo.image_id}.jpg",
            "diagnosis": photo.diagnosis,
            "lesion_id": photo.lesion_id,
            "patient_id": photo.patient.patient_id,
            **({} if photo.split is None else {"split": photo.split}),
            "age": photo.patient.age,
            "sex": photo.patient.sex,
            "site": photo.site,
            "skin_type": _ROMAN[photo.patient.skin_type - 1],
            "image_type": "dermoscopic",
            "source": view.device.name,
            "truth_diameter_mm": round(lesion.diameter_mm, 2),
            "truth_asymmetry": round(lesion.asymmetry, 3),
            "truth_border": round(lesion.border, 3),
            "truth_contrast": round(lesion.contrast, 3),
            "truth_n_colours": len(set(lesion.colours)),
            "truth_colours": "|".join(lesion.colours),
            "truth_structures": "|".join(lesion.structures),
            "truth_n_hairs": lesion.n_hairs,
            "truth_has_ruler": view.has_ruler,
            "truth_has_ink": view.has_ink,
        }


def _record(options: PhantomOptions, photos: Sequence[Photo], leaks: Sequence[Leak]) -> dict[str, Any]:
    """Return what phantom.json says: the options, the counts, and every flaw that an audit ought to find."""
    return {
        "schema_version": SCHEMA_VERSION,
        "seed": options.seed,
        "options": asdict(options),
        "n_images": len(photos),
        "n_lesions": len({photo.lesion.seed for photo in photos}),
        "devices": sorted({photo.view.device.name for photo in photos}),
        "counts": count_by(photos),
        "leaks": {"has_hidden_ids": options.hide_ids, "pairs": [asdict(leak) for leak in leaks]},
        "shortcut": describe_shortcut(photos, options),
        "conflicts": [photo.image_id for photo in photos if photo.stated],
        "blurred": [photo.image_id for photo in photos if photo.view.defocus_px],
    }
