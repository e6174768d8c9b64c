"""`lentigo explain`: for each image an overlay, the map as an array, and one record of everything else."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lentigo.errors import DataError, ImageError
from lentigo.images import find_images
from lentigo.model import refuse_inside_bundle, unreadable
from lentigo.progress import Track, silent
from lentigo.storage import new_folder, refuse_foreign, write_json

if TYPE_CHECKING:
    from lentigo.model import Explanation, Model

RECORD = "explanations.json"


def explain(
    model: str | Path,
    inputs: Sequence[str | Path],
    out: str | Path,
    *,
    prevalence: float | None = None,
    force: bool = False,
    runtime: str | None = None,
    precision: str | None = None,
    track: Track = silent,
) -> "list[dict[str, object]]":
    """Return predictions of a bundle with explanations; write an overlay (PNG) and a map (.npy) of each, and one JSON.

    Args:
        model: a bundle; a run is exported first.
        inputs: image files, folders, or tables.
        out: the folder to make.
        prevalence: as for `predict`.
        force: overwrite explanations at `out`.
        runtime: as for `predict`.
        precision: as for `predict`.
        track: draws progress.

    Raises:
        BundleError: the model is not a bundle.
        DataError: the inputs contain no image.

    Example:
        >>> explain(bundle_folder, [photo], folder / "why")[0]["method"]
        'class-activation map'
    """
    from lentigo.model import draw_overlay, open_bundle
    from lentigo.model import explain as explain_one

    place = Path(out)
    refuse_inside_bundle(place)
    refuse_foreign(place, kind="folder of explanations", is_ours=_is_ours, force=force, mark=RECORD)
    names, paths = find_images(inputs)
    if not paths:
        raise DataError("no image to explain. Name image files, a folder of them, or a table with a path column.")
    opened = open_bundle(model, backend=runtime, precision=precision)
    records: list[dict[str, object]] = []
    with new_folder(place, force=force) as partial:
        pairs = list(zip(names, paths, strict=True))
        for place_in_list, (name, path) in enumerate(track(pairs, "Explaining", len(pairs))):
            try:
                seen = opened.look(path)
            except ImageError as error:
                records.append({**unreadable(name, error).json(), "overlay": None, "map": None})
                continue
            found: Explanation = explain_one(opened, seen, name, prevalence=prevalence)
            stem = f"{place_in_list + 1:04d}-{re.sub(r'[^A-Za-z0-9_.-]', '_', Path(name).stem)[:60]}"
            draw_overlay(found.pixels, found.map).save(partial / f"{stem}.png")
            np.save(partial / f"{stem}.npy", found.map, allow_pickle=False)
            records.append({**found.json(), "overlay": f"{stem}.png", "map": f"{stem}.npy"})
        write_json(partial / RECORD, _record_of(opened, records))
    return records


def _record_of(model: "Model", records: "list[dict[str, object]]") -> "dict[str, object]":
    return {"schema_version": 1, "bundle": model.name, **model.computation.json(), "images": records}


def _is_ours(name: str) -> bool:
    return name == RECORD or re.fullmatch(r"\d{4,}-.*\.(png|npy)", name) is not None
