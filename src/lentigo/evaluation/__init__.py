"""Predictions on test in, every figure with its interval out: the record, its file and its table for the terminal."""

from lentigo.evaluation.comparing import Comparison, Difference, Judged, compare, trivial_model
from lentigo.evaluation.external import ExternalTest, OnImages, external_test
from lentigo.evaluation.measure import evaluate
from lentigo.evaluation.record import (
    SCHEMA_VERSION,
    ClassScores,
    Curve,
    Evaluation,
    OperatingPointScores,
    Resampling,
)
from lentigo.evaluation.sides import TRIVIAL, with_truth
from lentigo.evaluation.table import format_table

__all__ = [
    "SCHEMA_VERSION",
    "TRIVIAL",
    "ClassScores",
    "Comparison",
    "Curve",
    "Difference",
    "Evaluation",
    "ExternalTest",
    "Judged",
    "OnImages",
    "OperatingPointScores",
    "Resampling",
    "compare",
    "evaluate",
    "external_test",
    "format_table",
    "trivial_model",
    "with_truth",
]
