"""Lesions beside images: what the second column says is of lesions."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lentigo.model.decision import Estimate
from lentigo.study.reporting._by_lesion import lesions_of


@pytest.mark.parametrize("n_patients", [2, 400])
def test_why_an_interval_is_missing_is_said_of_lesions_in_their_column(binary, n_patients: int) -> None:
    reason = "malignant images of only 2 patients: no interval from fewer than 10" if n_patients < 10 else None
    low, high = (math.nan, math.nan) if reason else (0.8, 0.9)
    figure = Estimate(0.85, low, high, n_patients, reason)
    lesions = SimpleNamespace(metrics={"brier": figure}, points=(), sentence=lambda: "Some have several.")
    metrics = {**binary.evaluation.metrics, "brier": figure}
    ((_, image, lesion),) = lesions_of(replace(binary.evaluation, metrics=metrics, lesions=lesions)).rows
    assert (image.note, lesion.note) == (reason or "", (reason or "").replace("images", "lesions"))
    assert image.value == lesion.value
