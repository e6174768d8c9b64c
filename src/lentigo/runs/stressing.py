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
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from lentigo.calibration import Calibration, OperatingPoint
from lentigo.config import Config
from lentigo.errors import DataError, ImageError, LentigoError, suggest
from lentigo.images import Preprocess
from lentigo.manifest import Manifest
from lentigo.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.runs.asking import Predictor
from lentigo.runs.layout import Run
from lentigo.sources import read_data
from lentigo.storage import new_folder, refuse_foreign, sha256_of, write_text
from lentigo.stress import STRENGTHS, Answers, Corruption, StressReport, choose, fitted_variants, measure, sample_images

__all__ = ["Subject", "stress", "stress_subject"]

logger = logging.getLogger(__name__)

Pixels = npt.NDArray[np.uint8]
Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_AHEAD: Final = 3  # images corrupted ahead; 76 variants at 224 px are 11 MiB each
FILES: Final = ("stress.html", "stress.json")


class Subject(Protocol):
    """A model that can be stressed: pixels in, calibrated predictions out."""

    @property
    def preprocess(self) -> Preprocess:
        """From a picture to the pixels it is asked with."""
        ...

    @property
    def malignant_classes(self) -> tuple[str, ...]:
        """Those of its classes that are malignant."""
        ...

    def predictions(self, pixels: Pixels) -> Predictions:
        """Return calibrated predictions on fitted pixels (N, size, size, 3), any N; ids are row numbers."""
        ...


@dataclass(frozen=True, slots=True)
class _RunSubject:
    predictor: Predictor

    @property
    def preprocess(self) -> Preprocess:
        return self.predictor.classifier.preprocess

    @property
    def malignant_classes(self) -> tuple[str, ...]:
        return self.predictor.calibration.malignant_classes

    def predictions(self, pixels: Pixels) -> Predictions:
        classifier, step = self.predictor.classifier, self.predictor.batch_size
        said = [classifier.probabilities(pixels[start : start + step]) for start in range(0, len(pixels), step)]
        names, unknown = np.arange(len(pixels)).astype(np.str_), np.full(len(pixels), -1)
        raw = Predictions(names, unknown, np.concatenate(said), classifier.classes)
        return self.predictor.calibration.apply(raw)


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
    track: Track = silent,
) -> StressReport:
    """Return what a run loses under corruptions; write stress.json and stress.html to a folder.

    Args:
        model: a run folder.
        data: as for `read_data`; its test split where it has one. The run's own test split when None.
        out: the folder to make; `stress` in the run when None.
        n_images: how many to ask about, half of them malignant where there are enough.
        only: keys of corruptions; all of them when empty.
        point: name of the operating point; the first when None.
        views: 1 asks about each picture once, eight times faster than 8, which averages its flips and turns; what the
            run predicts with, and chose its threshold with, when None.
        seed: of the sample, the corruptions and the resamples.
        with_pictures: show the corruptions on an image of the data; on a drawn one when False.
        force: replace a stress test that stands at `out`.
        track: draws progress.

    Raises:
        LentigoError: the model or the data cannot be used, or `out` is taken.

    Example:
        >>> report = stress(run, n_images=12, only=["jpeg"], out=folder / "stress")
        >>> report.n_images, (folder / "stress" / "stress.json").exists()
        (12, True)
    """
    corruptions, run = choose(only), Run.open(model)
    place = run.folder / "stress" if out is None else Path(out)
    refuse_foreign(place, kind="stress test", is_ours=FILES.__contains__, force=force)
    config, predictor = run.config(), Predictor.load(model)
    views = views or config.predict.views
    predictor = dataclasses.replace(predictor, classifier=dataclasses.replace(predictor.classifier, views=views))
    operating_point = _named_point(predictor.calibration, point)
    manifest = _manifest_of(run, config, data)
    malignant = run.taxonomy().malignant(manifest.classes)
    sample = sample_images(manifest, malignant, n_images=n_images, seed=seed)
    report = stress_subject(
        _RunSubject(predictor),
        sample,
        malignant=malignant,
        corruptions=corruptions,
        threshold=operating_point.threshold,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=seed,
        track=track,
    )
    provenance = {
        **report.provenance,
        "model": run.folder.resolve().name,
        "data": "its own test images" if data is None else Path(data).resolve().name,
        "operating_point": operating_point.name,
        "views": views,
        "views_of_run": config.predict.views,
        "n_available": len(manifest),
        "calibration_sha256": sha256_of(run.calibration_path),
    }
    report = dataclasses.replace(report, provenance=provenance)
    _write(report, place, picture=_first_picture(sample, malignant) if with_pictures else None, force=force)
    return report


