"""`lentigo stress`: the same images again, through hair, blur and bad light, and what the model then still says.

A picture is decoded once, corrupted as a camera or a careless hand would have, and only then fitted by the model's own
preprocessing. Hundreds of images in some seventy variants never exist at once: a few images are corrupted ahead by
threads while the model answers.
"""

import dataclasses
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, DataError, ImageError
from lentigo.model import CANNOT_ASSESS, Model, content_box, image_statistics, open_model, refuse_inside_bundle
from lentigo.progress import Track, silent
from lentigo.stages._external_model import not_calibrated_on
from lentigo.stages._model_settings import run_of, settings_of, taxonomy_of_model
from lentigo.stages._run_folder import choices_of
from lentigo.stages._test_looks import record_test_look
from lentigo.storage import new_folder, refuse_foreign, write_text
from lentigo.study.stressing import (
    STRENGTHS,
    Corruption,
    ImageVariants,
    StressPredictions,
    StressReport,
    choose,
    draw_variants,
    measure,
    sample_images,
)
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)

Pixels = npt.NDArray[np.uint8]
Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_AHEAD: Final = 3  # images corrupted ahead; 76 variants at 224 px are 11 MiB each
FILES: Final = ("stress.html", "stress.json")


def stress(
    model: str | Path,
    data: str | Path | None = None,
    *,
    out: str | Path | None = None,
    n_images: int = 200,
    only: Sequence[str] = (),
    point: str | None = None,
    views: int | None = None,
    seed: int = 0,
    with_pictures: bool = False,
    force: bool = False,
    config: Config | None = None,
    track: Track = silent,
) -> StressReport:
    """Return the losses of a model under image corruptions; write stress.json and stress.html to a folder.

    Args:
        model: a run folder, a bundle's, or "lentigo" for the one that is shipped.
        data: as for `read_data`; its test split where it has one. A run's own test split when None.
        out: the folder to make; `stress` in a run when None.
        n_images: how many to evaluate, half of them malignant where there are enough.
        only: keys of corruptions; all of them when empty.
        point: name of the operating point; the first when None.
        views: 1 predicts each picture once, eight times faster than 8, which averages its flips and turns; None: as
            the model predicts, and as its threshold was chosen.
        seed: of the sample, the corruptions and the resamples.
        with_pictures: show the corruptions on an image of the data; on a drawn one when False.
        force: overwrite a stress test at `out`.
        config: for a bundle: aliases of diagnoses, resamples and confidence; a run has its own.
        track: draws progress.

    Raises:
        LentigoError: the model or the data cannot be used, or `out` is taken.

    Example:
        >>> report = stress(run, n_images=12, only=["jpeg"], out=folder / "stress")
        >>> report.n_images, (folder / "stress" / "stress.json").exists()
        (12, True)
    """
    corruptions, opened = choose(only), open_model(model, views=views)
    opened.refuse_photographs()
    place = _place_of(opened, data, out)
    refuse_inside_bundle(place)
    refuse_foreign(place, kind="stress test", is_ours=FILES.__contains__, force=force, mark="stress.json")
    chosen, config = opened.decision.named_point(point), settings_of(opened, config)
    taxonomy = taxonomy_of_model(opened, config)
    manifest = _manifest_of(opened, data, taxonomy, config)
    malignant = taxonomy.malignant(manifest.classes)
    sample = sample_images(manifest, malignant, n_images=n_images, seed=seed)
    if data is None and (run := run_of(opened)) is not None:
        record_test_look(run, "stress", "figures on intact and corrupted images")
    report = stress_model(
        opened,
        sample,
        malignant=malignant,
        corruptions=corruptions,
        threshold=chosen.threshold,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=seed,
        track=track,
    )
    provenance = {
        **report.provenance,
        **opened.provenance,
        "data": "its own test images" if data is None else Path(data).resolve().name,
        "operating_point": chosen.name,
        "n_available": len(manifest),
    }
    report = dataclasses.replace(report, provenance=provenance)
    _write(report, place, picture=_first_picture(sample, malignant) if with_pictures else None, force=force)
    return report


