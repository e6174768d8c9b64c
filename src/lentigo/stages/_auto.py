"""`--recipe auto`: size, epochs, folds and method for a time budget, from the images and from real steps here.

The first plan of the ladder (`_auto_plans`) that fits the budget is taken. What a plan costs is counted from the number
of images and from the seconds that `measure_speed` has just seen here; the size that is taken was always measured.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lentigo.config import Config, load_config
from lentigo.errors import ConfigError, ImageError
from lentigo.images import Preprocess
from lentigo.launch import launch
from lentigo.model import usable_cores
from lentigo.stages._auto_plans import ImageCounts, PlanFamily, TrainingPlan, ladder, longest
from lentigo.stages._durations import at_least, in_words, seconds_of
from lentigo.stages._prepare import read_sets
from lentigo.stages._run_folder import Run
from lentigo.storage import read_json, write_json
from lentigo.study.auditing import WORTH_PROCESSES, find_copies
from lentigo.wording import counted

if TYPE_CHECKING:
    from lentigo.data.manifest import Manifest
    from lentigo.training import Speed

logger = logging.getLogger(__name__)

DEFAULT: Final = "30m"
AIM: Final = 0.9  # of the budget: a machine is never twice the same, and a run that is early disappoints nobody
FIRST_SIZE: Final = 160  # measured first; the other sizes follow from it until they are measured themselves
N_LOOKED: Final = 24  # images that are audited and decoded to learn what one costs
NOT_PLANNED: Final = {
    "train.held_out_sources": "none", "train.view_epochs": 0, "train.teacher": "", "calibrate.left_out": "",
    "train.fold_by": "group",
}  # fmt: skip

Measure = Callable[[int], "Speed"]


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """How long a run may take.

    Args:
        seconds: of the whole of it, from reading the data to the report.
        kept: dotted names of the settings that stay as they are; None for those that differ from the recipe `auto`.

    Example:
        >>> TimeBudget.of("30m").seconds
        1800.0
    """

    seconds: float
    kept: frozenset[str] | None = None

    @classmethod
    def of(cls, text: "str | float | TimeBudget", *, kept: Collection[str] | None = None) -> "TimeBudget":
        """Return the budget that a text such as "30m", or a number of seconds, stands for."""
        if isinstance(text, TimeBudget):
            return text
        return cls(seconds_of(text), None if kept is None else frozenset(kept))


@dataclass(frozen=True, slots=True)
class ChosenRecipe:
    """What was chosen for a budget, and why.

    Args:
        config: the settings to train with.
        plan: the plan that they follow.
        budget_s: the budget.
        expected_s: how long the run is expected to take, what was spent on choosing included.
        counts: of the images.
        speeds: what was measured here, one of each size.
        look_s: to audit and decode one image.
        better: the next better plan and the seconds that it needs; None where the best one was taken.
        manifest: the images, as they were read to be counted; training goes on with it.

    Example:
        >>> ChosenRecipe.__slots__[0]
        'config'
    """

    config: Config
    plan: TrainingPlan
    budget_s: float
    expected_s: float
    counts: ImageCounts
    speeds: "tuple[Speed, ...]"
    look_s: float
    better: tuple[TrainingPlan, float] | None = field(default=None)
    manifest: "Manifest | None" = field(default=None, repr=False, compare=False)

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types, as environment.json has it."""
        better = None if self.better is None else {**asdict(self.better[0]), "seconds": round(self.better[1])}
        return {
            "budget_s": round(self.budget_s),
            "expected_s": round(self.expected_s),
            "plan": asdict(self.plan),
            "images": asdict(self.counts),
            "seconds_per_image": [asdict(speed) for speed in self.speeds],
            "look_s": self.look_s,
            "next_better": better,
        }

    def sentences(self) -> list[str]:
        """Return what is printed: the plan, what it rests on, and what more time would bring."""
        counts, speed = self.counts, next(one for one in self.speeds if one.size == self.plan.size)
        what, each = ("predicts", speed.predict_s) if self.plan.method == "probe" else ("trains on", speed.step_s)
        images = f"{counts.train:,} training, {counts.val:,} validation and {counted(counts.test, 'test image')}"
        rate = f"{what} {1 / each:,.1f} images/s at {speed.size} px"
        lines = [
            f"Chosen for {in_words(self.budget_s)}: {self.plan.sentence}. Expected: {in_words(self.expected_s)}.",
            f"Why: {images}, and this machine {rate}, as just measured.",
        ]
        if self.better is not None:
            lines.append(f"With {in_words(self.better[1])} it would be {self.better[0].sentence}.")
        elif self.expected_s < 0.75 * self.budget_s:
            lines.append("No longer training is known to be better, so the rest of the time is not used.")
        return lines


