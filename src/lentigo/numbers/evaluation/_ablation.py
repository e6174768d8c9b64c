"""Do age, sex and site add anything to what a model sees? Image alone, columns alone, both, on the same folds.

Out-of-fold image scores and columns go through a logistic model in nested folds: patients or lesions stay together, the
penalty is chosen inside the images that are learned from, and each image is predicted by models that saw none of its
fold. The gain is the paired difference of AUROCs, resampled by patient or lesion.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lentigo.data.manifest import Manifest
from lentigo.data.splits import k_folds
from lentigo.errors import ConfigError, name_offenders, suggest
from lentigo.model.decision import Estimate
from lentigo.numbers.columns import N_INNER, Block, column_block, image_score, out_of_fold
from lentigo.numbers.evaluation._evaluation import Resampling
from lentigo.numbers.evaluation._headline import measure_headline, paired_difference
from lentigo.numbers.metrics import say
from lentigo.numbers.predictions import Predictions
from lentigo.wording import figure_text

if TYPE_CHECKING:
    import pandas as pd

FOLDS: Final = 5  # as where a calibration is chosen: each logistic model learns from four fifths of the lesions
WORSE: Final = 0.01  # AUROC lost by columns from which on they are overfitted rather than useless
PARTS: Final = ("image alone", "columns alone", "both")
SIDES: Final = ("benign", "malignant")
NEVER: Final = (
    *("image_id", "path", "target", "diagnosis", "label", "side", "split", "lesion_id", "patient_id", "fold"),
    *("cv_fold", "dx_type", "diagnosis_text", "image", "images"),
)
"""Columns that are the answer, or name the image; a model of them would be no model of the patient."""

Verdict = Literal["add", "add nothing", "undecided"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ablation:
    """What columns add to a model's image scores.

    Args:
        columns: those that were tried.
        verdict: "add" where the interval of the gain lies above 0; "add nothing" where it excludes a gain of 0.01; else
            "undecided".
        sentence: the same, for people.
        auroc: of image alone, columns alone and both.
        gain: AUROC of both less that of the image alone.
        gain_brier: Brier score of the image alone less that of both; above 0 is better.
        n_images: images, each predicted by models that saw none of its fold.
        n_malignant: those that are malignant.
        n_missing: images without a value, by column.
        resampling: how the intervals were made.

    Example:
        >>> Ablation.__slots__[:2]
        ('columns', 'verdict')
    """

    columns: tuple[str, ...]
    verdict: Verdict
    sentence: str
    auroc: Mapping[str, Estimate]
    gain: Estimate
    gain_brier: Estimate
    n_images: int
    n_malignant: int
    n_missing: Mapping[str, int]
    resampling: Resampling

    def json(self) -> dict[str, Any]:
        """Return the ablation as JSON types."""
        plain = {name: getattr(self, name) for name in ("verdict", "sentence", "n_images", "n_malignant")}
        return {
            "schema_version": 1,
            "columns": list(self.columns),
            **plain,
            "auroc": {name: figure.json() for name, figure in self.auroc.items()},
            "gain": self.gain.json(),
            "gain_brier": self.gain_brier.json(),
            "n_missing": dict(self.n_missing),
            "resampling": dataclasses.asdict(self.resampling),
        }


def ablate(
    said: Predictions,
    manifest: Manifest,
    columns: Sequence[str],
    *,
    malignant: Sequence[str],
    groups: npt.NDArray[np.str_],
    unit: str,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Ablation:
    """Return what columns of a manifest add to predictions by a model that had not learned from these images.

    Args:
        said: labelled, of validation images or out of fold.
        manifest: the same images, in the same order.
        columns: numbers or categories; a missing value counts as the average.
        malignant: the malignant ones of the classes.
        groups: (N,) patient or lesion of each image.
        unit: what a group is.
        n_resamples: number of resamples.
        confidence: coverage of the intervals.
        seed: of folds and resamples.

    Raises:
        ConfigError: a column is not there, is empty, or is the answer itself.
        DataError: a side has fewer groups than there are folds.
    """
    values = {name: column_of(manifest, name) for name in columns}
    nested = NestedScores.of(said, malignant, manifest, groups, unit=unit, seed=seed)
    found = nested.ablate(
        [column_block(name, value.tolist()) for name, value in values.items()],
        columns, n_resamples=n_resamples, confidence=confidence,
    )  # fmt: skip
    return dataclasses.replace(found, n_missing={name: int(value.isna().sum()) for name, value in values.items()})


@dataclass(frozen=True, slots=True, eq=False)
class NestedScores:
    """Image scores with the folds in which columns are judged beside them.

    Args:
        said: of each image.
        score: malignant log-odds (N, 1).
        truth: (N,) which are malignant.
        fold: (N,) of each image; groups stay together.
        inner: (N,) a further part of the groups, to choose penalties on.
        groups: (N,) patient or lesion.
        unit: what a group is.
        seed: of folds and resamples.
    """

    said: Predictions
    score: Floats
    truth: npt.NDArray[np.bool_]
    fold: npt.NDArray[np.int64]
    inner: npt.NDArray[np.int64]
    groups: npt.NDArray[np.str_]
    unit: str
    seed: int

    @classmethod
    def of(
        cls,
        said: Predictions,
        malignant: Sequence[str],
        manifest: Manifest,
        groups: npt.NDArray[np.str_],
        *,
        unit: str,
        seed: int = 0,
    ) -> "NestedScores":
        """Return the folds of labelled predictions; arguments as of `ablate`.

        Raises:
            DataError: a side has fewer groups than there are folds.
        """
        truth = said.is_malignant(malignant)
        sides = manifest.table.assign(target=np.where(truth, *reversed(SIDES)), diagnosis=None)
        fold = k_folds(Manifest(sides, manifest.origin), FOLDS, seed, groups=groups)
        inner = np.unique(groups, return_inverse=True)[1] % N_INNER
        return cls(said, image_score(said, malignant), truth, fold, inner, groups, unit, seed)

    def rows(self, blocks: Sequence[Block], *, with_image: bool = True) -> Floats:
        """Return probabilities (N, 2) by image and columns, each by a model that saw none of the image's fold."""
        return out_of_fold(self.score if with_image else None, blocks, self.truth, self.fold, self.inner)

    def ablate(
        self,
        blocks: Sequence[Block],
        names: Sequence[str],
        *,
        beside: Sequence[Block] = (),
        n_resamples: int = 2000,
        confidence: float = 0.95,
    ) -> Ablation:
        """Return what some columns add to the image and to those `beside` it.

        Args:
            blocks: the columns that are tried.
            names: what to call them.
            beside: columns that are used anyway.
            n_resamples: number of resamples.
            confidence: coverage of the intervals.
        """
        parts = (self.rows(beside), self.rows(blocks, with_image=False), self.rows([*beside, *blocks]))
        measured = {}
        for name, rows in zip(PARTS, parts, strict=True):
            predicted = Predictions(self.said.image, self.truth.astype(np.int64), rows, SIDES)
            measured[name] = measure_headline(
                predicted, SIDES[1:], threshold=None, groups=self.groups, unit=self.unit, n_resamples=n_resamples,
                confidence=confidence, seed=self.seed,
            )  # fmt: skip
        both, image = measured[PARTS[2]], measured[PARTS[0]]
        gain = paired_difference(both, image, "auroc")
        verdict, sentence = _verdict(gain, names)
        return Ablation(
            columns=tuple(names),
            verdict=verdict,
            sentence=sentence,
            auroc={name: one.estimate("auroc") for name, one in measured.items()},
            gain=gain,
            gain_brier=paired_difference(image, both, "brier"),
            n_images=len(self.said),
            n_malignant=int(self.truth.sum()),
            n_missing={},
            resampling=Resampling(self.unit, image.resampler.n_clusters, n_resamples, confidence, self.seed),
        )


