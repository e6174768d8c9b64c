"""`lentigo audit`: what is wrong with a data set, as a record and as a page with pictures."""

import dataclasses
from pathlib import Path
from typing import Final

from lentigo.config import Config
from lentigo.data.sources import read_data
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._run_folder import choices_of, taxonomy_of
from lentigo.storage import new_folder, refuse_foreign, write_text
from lentigo.study.auditing import Audit, examine

FILES: Final = ("audit.html", "audit.json")


def audit(
    data: str | Path,
    out: str | Path | None = None,
    *,
    config: Config | None = None,
    predictions: str | Path | None = None,
    force: bool = False,
    with_pictures: bool = True,
    track: Track = silent,
) -> Audit:
    """Return the problems found in `data`; write audit.json and audit.html to the folder `out` if one is given.

    Args:
        data: as for `read_data`.
        out: the folder to make.
        config: task, the side of AK and AKIEC, limits of images, seed.
        predictions: a CSV of out-of-fold or held-out predictions; suspected label errors are then taken from it.
        force: overwrite an audit at `out`.
        with_pictures: whether the page holds images of the data.
        track: draws progress.

    Raises:
        LentigoError: the data cannot be read, or `out` is taken.

    Example:
        >>> audit(phantom, folder / "audit").worst == "error"
        False
    """
    config = config or Config()
    place = None if out is None else Path(out)
    if place is not None:
        refuse_foreign(place, kind="audit", is_ours=FILES.__contains__, force=force, mark="audit.json")
    manifest = read_data(data, taxonomy=taxonomy_of(config), task=config.data.task, choices=choices_of(config))
    found = examine(
        manifest,
        malignant=taxonomy_of(config).malignant(manifest.classes),
        image=config.image,
        columns=config.data.columns,
        predictions=None if predictions is None else Predictions.read(Path(predictions)),
        seed=config.seed,
        track=track,
    ).audit
    result = dataclasses.replace(found, data=Path(data).resolve().name)
    if place is not None:
        from lentigo.study.reporting import render_audit  # matplotlib and templates, for the page only

        with new_folder(place, force=force) as partial:
            write_text(partial / "audit.html", render_audit(result, manifest, with_pictures=with_pictures))
            result.write(partial / "audit.json")
    return result
