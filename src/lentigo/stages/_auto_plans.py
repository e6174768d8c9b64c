"""The plans that `--recipe auto` chooses from, best first, and what each costs on a machine that was measured."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lentigo.config import Config
from lentigo.wording import counted

if TYPE_CHECKING:
    from lentigo.training import Speed

# Their order is that of docs/benchmarks.md on isic-binary (AUROC): five folds at 192 px 0.973, one network at 160 px
# 0.960, a probe at 224 px 0.929; between sizes of one network the figures hardly differ.
FOLDED: Final = (224, 192, 160)
SINGLE: Final = (224, 192, 160, 128, 96)
PROBED: Final = (224, 160, 96)
N_FOLDS: Final = 5
EPOCHS: Final = 12  # what counts is length, up to about twelve epochs of 2,000 images (docs/experiments.md) ...
LEAST_STEPS: Final = 600  # ... which are 780 steps; fewer images need more epochs for as many
MOST_EPOCHS: Final = 40
LEAST_OF_CLASS: Final = 20  # images of the rarest class for folds: four in each
# Worker processes of the audit, packages that are loaded on the way, calibration, evaluation with 2,000 resamples and
# report; and per image the rest of the audit (copies, shortcuts, labels). Seen in processor time: 17 s in a run that
# took 225 of the 267 s expected with 30 s here, and much more in one beside other work (docs/experiments.md).
REST_S: Final = 20.0
REST_PER_IMAGE_S: Final = 0.004


@dataclass(frozen=True, slots=True)
class ImageCounts:
    """How many images there are.

    Args:
        train: to learn from.
        val: to choose on.
        test: to evaluate on.
        n_classes: of the task.
        rarest: images of the rarest class in train and val.

    Example:
        >>> ImageCounts(600, 160, 200, 2, 90).total
        960
    """

    train: int
    val: int
    test: int
    n_classes: int
    rarest: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.train + self.val + self.test


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """One way to train; `epochs` is 0 for a probe.

    Example:
        >>> TrainingPlan("finetune", 192, 12, 5).sentence
        'fine-tuning at 192 px, 12 epochs, 5 folds (5 networks, averaged)'
    """

    method: str
    size: int
    epochs: int
    folds: int

    @property
    def sentence(self) -> str:
        """The plan in words."""
        if self.method == "probe":
            return f"a probe (frozen backbone) at {self.size} px"
        folds = (
            f", {counted(self.folds, 'fold')} ({counted(self.folds, 'network')}, averaged)"
            if self.folds
            else ", one network"
        )
        return f"fine-tuning at {self.size} px, {counted(self.epochs, 'epoch')}{folds}"

    def changes(self) -> dict[str, object]:
        """Return the settings that the plan stands for."""
        found: dict[str, object] = {"train.method": self.method, "image.size": self.size, "train.folds": self.folds}
        if self.method == "probe":
            return found | {"predict.views": 1}
        return found | {"train.epochs": self.epochs, **({"train.keep": "last"} if self.folds else {})}


@dataclass(frozen=True, slots=True)
class PlanFamily:
    """Plans that differ by their epochs alone, between `least` and `most` of them.

    Example:
        >>> PlanFamily("finetune", 160, 0, 12, 24).size
        160
    """

    method: str
    size: int
    folds: int
    least: int
    most: int


def wanted_epochs(counts: ImageCounts, batch: int) -> int:
    """Return how many epochs a network needs: twelve, or more where an epoch has few steps.

    Example:
        >>> wanted_epochs(ImageCounts(2077, 560, 660, 2, 800), 32), wanted_epochs(ImageCounts(640, 100, 100, 2, 90), 32)
        (12, 30)
    """
    return min(MOST_EPOCHS, max(EPOCHS, math.ceil(LEAST_STEPS / max(1, counts.train // batch))))


def ladder(config: Config, counts: ImageCounts, kept: frozenset[str]) -> list[PlanFamily]:
    """Return what may be chosen, best first; settings that the user has fixed stay as they are.

    Args:
        config: the settings so far.
        counts: of the images.
        kept: dotted names of the settings that the user has fixed.
    """
    wanted = config.train.epochs if "train.epochs" in kept else wanted_epochs(counts, config.train.batch_size)
    is_fixed = "train.epochs" in kept

    def rung(size: int, folds: int, share: float) -> PlanFamily:
        least, most = (wanted, wanted) if is_fixed else (math.ceil(share * wanted), 2 * wanted)
        return PlanFamily("finetune", size, folds, least, most)

    own = (config.image.size,) if "image.size" in kept else None
    folds = config.train.folds if "train.folds" in kept else N_FOLDS
    found = []
    if folds and (counts.rarest >= LEAST_OF_CLASS or "train.folds" in kept):
        found += [rung(size, folds, 1.0) for size in own or FOLDED]
    if "train.folds" not in kept or not folds:
        # Less than full length is taken only where the picture cannot be made smaller any more.
        shares = {128: 2 / 3, 96: 1 / 3}
        found += [rung(size, 0, 1 / 3 if own else shares.get(size, 1.0)) for size in own or SINGLE]
    if config.model.weights != "none" and not is_fixed and not ("train.folds" in kept and folds):
        found += [PlanFamily("probe", size, 0, 0, 0) for size in own or PROBED]
    return [one for one in found if "train.method" not in kept or one.method == config.train.method]


def seconds_of_plan(plan: TrainingPlan, config: Config, counts: ImageCounts, speed: "Speed", look_s: float) -> float:
    """Return how long a run of this plan takes.

    Args:
        plan: the plan; `speed` is of its size.
        config: the other settings.
        counts: of the images.
        speed: of this machine.
        look_s: to audit and to decode one image.
    """
    fixed = REST_S + counts.total * (look_s + REST_PER_IMAGE_S)
    second = 2 * min(config.evaluate.second_look, counts.test)
    if plan.method == "probe":
        return fixed + (counts.train + 2 * counts.val + counts.test + second) * speed.predict_s
    pool, networks, views = counts.train + counts.val, max(1, plan.folds), config.predict.views
    train, val = (pool * (plan.folds - 1) / plan.folds, pool / plan.folds) if plan.folds else (counts.train, counts.val)
    batch = config.train.batch_size
    epoch = max(1, train // batch) * batch * speed.step_s + val * speed.validate_s + speed.checkpoint_s
    asked = networks * (val + counts.test) * views + networks * second  # the look without the lesion is in one view
    return fixed + networks * plan.epochs * epoch + asked * speed.predict_s


def longest(
    rung: PlanFamily, config: Config, counts: ImageCounts, speed: "Speed", look_s: float, budget_s: float
) -> tuple[TrainingPlan, float]:
    """Return the plan of a rung with the most epochs that fit, else with the fewest it may have; and its seconds."""

    def made(epochs: int) -> tuple[TrainingPlan, float]:
        plan = TrainingPlan(rung.method, rung.size, epochs, rung.folds)
        return plan, seconds_of_plan(plan, config, counts, speed, look_s)

    if rung.method == "probe":
        return made(0)
    each = made(2)[1] - made(1)[1]
    n_fitting = rung.least + math.floor((budget_s - made(rung.least)[1]) / each)
    return made(min(rung.most, max(rung.least, n_fitting)))