def _verdict(gain: Estimate, columns: Sequence[str]) -> tuple[Verdict, str]:
    shown = f"{figure_text(gain.value, signed=True)}" + (
        f" [{figure_text(gain.low, signed=True)}, {figure_text(gain.high, signed=True)}]" if gain.has_interval else ""
    )
    is_one = len(columns) == 1
    words: dict[str, Any] = {
        "columns": " and ".join([", ".join(columns[:-1]), columns[-1]] if columns[1:] else columns),
        "shown": shown,
        "add": "adds" if is_one else "add",
        "are": "is" if is_one else "are",
        "change": "changes" if is_one else "change",
    }
    if not gain.has_interval:  # the claims below speak of one
        return "undecided", (
            "Undecided: {columns} {change} the AUROC by {shown}, but these images are too few for an interval. "
            "Do not use the columns until more images decide."
        ).format(**words)
    judged, sentence = say("columns add", gain, **words)
    if judged == "holds":
        return "add", sentence
    if gain.value < -WORSE:  # nobody's column is bad for a ranking: that much is lost by what was learned by heart
        return "undecided", (
            "Undecided: {columns} {change} the AUROC by {shown}. Fitted on so few images, noise is learned by heart. "
            "Do not use them until more images decide."
        ).format(**words)
    judged, sentence = say("columns add nothing", gain, **words)
    return ("add nothing" if judged == "holds" else "undecided"), sentence


def column_of(manifest: Manifest, name: str) -> "pd.Series[Any]":
    """Return one column of a manifest.

    Raises:
        ConfigError: it is not there, is empty, or is the answer itself.
    """
    known = [column for column in manifest.table.columns if column not in NEVER]
    if name in NEVER:
        raise ConfigError(
            f"'{name}' is the id or the diagnosis of an image, which is not a column to try. Name others."
        )
    if name not in known:
        raise ConfigError(
            f"{manifest.origin} has no column '{name}'.{suggest(name, known)} "
            f"It has: {name_offenders(known, limit=12)}."
        )
    column = manifest.table[name]
    if column.notna().sum() == 0:
        raise ConfigError(f"the column '{name}' of {manifest.origin} is empty. Remove it from --use.")
    return column
