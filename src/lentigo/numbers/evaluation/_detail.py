"""What follows from deciding: reliability, a prevalence, deferral, conformal sets, subgroups; from one resampling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.model.decision import LowConfidenceBand, OperatingPoint
from lentigo.numbers.calibration import Calibration, Conformal
from lentigo.numbers.evaluation._at_prevalence import PrevalenceScores, resample_prevalence
from lentigo.numbers.evaluation._attributes import labels_of
from lentigo.numbers.evaluation._conformal_coverage import CoverageScores, resample_coverage
from lentigo.numbers.evaluation._contrasts import Contrasts, excised_of, resample_contrasts
from lentigo.numbers.evaluation._deferral import DeferralScores, resample_deferral
from lentigo.numbers.evaluation._reliability import ReliabilityScores, resample_reliability
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure
from lentigo.numbers.evaluation._subgroup_record import Subgroups
from lentigo.numbers.evaluation._subgroups import resample_subgroups
from lentigo.numbers.evaluation._three_answers import MELANOMA, AnswerScores, resample_answers
from lentigo.numbers.predictions import Predictions

HALF = 0.5
"""Decides where no operating point was chosen on validation."""


@dataclass(frozen=True, slots=True)
class DecisionBasis:
    """What was decided on validation about calibrated probabilities, wherever it is stored.

    Args:
        operating_points: thresholds on the calibrated malignant probability; the first one decides.
        low_confidence: the band in which a decision is too close to call; None for none.
        prevalence: share of malignant images that the probabilities hold for; None for that of the evaluated images.
        conformal: thresholds of conformal sets of the classes; None for none.

    Example:
        >>> DecisionBasis().threshold
        0.5
    """

    operating_points: tuple[OperatingPoint, ...] = ()
    low_confidence: LowConfidenceBand | None = None
    prevalence: float | None = None
    conformal: Conformal | None = None

    @classmethod
    def by(cls, calibration: Calibration | None) -> Self:
        """Return what a calibration decided; nothing without one."""
        if calibration is None:
            return cls()
        band, sets = calibration.low_confidence, calibration.conformal
        return cls(calibration.operating_points, band, calibration.prevalence, sets)

    @property
    def threshold(self) -> float:
        """The threshold that decides; 0.5 where no operating point was chosen on validation."""
        return self.operating_points[0].threshold if self.operating_points else HALF


@dataclass(frozen=True, slots=True, eq=False)
class DecisionFigures:
    """What follows from deciding; None where there is nothing to ask it of.

    Args:
        reliability: whether probabilities come true, before and after calibration.
        at_prevalence: PPV, NPV, number needed to biopsy and net benefit; None with one side only.
        deferral: risk-coverage curve and the low-confidence band.
        coverage: conformal sets; None without a calibration.
        subgroups: None without a manifest.
        answers: what is referred, called benign-looking and not assessed.
        contrasts: melanoma against nevus, all of them and excised ones; None without diagnoses.

    Example:
        >>> DecisionFigures().json()["subgroups"] is None
        True
    """

    reliability: ReliabilityScores | None = None
    at_prevalence: PrevalenceScores | None = None
    deferral: DeferralScores | None = None
    coverage: CoverageScores | None = None
    subgroups: Subgroups | None = None
    answers: AnswerScores | None = None
    contrasts: Contrasts | None = None

    def json(self) -> dict[str, Any]:
        """Return the detail as JSON types."""
        parts = {name: getattr(self, name) for name in _READERS}
        return {name: part and part.json() for name, part in parts.items()}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the detail that `json` wrote."""
        return cls(**{name: read(payload[name]) for name, read in _READERS.items() if payload.get(name)})


_READERS: Mapping[str, Any] = {
    "reliability": ReliabilityScores.from_json,
    "at_prevalence": PrevalenceScores.from_json,
    "deferral": DeferralScores.from_json,
    "coverage": CoverageScores.from_json,
    "subgroups": Subgroups.from_json,
    "answers": AnswerScores.from_json,
    "contrasts": Contrasts.from_json,
}