def choose(
    data: Sequence[str | Path], config: Config, budget: TimeBudget, *, measure: Measure | None = None
) -> ChosenRecipe:
    """Return the settings that make the best use of a budget on this machine.

    Args:
        data: as for `train`.
        config: the settings so far; its recipe is `auto`.
        budget: how long the whole run may take.
        measure: gives the speed at a size; a few real steps when left out.

    Raises:
        ConfigError: the budget is too small for anything, or settings are set that are not planned for.
    """
    started = time.monotonic()
    from lentigo.training import measure_speed, with_source  # seconds, which are part of the run

    _refuse_unplanned(config)
    kept = _changed_keys(config) if budget.kept is None else set(budget.kept)
    sourced = with_source(config)
    if sourced.image.size != config.image.size:
        kept.add("image.size")  # a backbone with fixed positions takes no other
    manifest = read_sets([str(path) for path in data], sourced)
    counts, look_s = _count_and_time(manifest, sourced)
    rungs = ladder(sourced, counts, frozenset(kept))
    if not rungs:
        raise ConfigError("these settings leave nothing to choose from. Remove some of them, or name another --recipe.")
    seconds = min(6.0, budget.seconds / 100)
    how = measure or (
        lambda size: measure_speed(sourced.changed({"image.size": size}), counts.n_classes, seconds=seconds)
    )
    first = rungs[0].size if "image.size" in kept else FIRST_SIZE
    speeds = {first: how(first)}
    while True:
        spent = time.monotonic() - started
        found = _first_that_fits(rungs, sourced, counts, speeds, look_s, AIM * budget.seconds - spent)
        plan, expected, better = found
        if plan.size in speeds:
            break
        speeds[plan.size] = how(plan.size)
    if expected > AIM * budget.seconds - spent:
        raise ConfigError(
            f"{in_words(budget.seconds)} are too little for {counted(counts.total, 'image')} on this machine: the "
            f"fastest plan, {plan.sentence}, takes about {in_words(expected + spent)}. Give --time-budget "
            f"{at_least((expected + spent) / AIM)} or more, or fewer images."
        )
    changes = {key: value for key, value in plan.changes().items() if key not in kept}
    return ChosenRecipe(
        config.changed(changes), plan, budget.seconds, expected + spent, counts, tuple(speeds.values()), look_s,
        better, manifest,
    )  # fmt: skip


def note_time(run: Run, took_s: float) -> None:
    """Write beside what was expected of a run how long it took."""
    environment = read_json(run.environment_path)
    environment["auto"]["took_s"] = round(took_s)
    write_json(run.environment_path, environment)


def _first_that_fits(
    rungs: Sequence[PlanFamily],
    config: Config,
    counts: ImageCounts,
    speeds: "dict[int, Speed]",
    look_s: float,
    left_s: float,
) -> tuple[TrainingPlan, float, tuple[TrainingPlan, float] | None]:
    """Return the best plan that fits, its seconds, and the next better one; the cheapest plan where none fits."""
    tried: list[tuple[TrainingPlan, float]] = []
    for rung in rungs:
        speed = speeds.get(rung.size) or _nearest(speeds, rung.size).at(rung.size)
        plan, seconds = longest(rung, config, counts, speed, look_s, left_s)
        if seconds <= left_s:
            return plan, seconds, (tried[-1] if tried else None)
        tried.append((plan, seconds))
    plan, seconds = min(tried, key=lambda one: one[1])
    return plan, seconds, None


def _nearest(speeds: "dict[int, Speed]", size: int) -> "Speed":
    return speeds[min(speeds, key=lambda known: abs(known - size))]


def _refuse_unplanned(config: Config) -> None:
    if launch().size > 1:
        raise ConfigError("--recipe auto measures one process. Start it without torchrun, or name another recipe.")
    values = {key: getattr(getattr(config, key.split(".")[0]), key.split(".")[1]) for key in NOT_PLANNED}
    if wrong := [key for key, value in values.items() if value != NOT_PLANNED[key]]:
        raise ConfigError(f"--recipe auto does not support {', '.join(wrong)}. Name another recipe to use it.")


def _changed_keys(config: Config) -> set[str]:
    """Return the settings that differ from the recipe `auto`."""
    base, own = asdict(load_config("auto")), asdict(config)
    return {
        f"{section}.{key}"
        for section, values in own.items()
        if isinstance(values, dict)
        for key, value in values.items()
        if value != base[section].get(key)
    }


def _count_and_time(manifest: "Manifest", config: Config) -> tuple[ImageCounts, float]:
    """Return how many images there are, and the seconds to audit and decode one of them on all cores."""
    counts = _counts(manifest, config)
    chosen = np.random.default_rng(config.seed).permutation(len(manifest))[:N_LOOKED]
    sample = manifest.select(np.sort(chosen))
    started = time.perf_counter()
    find_copies(sample, image=config.image)
    survey_s = time.perf_counter() - started
    if len(manifest) >= WORTH_PROCESSES:  # which this sample is not
        survey_s /= usable_cores()
    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=usable_cores()) as pool:
        list(pool.map(_decoded(config), sample.paths))
    return counts, (survey_s + time.perf_counter() - started) / len(sample)


def _decoded(config: Config) -> Callable[[Path], None]:
    preprocess = Preprocess(config.image)

    def decode(path: Path) -> None:
        try:
            preprocess.pixels(path)
        except ImageError:
            return  # the audit names it

    return decode


def _counts(manifest: "Manifest", config: Config) -> ImageCounts:
    """Return the counts that the run will have; a split that is missing is cut as `prepare` cuts it."""
    table, n = manifest.table, len(manifest)
    if not manifest.has_split:
        shares = {name: round(share * n) for name, share in config.data.fractions.items()}
        open_rows = table
    else:
        shares = {name: int((table["split"] == name).sum()) for name in ("train", "val", "test")}
        if not shares["val"]:
            shares["val"] = round(config.data.val_fraction * shares["train"])
            shares["train"] -= shares["val"]
        open_rows = table[table["split"] != "test"]
    rarest = int(open_rows["target"].value_counts().reindex(list(manifest.classes), fill_value=0).min())
    return ImageCounts(shares["train"], shares["val"], shares["test"], len(manifest.classes), rarest)