def stress_model(
    model: Model,
    sample: Manifest,
    *,
    malignant: Sequence[str],
    corruptions: Sequence[Corruption],
    threshold: float,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
    track: Track = silent,
) -> StressReport:
    """Return what any model loses on a sample of images.

    Args:
        model: opened.
        sample: images, with targets and groups.
        malignant: the malignant classes of the sample; the model's own may be others.
        corruptions: what goes wrong.
        threshold: on the calibrated malignant probability.
        n_resamples: of the bootstrap.
        confidence: of the intervals.
        seed: of corruptions and resamples.
        track: draws progress.

    Raises:
        DataError: no image can be read.
    """
    said: list[npt.NDArray[np.float64] | None] = []
    tasks = zip(sample.table["image_id"].tolist(), sample.paths, strict=True)

    refused: list[npt.NDArray[np.bool_]] = []

    def variants(task: tuple[str, Path]) -> ImageVariants | ImageError:
        try:
            return draw_variants(task[1], task[0], model.preprocess, corruptions, seed=seed)
        except ImageError as error:
            return error

    for outcome in track(_ahead(variants, tasks), "Stressing", len(sample)):
        if isinstance(outcome, ImageError):
            logger.warning("Excluded: %s", outcome)
            said.append(None)
        else:
            score, is_refused = _predict_variants(model, outcome)
            said.append(score)
            refused.append(is_refused)
    is_read = np.array([row is not None for row in said])
    if not is_read.any():
        raise DataError(
            f"none of the {counted(len(sample), 'image')} of {sample.origin} "
            "can be read. The log gives the reason for each image."
        )
    kept, rows = sample.select(is_read), np.stack([row for row in said if row is not None])
    groups, unit = kept.groups()
    answers = StressPredictions(
        is_malignant=kept.table["target"].isin(list(malignant)).to_numpy(dtype=bool),
        groups=groups,
        unit=unit,
        clean=rows[:, 0],
        corrupted=np.ascontiguousarray(rows[:, 1:].T).reshape(len(corruptions), len(STRENGTHS), len(rows)),
        corruptions=tuple(corruptions),
        refused=None if model.about is None else np.stack(refused, axis=1),
    )
    report = measure(answers, threshold=threshold, n_resamples=n_resamples, confidence=confidence, seed=seed)
    return dataclasses.replace(report, provenance={"n_unreadable": int((~is_read).sum())})


def _predict_variants(model: Model, variants: ImageVariants) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the malignant probability of each variant, and whether gate, score or band leave it without an answer."""
    outputs, size = model.outputs(variants.pixels), model.preprocess.settings
    if model.about is None:
        score = model.decision.decide(outputs).score
        return score, np.zeros(score.shape, dtype=np.bool_)
    box = content_box(*variants.size, size.size, size.fit)
    looks = [image_statistics(one[box], min(variants.size)) for one in variants.pixels]
    answers = model.answers_from(outputs, looks, [""] * len(looks))
    return np.array([one.score for one in answers]), np.array([one.decision == CANNOT_ASSESS for one in answers])


def _ahead(work: Callable[[Task], Outcome], tasks: Iterable[Task]) -> Iterator[Outcome]:
    """Yield `work` of each task in order, a few of them done ahead by threads."""
    remaining = iter(tasks)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        queue: deque[Future[Outcome]] = deque(pool.submit(work, task) for task in islice(remaining, _AHEAD))
        while queue:
            done = queue.popleft().result()
            queue.extend(pool.submit(work, task) for task in islice(remaining, 1))
            yield done


def _place_of(model: Model, data: str | Path | None, out: str | Path | None) -> Path:
    """Return the folder to make.

    Raises:
        ConfigError: what is not a run has neither images of its own nor a place for results.
    """
    if run_of(model) is None and (data is None or out is None):
        raise ConfigError(
            f"{model.folder} is a {model.kind}, which stores neither test images nor results. Give images that it was "
            "not trained on, and a folder with --out."
        )
    return model.folder / "stress" if out is None else Path(out)


def _manifest_of(model: Model, data: str | Path | None, taxonomy: Taxonomy, config: Config) -> Manifest:
    run = run_of(model)
    if run is not None and data is None:
        return run.manifest().subset("test")
    assert data is not None
    manifest = read_data(data, taxonomy=taxonomy, task=config.data.task, choices=choices_of(config))
    if manifest.has_split and (manifest.table["split"] == "test").any():
        manifest = manifest.subset("test")
    if run is None:
        return not_calibrated_on(model.folder, manifest)
    learned = run.manifest()
    is_learned = learned.table["split"] != "test"
    known = set(learned.table.loc[is_learned, "path"])
    if n_known := sum(path in known for path in manifest.table["path"]):
        logger.warning(
            "Used to train the run or to choose its settings: %d of %s.", n_known, counted(len(manifest), "image")
        )
    return manifest


def _first_picture(sample: Manifest, malignant: Sequence[str]) -> Path:
    rows = np.flatnonzero(sample.table["target"].isin(list(malignant)))
    return sample.paths[int(rows[0]) if rows.size else 0]


def _write(report: StressReport, place: Path, *, picture: Path | None, force: bool) -> None:
    from lentigo.study.reporting import render_stress  # templates, for the page only

    with new_folder(place, force=force) as partial:
        write_text(partial / "stress.html", render_stress(report, picture=picture))
        report.write(partial / "stress.json")