def resample_decision(
    said: Predictions,
    *,
    before: Predictions | None,
    malignant: Sequence[str],
    basis: DecisionBasis,
    manifest: Manifest | None,
    settings: EvaluateConfig,
    draws: Draws,
    answers: Mapping[str, str] | None = None,
) -> dict[str, ResampledFigure[Any]]:
    """Return the questions whose answers are the fields of `DecisionFigures`.

    Args:
        said: calibrated.
        before: the same as the model made them; None where nobody has them.
        malignant: as for `evaluate_whole`, with `basis`, `manifest`, `settings` and `answers`.
        basis: see there.
        manifest: see there.
        settings: see there.
        draws: of the images.
        answers: see there.
    """
    questions: dict[str, ResampledFigure[Any]] = {
        "reliability": resample_reliability(said, before, tuple(malignant), draws=draws),
        "deferral": resample_deferral(
            said.is_malignant(malignant),
            said.malignant(malignant),
            threshold=basis.threshold,
            band=basis.low_confidence,
            draws=draws,
        ),
        "answers": _of_answers(said, malignant, basis, manifest, draws, answers),
    }
    questions |= _of_both_sides(said, malignant, basis, settings, draws)
    if basis.conformal is not None:
        questions["coverage"] = resample_coverage(said, basis.conformal, draws=draws)
    if manifest is not None:
        questions["subgroups"] = _of_subgroups(said, malignant, basis, manifest, settings, draws)
        questions |= _of_contrasts(said, malignant, manifest, draws)
    return questions


def _of_answers(
    said: Predictions,
    malignant: Sequence[str],
    basis: DecisionBasis,
    manifest: Manifest | None,
    draws: Draws,
    answers: Mapping[str, str] | None,
) -> ResampledFigure[AnswerScores]:
    is_malignant = said.is_malignant(malignant)
    kinds = {"malignant": is_malignant, "benign": ~is_malignant}
    table = None if manifest is None else manifest.table.set_index("image_id").reindex(said.image.tolist())
    if "MEL" in said.classes:
        kinds[MELANOMA] = said.target == said.classes.index("MEL")
    elif table is not None and "diagnosis" in table:
        kinds[MELANOMA] = (table["diagnosis"] == "MEL").to_numpy(dtype=np.bool_)
    has_sources = table is not None and "source" in table and bool(table["source"].notna().any())
    band = basis.low_confidence
    return resample_answers(
        said.malignant(malignant),
        kinds,
        table["source"].fillna("not recorded").astype(str).tolist() if table is not None and has_sources else None,
        threshold=basis.threshold,
        band=None if band is None else (band.low, band.high),
        draws=draws,
        given=None if answers is None else [answers[image] for image in said.image.tolist()],
    )


def _of_contrasts(
    said: Predictions, malignant: Sequence[str], manifest: Manifest, draws: Draws
) -> dict[str, ResampledFigure[Any]]:
    """Return the question of melanoma against nevus, where there are both."""
    table = manifest.table.set_index("image_id").reindex(said.image.tolist())
    named = np.array(said.classes)[said.target]
    if not {"MEL", "NV"} <= set(said.classes):
        if "diagnosis" not in table:
            return {}
        named = table["diagnosis"].astype(object).fillna("").to_numpy(dtype=str)
    if not {"MEL", "NV"} <= set(named.tolist()):
        return {}
    nobody = pd.Series("", index=table.index)
    source = table.get("source", nobody).astype(object).fillna("").to_numpy(dtype=str)
    return {"contrasts": resample_contrasts(named, excised_of(table), source, said.malignant(malignant), draws=draws)}


def _of_both_sides(
    said: Predictions,
    malignant: Sequence[str],
    basis: DecisionBasis,
    settings: EvaluateConfig,
    draws: Draws,
) -> dict[str, ResampledFigure[Any]]:
    """Return the question of prevalence, where there are malignant and benign images to ask."""
    is_malignant = said.is_malignant(malignant)
    if is_malignant.all() or not is_malignant.any():
        return {}
    return {
        "at_prevalence": resample_prevalence(
            is_malignant,
            said.malignant(malignant),
            basis.operating_points,
            source=float(is_malignant.mean()) if basis.prevalence is None else basis.prevalence,
            prevalence=settings.prevalence or None,
            draws=draws,
        )
    }


def _of_subgroups(
    said: Predictions,
    malignant: Sequence[str],
    basis: DecisionBasis,
    manifest: Manifest,
    settings: EvaluateConfig,
    draws: Draws,
) -> ResampledFigure[Subgroups]:
    labels, missing = labels_of(manifest, said.image, keys=settings.subgroups, age_starts=settings.age_bins)
    return resample_subgroups(
        labels,
        missing,
        is_malignant=said.is_malignant(malignant),
        probability=said.malignant(malignant),
        point=basis.operating_points[0].name if basis.operating_points else None,
        threshold=basis.threshold,
        min_images=settings.min_group,
        min_cases=settings.min_group_cases,
        draws=draws,
    )
