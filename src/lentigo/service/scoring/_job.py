"""`lentigo score`: from a bundle and a source of images to a folder of tables, with score.json when all is done."""

import contextlib
import logging
import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lentigo.errors import BusyError, ConfigError, DataError, LentigoError, StorageError
from lentigo.images import find_images
from lentigo.locks import locked
from lentigo.model import open_bundle, place_of, usable_cores
from lentigo.progress import Track, silent
from lentigo.service.scoring._plan import FORMATS, LOCK, PLAN, RESULT, ScoringPlan, Shard, is_ours, make_plan
from lentigo.service.scoring._process import WorkerSettings
from lentigo.service.scoring._scored import Scored, summary_of
from lentigo.service.scoring._shards import AnswerCounts, AnsweredShard, Row, need_pyarrow, read_shard, write_shard
from lentigo.storage import read_json, refuse_foreign, write_json
from lentigo.wording import counted

logger = logging.getLogger(__name__)
ENGINES: Final = ("local", "ray")


@dataclass(frozen=True, slots=True)
class _Images:
    """All images, in order."""

    names: list[str]
    paths: list[Path]

    def piece(self, start: int, stop: int) -> list[tuple[str, str]]:
        here = Path.cwd()  # actors of Ray stand in another folder
        return [(name, str(here / path)) for name, path in zip(self.names[start:stop], self.paths[start:stop])]  # noqa: B905 - equally long


@dataclass(frozen=True, slots=True)
class _ScoringWorkers:
    """Who answers.

    Args:
        name: local or ray.
        workers: how many; the engine's own choice when left out.
        address: of a Ray cluster.
    """

    name: str
    workers: int | None
    address: str | None

    def ask(
        self, asking: WorkerSettings, images: _Images, shards: Sequence[Shard]
    ) -> Generator[AnsweredShard, None, None]:
        pieces = (images.piece(start, stop) for shard in shards for start, stop in shard.pieces())
        if self.name == "ray":
            from lentigo.service.scoring._on_ray import score_on_ray

            return score_on_ray(asking, list(pieces), workers=self.workers, address=self.address)
        from lentigo.service.scoring._local import score_locally

        n_pieces = sum(1 for shard in shards for _ in shard.pieces())
        return score_locally(asking, pieces, workers=min(self.workers or usable_cores(), n_pieces))


def score(
    bundle: str | Path,
    source: str | Path,
    out: str | Path,
    *,
    engine: str = "local",
    workers: int | None = None,
    ray_address: str | None = None,
    shard_size: int = 2000,
    table_format: str = "csv",
    prevalence: float | None = None,
    max_pixels: int | None = None,
    resume: bool = False,
    force: bool = False,
    runtime: str | None = None,
    precision: str | None = None,
    track: Track = silent,
) -> Scored:
    """Return the result of predicting any number of images with a bundle; write a folder of tables.

    The rows are those of `predict`. Each table is complete or absent, and `score.json` comes last: where it lies, all
    is done. A file that cannot be read, or that ends the process that reads it, gets a row with its error.

    Args:
        bundle: its folder, or "lentigo" for the one that is shipped.
        source: a folder (searched recursively), an image, a table with a `path` or `image_id` column, or a .txt file
            with one path per line.
        out: folder to make.
        engine: `local`, processes of this machine, or `ray`, Ray Data.
        workers: how many processes or actors; by default one per core of the machine or cluster.
        ray_address: of a running cluster; "auto" for the one on this machine. By default Ray is started here.
        shard_size: images per table.
        table_format: csv or parquet.
        prevalence: as for `predict`.
        max_pixels: as for `predict`.
        resume: continue what is at `out`, if it was begun with the same bundle, images and settings.
        force: overwrite the scores at `out`.
        runtime: as for `predict`.
        precision: as for `predict`.
        track: draws progress.

    Raises:
        LentigoError: bundle, settings or place cannot be used; the message says what to do.
        DataError: there is no image in the source.

    Example:
        >>> scored = score(bundle_folder, phantom / "images", folder / "scores", workers=1)
        >>> scored.n_images, scored.n_errors, sorted(path.name for path in scored.folder.iterdir())
        (120, 0, ['part-00000.csv', 'plan.json', 'score.json'])
    """
    place, answering = Path(out), _ScoringWorkers(engine, workers, ray_address)
    _check(answering, shard_size, table_format)
    _is_resumed(place, resume=resume, force=force)  # before minutes of work
    names, paths = find_images([source])
    if not paths:
        raise DataError(f"{source} contains no images. Give a folder of images, a table or a list of paths.")
    images = _Images(names, paths)
    loaded = open_bundle(bundle, backend=runtime, threads=1, precision=precision)
    plan = make_plan(
        loaded,
        names,
        paths,
        prevalence=prevalence,
        shard_size=shard_size,
        table_format=table_format,
        max_pixels=max_pixels,
    )
    named = str(bundle) if place_of(bundle) != Path(bundle) else str(Path(bundle).absolute())
    asking = WorkerSettings(
        named,
        plan.bundle_sha256,
        plan.classes,
        plan.threshold,
        prevalence,
        max_pixels=max_pixels,
        runtime=runtime,
        precision=precision,
        is_called=plan.is_called,
    )
    computation = loaded.computation
    if (fusion := loaded.decision.fusion) is not None:
        logger.warning(
            "%s uses %s beside the image. 'score' reads images alone, so they count as unknown; 'lentigo predict' "
            "reads them from a table.", loaded.name, ", ".join(term.name for term in fusion.terms),
        )  # fmt: skip
    del loaded
    with _what_stays(place), locked(place / LOCK, doing=f"scoring into {place}"):
        _begin(place, plan, is_resumed=_is_resumed(place, resume=resume, force=force))
        tally, todo = _done_before(place, plan, images)
        if not todo and (place / RESULT).exists():
            return Scored(place, read_json(place / RESULT))
        (place / RESULT).unlink(missing_ok=True)
        started, n_before = time.monotonic(), tally.n_images
        n_again = _score_shards(place, plan, images, todo, tally, answering.ask(asking, images, todo), track=track)
        summary = summary_of(
            place,
            plan,
            tally,
            engine=engine,
            workers=workers,
            source=str(source),
            bundle=named,
        )
        summary |= computation.json()
        seconds = time.monotonic() - started
        speed = {"n_asked": tally.n_images - n_before, "n_computed_again": n_again, "seconds": round(seconds, 2)}
        speed["images_per_s"] = round(speed["n_asked"] / seconds, 2)
        write_json(place / RESULT, {**summary, **speed})
    return Scored(place, read_json(place / RESULT))


