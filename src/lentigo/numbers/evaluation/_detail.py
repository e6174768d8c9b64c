"""What follows from deciding: reliability, a prevalence, deferral, conformal sets, subgroups; from one resampling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.model.decision import OperatingPoint
from lentigo.numbers.calibration import Calibration
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
    predictions: Predictions,
    said: Predictions,
    *,
    malignant: Sequence[str],
    calibration: Calibration | None,
    manifest: Manifest | None,
    settings: EvaluateConfig,
    draws: Draws,
) -> dict[str, ResampledFigure[Any]]:
    """Return the questions whose answers are the fields of `DecisionFigures`.

    Args:
        predictions: as the model made them.
        said: the same, calibrated.
        malignant: as for `evaluate_whole`, with `calibration`, `manifest` and `settings`.
        calibration: see there.
        manifest: see there.
        settings: see there.
        draws: of the images.
    """
    points = calibration.operating_points if calibration else ()
    questions: dict[str, ResampledFigure[Any]] = {
        "reliability": resample_reliability(said, predictions if calibration else None, tuple(malignant), draws=draws),
        "deferral": resample_deferral(
            said.is_malignant(malignant),
            said.malignant(malignant),
            threshold=points[0].threshold if points else HALF,
            band=calibration.low_confidence if calibration else None,
            draws=draws,
        ),
        "answers": _of_answers(said, malignant, calibration, manifest, draws),
    }
    questions |= _of_both_sides(said, malignant, calibration, settings, draws)
    if calibration is not None and calibration.conformal is not None:
        questions["coverage"] = resample_coverage(said, calibration.conformal, draws=draws)
    if manifest is not None:
        questions["subgroups"] = _of_subgroups(said, malignant, points, manifest, settings, draws)
        questions |= _of_contrasts(said, malignant, manifest, draws)
    return questions


def _of_answers(
    said: Predictions,
    malignant: Sequence[str],
    calibration: Calibration | None,
    manifest: Manifest | None,
    draws: Draws,
) -> ResampledFigure[AnswerScores]:
    is_malignant = said.is_malignant(malignant)
    kinds = {"malignant": is_malignant, "benign": ~is_malignant}
    table = None if manifest is None else manifest.table.set_index("image_id").reindex(said.image.tolist())
    if "MEL" in said.classes:
        kinds[MELANOMA] = said.target == said.classes.index("MEL")
    elif table is not None and "diagnosis" in table:
        kinds[MELANOMA] = (table["diagnosis"] == "MEL").to_numpy(dtype=np.bool_)
    has_sources = table is not None and "source" in table and bool(table["source"].notna().any())
    points, band = (calibration.operating_points, calibration.low_confidence) if calibration else ((), None)
    return resample_answers(
        said.malignant(malignant),
        kinds,
        table["source"].fillna("not recorded").astype(str).tolist() if table is not None and has_sources else None,
        threshold=points[0].threshold if points else HALF,
        band=None if band is None else (band.low, band.high),
        draws=draws,
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
    calibration: Calibration | None,
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
            calibration.operating_points if calibration else (),
            source=calibration.prevalence if calibration else float(is_malignant.mean()),
            prevalence=settings.prevalence or None,
            draws=draws,
        )
    }


def _of_subgroups(
    said: Predictions,
    malignant: Sequence[str],
    points: Sequence[OperatingPoint],
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
        point=points[0].name if points else None,
        threshold=points[0].threshold if points else HALF,
        min_images=settings.min_group,
        min_cases=settings.min_group_cases,
        draws=draws,
    )
