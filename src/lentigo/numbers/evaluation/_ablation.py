"""Do age, sex and site add anything to what a model sees? Image alone, columns alone, both, on the same folds.

Out-of-fold image scores and columns go through a logistic model in nested folds: patients or lesions stay together, the
penalty is chosen inside the images that are learned from, and each image is predicted by models that saw none of its
fold. The gain is the paired difference of AUROCs, resampled by patient or lesion.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import Manifest
from lentigo.data.splits import k_folds
from lentigo.errors import ConfigError, name_offenders, suggest
from lentigo.model.decision import Estimate, softmax
from lentigo.numbers.evaluation._evaluation import Resampling
from lentigo.numbers.evaluation._headline import measure_headline, paired_difference
from lentigo.numbers.heads import Rows, fit_linear
from lentigo.numbers.metrics import say
from lentigo.numbers.predictions import Predictions

FOLDS: Final = 5  # as where a calibration is chosen: each logistic model learns from four fifths of the lesions
MOST_VALUES: Final = 20  # of a category; rarer values are one
LEAST_VALUE: Final = 5  # images that a value of a category needs for a number of its own
# L2 on standardised numbers: from almost none to where columns hardly count; chosen in inner folds
PENALTIES: Final = (0.001, 0.01, 0.1, 1.0)
PARTS: Final = ("image alone", "columns alone", "both")
SIDES: Final = ("benign", "malignant")
NEVER: Final = ("image_id", "path", "target", "diagnosis", "label", "side", "split", "lesion_id", "patient_id", "fold")
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
        columns: numbers or categories; a missing value is a value of its own.
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
    blocks = {name: _numbers(_column(manifest, name)) for name in columns}
    truth = said.is_malignant(malignant)
    chance = said.malignant(malignant).clip(1e-6, 1 - 1e-6)
    score = np.log(chance / (1 - chance))[:, np.newaxis]
    table = np.hstack(list(blocks.values()))
    sides = manifest.table.assign(target=np.where(truth, *reversed(SIDES)), diagnosis=None)
    fold = k_folds(Manifest(sides, manifest.origin), FOLDS, seed, groups=groups)
    inner = np.unique(groups, return_inverse=True)[1] % FOLDS  # groups of a fold of its own, to choose the penalty on
    parts = dict(zip(PARTS, (score, table, np.hstack([score, table])), strict=True))
    measured = {}
    for name, values in parts.items():
        rows = _out_of_fold(values.astype(np.float32), truth.astype(np.int64), fold, inner)
        predicted = Predictions(said.image, truth.astype(np.int64), rows, SIDES)
        measured[name] = measure_headline(
            predicted, SIDES[1:], threshold=None, groups=groups, unit=unit, n_resamples=n_resamples,
            confidence=confidence, seed=seed,
        )  # fmt: skip
    both, image = measured[PARTS[2]], measured[PARTS[0]]
    gain = paired_difference(both, image, "auroc")
    verdict, sentence = _verdict(gain, columns)
    n_clusters = image.resampler.n_clusters
    return Ablation(
        columns=tuple(columns),
        verdict=verdict,
        sentence=sentence,
        auroc={name: one.estimate("auroc") for name, one in measured.items()},
        gain=gain,
        gain_brier=paired_difference(image, both, "brier"),
        n_images=len(said),
        n_malignant=int(truth.sum()),
        n_missing={name: int(_column(manifest, name).isna().sum()) for name in columns},
        resampling=Resampling(unit, n_clusters, n_resamples, confidence, seed),
    )


def _verdict(gain: Estimate, columns: Sequence[str]) -> tuple[Verdict, str]:
    shown = f"{gain.value:+.3f}" + (f" [{gain.low:+.3f}, {gain.high:+.3f}]" if gain.has_interval else "")
    words: dict[str, Any] = {
        "columns": " and ".join([", ".join(columns[:-1]), columns[-1]] if columns[1:] else columns),
        "shown": shown,
    }
    judged, sentence = say("columns add", gain, **words)
    if judged == "holds":
        return "add", sentence
    judged, sentence = say("columns add nothing", gain, **words)
    return ("add nothing" if judged == "holds" else "undecided"), sentence


def _column(manifest: Manifest, name: str) -> "pd.Series[Any]":
    """Return one column of a manifest.

    Raises:
        ConfigError: it is not there, is empty, or is the answer itself.
    """
    known = [column for column in manifest.table.columns if column not in NEVER]
    if name in NEVER:
        raise ConfigError(f"'{name}' names the image or its diagnosis, and cannot be used beside it.")
    if name not in known:
        raise ConfigError(
            f"{manifest.origin} has no column '{name}'.{suggest(name, known)} "
            f"It has: {name_offenders(known, limit=12)}."
        )
    column = manifest.table[name]
    if column.notna().sum() == 0:
        raise ConfigError(f"the column '{name}' of {manifest.origin} is empty. Remove it from --use.")
    return column


def _numbers(column: "pd.Series[Any]") -> Floats:
    """Return a column as numbers: the number and whether it is missing, or one yes/no per frequent value."""
    numbers = pd.to_numeric(column, errors="coerce")
    is_missing = column.isna().to_numpy(dtype=bool)
    if numbers.notna().sum() == (~is_missing).sum():
        values = numbers.to_numpy(dtype=np.float64)
        middle = float(np.nanmedian(values))
        return np.column_stack([np.where(is_missing, middle, values), is_missing.astype(np.float64)])
    texts = column.astype(object).where(column.notna(), "").astype(str)
    counts = texts.value_counts()
    kept = counts.index[counts >= LEAST_VALUE][:MOST_VALUES]
    found = [(texts == value).to_numpy(dtype=np.float64) for value in kept]
    return np.column_stack(found) if found else np.zeros((len(column), 1))


def _out_of_fold(
    values: npt.NDArray[np.float32], targets: npt.NDArray[np.int64], fold: npt.NDArray[np.int64],
    inner: npt.NDArray[np.int64],
) -> Floats:  # fmt: skip
    """Return probabilities (N, 2) of each image by a model that saw none of its fold; the penalty is chosen inside."""
    said = np.zeros((len(values), 2))
    for k in np.unique(fold):
        is_open = fold != k
        is_learned, is_chosen_on = is_open & (inner != 0), is_open & (inner == 0)
        if min(len(np.unique(targets[is_learned])), len(np.unique(targets[is_chosen_on]))) < 2:
            is_learned = is_chosen_on = is_open
        learned, chosen_on, whole = (_rows(values, targets, some) for some in (is_learned, is_chosen_on, is_open))
        penalty = fit_linear(learned, chosen_on, n_classes=2, penalties=PENALTIES).chosen
        head = fit_linear(whole, whole, n_classes=2, penalties=(penalty,)).head
        said[fold == k] = softmax(head.logits(values[fold == k]))
    return said


def _rows(values: npt.NDArray[np.float32], targets: npt.NDArray[np.int64], some: npt.NDArray[np.bool_]) -> Rows:
    return Rows(values, np.flatnonzero(some), targets[some])