@contextlib.contextmanager
def _what_stays(place: Path) -> Iterator[None]:
    """Add to the message of a full disk that the job can go on.

    Raises:
        StorageError: the disk is full, or the folder has gone.
    """
    try:
        yield
    except StorageError as error:
        if isinstance(error, BusyError) or not (place / PLAN).is_file():
            raise
        n_done = len(list(place.glob("part-*")))
        raise StorageError(
            f"{error} {place} is kept with {counted(n_done, 'table')}; continue with --resume."
        ) from error


def _check(engine: _ScoringWorkers, shard_size: int, table_format: str) -> None:
    """Raise unless the settings make sense and what they need is installed.

    Raises:
        ConfigError: a setting makes no sense.
        MissingExtraError: pyarrow or Ray is not installed.
    """
    if engine.name not in ENGINES or table_format not in FORMATS:
        raise ConfigError(f"engines are {', '.join(ENGINES)} and formats {', '.join(FORMATS)}.")
    if shard_size < 1 or (engine.workers is not None and engine.workers < 1):
        raise ConfigError("at least one image per table (--shard-size) and one worker (--workers) are needed.")
    if engine.address is not None and engine.name != "ray":
        raise ConfigError("--ray-address needs --engine ray.")
    if table_format == "parquet":
        need_pyarrow()
    if engine.name == "ray":
        from lentigo.service.scoring._on_ray import import_ray

        import_ray()


def _is_resumed(place: Path, *, resume: bool, force: bool) -> bool:
    """Return whether the scores that stand at `place` are gone on with.

    Raises:
        LentigoError: the place is not free.
    """
    if re.match(r"[a-z][a-z0-9+]+:/", str(place)):
        raise LentigoError(f"{place} is not a folder. Mount the store, or score into a folder and copy it there.")
    if resume and (place / PLAN).exists():
        return True
    if not place.is_dir() or any(path.name != LOCK for path in place.iterdir()):
        refuse_foreign(place, kind="folder of scores", is_ours=is_ours, force=force)
    return False


def _begin(folder: Path, plan: ScoringPlan, *, is_resumed: bool) -> None:
    """Leave the plan in the folder, and nothing of another or of a kill."""
    if is_resumed:
        plan.refuse_other(ScoringPlan.read(folder), folder)
    leftovers = [path for path in folder.iterdir() if is_ours(path.name) and path.name != LOCK]
    for path in sorted(leftovers, key=lambda path: path.name != RESULT):  # complete no longer, first of all
        if not is_resumed or path.suffix == ".partial":
            path.unlink()
    if not is_resumed:
        plan.write(folder)


def _done_before(folder: Path, plan: ScoringPlan, images: _Images) -> tuple[AnswerCounts, list[Shard]]:
    """Return the count of the tables that stand already, and the shards that are still to be made."""
    tally, todo = AnswerCounts(), []
    for shard in plan.shards():
        if (folder / shard.file).exists():
            tally.add(
                read_shard(folder / shard.file, plan.columns, images.names[shard.start : shard.stop]),
                is_called=plan.is_called,
            )
        else:
            todo.append(shard)
    if tally.n_images:
        logger.info("already scored: %d of %s", tally.n_images, counted(plan.n_images, "image"))
    return tally, todo


def _score_shards(
    folder: Path,
    plan: ScoringPlan,
    images: _Images,
    shards: Sequence[Shard],
    tally: AnswerCounts,
    answers: Generator[AnsweredShard, None, None],
    *,
    track: Track,
) -> int:
    """Write the tables, and count them.

    Returns:
        How many answers a lower precision left to float32.

    Raises:
        RuntimeError: the rows are not those of the images: a fault of the engine.
        StorageError: the folder has gone.
    """
    n_again = 0
    first = next(shards[0].pieces()) if shards else (0, 1)
    n_left = sum(shard.stop - shard.start for shard in shards)
    with contextlib.closing(answers):
        tracked = iter(track(answers, "Scoring", n_left, unit=first[1] - first[0]))
        for shard in shards:
            rows: list[Row] = []
            for _ in shard.pieces():
                found = next(tracked)
                rows += found.rows
                n_again += found.n_again
            if [row[0] for row in rows] != images.names[shard.start : shard.stop]:
                raise RuntimeError(f"the rows of {shard.file} are not those of its images")
            if not (folder / PLAN).is_file():  # else the table would make half a folder again
                raise StorageError(f"{folder} was removed during scoring and cannot be resumed.")
            write_shard(folder / shard.file, plan.columns, rows)
            tally.add(rows, is_called=plan.is_called)
    return n_again