def stress_subject(
    subject: Subject,
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
        subject: the model.
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

    def variants(task: tuple[str, Path]) -> Pixels | ImageError:
        try:
            return fitted_variants(task[1], task[0], subject.preprocess, corruptions, seed=seed)
        except ImageError as error:
            return error

    for outcome in track(_ahead(variants, tasks), "Stressing", len(sample)):
        if isinstance(outcome, ImageError):
            logger.warning("Left out: %s", outcome)
            said.append(None)
        else:
            said.append(subject.predictions(outcome).malignant(subject.malignant_classes))
    is_read = np.array([row is not None for row in said])
    if not is_read.any():
        raise DataError(
            f"none of the {len(sample)} images of {sample.origin} can be read. The log says why, image by image."
        )
    kept, rows = sample.select(is_read), np.stack([row for row in said if row is not None])
    groups, unit = kept.groups()
    answers = Answers(
        is_malignant=kept.table["target"].isin(list(malignant)).to_numpy(dtype=bool),
        groups=groups,
        unit=unit,
        clean=rows[:, 0],
        corrupted=np.ascontiguousarray(rows[:, 1:].T).reshape(len(corruptions), len(STRENGTHS), len(rows)),
        corruptions=tuple(corruptions),
    )
    report = measure(answers, threshold=threshold, n_resamples=n_resamples, confidence=confidence, seed=seed)
    return dataclasses.replace(report, provenance={"n_unreadable": int((~is_read).sum())})


def _ahead(work: Callable[[Task], Outcome], tasks: Iterable[Task]) -> Iterator[Outcome]:
    """Yield `work` of each task in order, a few of them done ahead by threads."""
    remaining = iter(tasks)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        queue: deque[Future[Outcome]] = deque(pool.submit(work, task) for task in islice(remaining, _AHEAD))
        while queue:
            done = queue.popleft().result()
            queue.extend(pool.submit(work, task) for task in islice(remaining, 1))
            yield done


def _manifest_of(run: Run, config: Config, data: str | Path | None) -> Manifest:
    if data is None:
        return run.manifest().subset("test")
    manifest = read_data(data, taxonomy=run.taxonomy(), task=config.data.task)
    if manifest.has_split and (manifest.table["split"] == "test").any():
        manifest = manifest.subset("test")
    learned = run.manifest()
    is_learned = learned.table["split"] != "test"
    known = set(learned.table.loc[is_learned, "path"])
    if n_known := sum(path in known for path in manifest.table["path"]):
        logger.warning("%d of the %d images are ones the run has learned from or chosen by.", n_known, len(manifest))
    return manifest


def _named_point(calibration: Calibration, name: str | None) -> OperatingPoint:
    if name is None:
        return calibration.operating_points[0]
    points = {point.name: point for point in calibration.operating_points}
    if name not in points:
        known = ", ".join(points)
        raise LentigoError(f"the run has no operating point '{name}'.{suggest(name, list(points))} It has: {known}.")
    return points[name]


def _first_picture(sample: Manifest, malignant: Sequence[str]) -> Path:
    rows = np.flatnonzero(sample.table["target"].isin(list(malignant)))
    return sample.paths[int(rows[0]) if rows.size else 0]


def _write(report: StressReport, place: Path, *, picture: Path | None, force: bool) -> None:
    from lentigo.report import render_stress  # templates, for the page only

    with new_folder(place, force=force) as partial:
        write_text(partial / "stress.html", render_stress(report, picture=picture))
        report.write(partial / "stress.json")
