"""From what a model says of intact and corrupted images to losses with intervals.

The same images are asked about again and again, so every change is measured within each resample: the interval of a
loss is that of the paired difference, and much narrower than two intervals side by side suggest.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate, is_referred
from lentigo.numbers.metrics import Ranking, Resampler, bootstrap, bootstrap_estimate
from lentigo.study.stressing._catalogue import STRENGTHS, Corruption
from lentigo.study.stressing._stress_report import (
    CELL_FIGURES,
    FIGURES,
    REFUSAL,
    CorruptionResult,
    StrengthResult,
    StressReport,
)
from lentigo.wording import counted

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class StressPredictions:
    """The predictions of a model for N images, intact and corrupted.

    Args:
        is_malignant: (N,) truth.
        groups: (N,) patient, lesion or image that each shows.
        unit: which of these a group is.
        clean: (N,) calibrated malignant probability of the intact images.
        corrupted: (C, 5, N) the same of every corruption and strength.
        corruptions: the C.
        refused: (1 + 5 C, N) whether the model gives no answer, intact first; None for one that always answers.

    Raises:
        ValueError: the shapes do not fit each other.

    Example:
        >>> from lentigo.study.stressing import choose
        >>> truth = np.array([True, False])
        >>> said = np.ones(2), np.ones((1, 5, 2))
        >>> answers = StressPredictions(truth, np.array(["a", "b"]), "image", *said, choose(["jpeg"]))
        >>> answers.corruptions[0].name
        'JPEG'
    """

    is_malignant: npt.NDArray[np.bool_]
    groups: npt.NDArray[np.generic]
    unit: str
    clean: npt.NDArray[np.float64]
    corrupted: npt.NDArray[np.float64]
    corruptions: tuple[Corruption, ...]
    refused: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        n_images = self.is_malignant.size
        wanted = (len(self.corruptions), len(STRENGTHS), n_images)
        if not self.groups.shape == self.clean.shape == (n_images,) or self.corrupted.shape != wanted:
            raise ValueError(
                f"{counted(n_images, 'image needs', 'images need')} "
                f"probabilities of shape {wanted}; got {self.corrupted.shape}"
            )


def measure(
    answers: StressPredictions, *, threshold: float, n_resamples: int = 2000, confidence: float = 0.95, seed: int = 0
) -> StressReport:
    """Return the loss under each corruption, the most harmful first.

    Args:
        answers: of one model.
        threshold: an image is called malignant at or above it.
        n_resamples: of the bootstrap over groups, stratified by side.
        confidence: of the intervals, in (0, 1).
        seed: of the resamples.

    Example:
        >>> from lentigo.study.stressing import choose
        >>> truth, said = np.array([True, True, False, False]), np.array([0.9, 0.8, 0.2, 0.1])
        >>> lost = np.full((1, 5, 4), 0.0)
        >>> answers = StressPredictions(truth, np.arange(4), "image", said, lost, choose(["jpeg"]))
        >>> report = measure(answers, threshold=0.5, n_resamples=20)
        >>> report.worst.cells[0].sensitivity_change.value
        -1.0
    """
    resampler = Resampler.of(answers.is_malignant.astype(np.int64), answers.groups, n_resamples=n_resamples, seed=seed)
    figures = _Figures.of(answers, threshold)
    found = figures.weigh(np.ones((answers.is_malignant.size, 1)))
    drawn = bootstrap(figures.weigh, resampler)
    estimates = _Estimates(answers, resampler, {name: x[..., 0] for name, x in found.items()}, drawn, confidence)
    rows = [_endured(estimates, number, corruption) for number, corruption in enumerate(answers.corruptions)]
    rows.sort(key=lambda row: (-row.mean_loss, -row.mean_flips))
    return StressReport(
        endured=tuple(rows),
        clean={name: estimates.make(name, 0) for name in (*FIGURES, *(REFUSAL if answers.refused is not None else ()))},
        n_images=int(answers.is_malignant.size),
        n_malignant=int(answers.is_malignant.sum()),
        unit=answers.unit,
        n_units=resampler.n_clusters,
        threshold=threshold,
        n_resamples=n_resamples,
        confidence=confidence,
        seed=seed,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Figures:
    """The figures of M variants of N images under B weightings; variant 0 is the intact one."""

    is_malignant: npt.NDArray[np.bool_]
    is_called: Floats  # (M, N) of 0 and 1, as all below
    is_answered: Floats
    is_flipped: Floats
    moved: Floats
    rankings: tuple[Ranking, ...]

    @classmethod
    def of(cls, answers: StressPredictions, threshold: float) -> "_Figures":
        said = np.concatenate([answers.clean[None, :], answers.corrupted.reshape(-1, answers.clean.size)])
        is_answered = np.ones(said.shape, dtype=np.bool_) if answers.refused is None else ~answers.refused
        is_called = is_referred(said, threshold) & is_answered
        is_flipped = (is_called != is_called[0]) | (is_answered != is_answered[0])
        return cls(
            is_malignant=answers.is_malignant,
            is_called=is_called.astype(np.float64),
            is_answered=is_answered.astype(np.float64),
            is_flipped=is_flipped.astype(np.float64),
            moved=np.abs(said - said[0]),
            rankings=tuple(Ranking.of(answers.is_malignant, row) for row in said),
        )

    def weigh(self, weights: Floats) -> dict[str, Floats]:
        """Return every figure as (M, B), from weights (N, B)."""
        malignant, benign = weights[self.is_malignant], weights[~self.is_malignant]
        answered = self.is_answered[:, self.is_malignant], self.is_answered[:, ~self.is_malignant]
        is_missed = answered[0] - self.is_called[:, self.is_malignant]
        with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: undefined without such images
            figures = {
                "sensitivity": self.is_called[:, self.is_malignant] @ malignant / (answered[0] @ malignant),
                "specificity": 1 - self.is_called[:, ~self.is_malignant] @ benign / (answered[1] @ benign),
                "auroc": np.stack([ranking.weigh(weights).auroc() for ranking in self.rankings]),
            }
        changes = {f"{name}_change": values - values[:1] for name, values in figures.items()}
        with np.errstate(invalid="ignore"):
            missed = is_missed @ malignant / malignant.sum(axis=0)
        shares = {
            "refused": (1 - self.is_answered) @ weights / weights.sum(axis=0),
            "missed": missed,
            "flip_rate": self.is_flipped @ weights / weights.sum(axis=0),
            "probability_change": self.moved @ weights / weights.sum(axis=0),
        }
        return figures | changes | shares


@dataclass(frozen=True, slots=True, eq=False)
class _Estimates:
    """Figures and their replicates, by variant, ready to be made into estimates."""

    answers: StressPredictions
    resampler: Resampler
    found: dict[str, Floats]
    drawn: dict[str, Floats]
    confidence: float

    def make(self, name: str, variant: int) -> Estimate:
        cases, words = self._cases(name)
        truth = self.answers.is_malignant
        sides = [(truth, "malignant images"), (~truth, "benign images")] if name.startswith("auroc") else []
        return bootstrap_estimate(
            float(self.found[name][variant]),
            self.drawn[name][variant],
            n=int(cases.sum()),
            n_clusters=self.resampler.count_clusters(cases),
            cases=words,
            unit=self.answers.unit,
            confidence=self.confidence,
            effective_clusters=self.resampler.effective_clusters(cases),
            is_proportion=name in {"sensitivity", "specificity", "flip_rate", *REFUSAL},
            is_ranking=name == "auroc",
            sides=[self.resampler.support(*side) for side in sides if side[0].any()],
        )

    def _cases(self, name: str) -> tuple[npt.NDArray[np.bool_], str]:
        truth = self.answers.is_malignant
        if name.startswith("sensitivity") or name == "missed":
            return truth, "malignant images"
        if name.startswith("specificity"):
            return ~truth, "benign images"
        if name.startswith("auroc") and not (truth.any() and not truth.all()):
            return np.zeros_like(truth), f"{'benign' if truth.any() else 'malignant'} images"
        if name.startswith("auroc"):  # as sure as the side with fewer clusters
            sides = {"malignant images": truth, "benign images": ~truth}
            words, cases = min(sides.items(), key=lambda side: self.resampler.count_clusters(side[1]))
            return cases, words
        return np.ones_like(truth), "images"


def _endured(estimates: _Estimates, number: int, corruption: Corruption) -> CorruptionResult:
    cells = []
    for strength in STRENGTHS:
        variant = 1 + number * len(STRENGTHS) + strength - 1
        extra = REFUSAL if estimates.answers.refused is not None else ()
        figures = {name: estimates.make(name, variant) for name in (*CELL_FIGURES, *extra)}
        cells.append(StrengthResult(strength, corruption.amount_text(strength), **figures))
    return CorruptionResult(corruption.key, corruption.name, tuple(cells))
