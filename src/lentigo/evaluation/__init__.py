"""Predictions on test in, every figure with its interval out: the record and its file.

figures, measure   all figures of the predictions, and of the operating points
detail             what follows from deciding, from the same resamples (draws):
reliability          do probabilities come true, before and after calibration
at_prevalence        PPV, NPV, number needed to biopsy, net benefit
deferral             not answering images close to the threshold
coverage             conformal sets
subgroups            by sex, age, site, skin, source, size, diagnosis (attributes), tested (disparity)
comparing          two models on the same images
external           a model on other data than its own
record, in_words   the file, and its sentence or two (tables for a terminal: `lentigo.report`)
"""

from lentigo.evaluation.at_prevalence import PrevalenceScores
from lentigo.evaluation.comparing import Comparison, Difference, Judged, compare, trivial_model
from lentigo.evaluation.coverage import CoverageScores
from lentigo.evaluation.curve import Curve
from lentigo.evaluation.deferral import DeferralScores
from lentigo.evaluation.detail import Detail, evaluate_detail
from lentigo.evaluation.external import ExternalTest, OnImages, count_answers, external_test
from lentigo.evaluation.measure import evaluate
from lentigo.evaluation.record import (
    SCHEMA_VERSION,
    ClassScores,
    Evaluation,
    OperatingPointScores,
    Resampling,
)
from lentigo.evaluation.reliability import ReliabilityScores
from lentigo.evaluation.sides import TRIVIAL, with_truth
from lentigo.evaluation.subgroup_record import Disparity, Subgroup, Subgroups, SubgroupTable

__all__ = [
    "SCHEMA_VERSION",
    "TRIVIAL",
    "ClassScores",
    "Comparison",
    "CoverageScores",
    "Curve",
    "DeferralScores",
    "Detail",
    "Difference",
    "Disparity",
    "Evaluation",
    "ExternalTest",
    "Judged",
    "OnImages",
    "OperatingPointScores",
    "PrevalenceScores",
    "ReliabilityScores",
    "Resampling",
    "Subgroup",
    "SubgroupTable",
    "Subgroups",
    "compare",
    "count_answers",
    "evaluate",
    "evaluate_detail",
    "external_test",
    "trivial_model",
    "with_truth",
]
