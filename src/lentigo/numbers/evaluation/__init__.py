"""Predictions on test in, every figure with its interval out: the record and its file.

figures, measure   all figures of the predictions, and of the operating points
detail             what follows from deciding, from the same resamples (draws):
reliability          do probabilities come true, before and after calibration
at_prevalence        PPV, NPV, number needed to biopsy, net benefit
deferral             not answering images close to the threshold
coverage             conformal sets
subgroups            by sex, age, site, skin, source, size, diagnosis (attributes), tested (disparity)
by_lesion          lesions beside images, where several photographs are one answer
ablation           what age, sex, site and the like add to a model
comparing          two models on the same images; leaderboard: any number of them
external           a model on other data than its own
held_out           networks in sources that they have not learned from
record, in_words   the file, and its sentence or two (tables for a terminal: `lentigo.study.reporting`)
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.numbers.evaluation._ablation import Ablation, NestedScores, ablate, column_of
    from lentigo.numbers.evaluation._at_prevalence import PrevalenceScores
    from lentigo.numbers.evaluation._attributes import NOT_RECORDED, UNGROUPED, labels_of, refuse_unknown_columns
    from lentigo.numbers.evaluation._by_lesion import LESION_FIGURES, LesionFigures
    from lentigo.numbers.evaluation._changed_answers import (
        CHANGE_COLUMNS,
        AnswerChanges,
        ChangedAnswer,
        changed_answers,
    )
    from lentigo.numbers.evaluation._cohort_count import CohortCount
    from lentigo.numbers.evaluation._compare import compare, trivial_model
    from lentigo.numbers.evaluation._comparison import ComparedModel, Comparison, Difference
    from lentigo.numbers.evaluation._conformal_coverage import CoverageScores
    from lentigo.numbers.evaluation._curve import Curve
    from lentigo.numbers.evaluation._deferral import DeferralScores
    from lentigo.numbers.evaluation._detail import DecisionBasis, DecisionFigures
    from lentigo.numbers.evaluation._evaluate import evaluate, evaluate_whole
    from lentigo.numbers.evaluation._evaluation import ClassScores, Evaluation, Resampling
    from lentigo.numbers.evaluation._external_validation import (
        ExternalTest,
        LabelledPredictions,
        RecalibratedFigures,
        count_answers,
        external_test,
    )
    from lentigo.numbers.evaluation._headline import HEADLINE
    from lentigo.numbers.evaluation._held_out import held_out_figures, over_sources
    from lentigo.numbers.evaluation._leaderboard import Leaderboard, LeaderboardEntry, rank_models
    from lentigo.numbers.evaluation._malignancy import TRIVIAL, to_sides, with_truth
    from lentigo.numbers.evaluation._measured import how_held_out, measured_by, measured_elsewhere
    from lentigo.numbers.evaluation._point_scores import OperatingPointScores
    from lentigo.numbers.evaluation._rates_elsewhere import net_benefit
    from lentigo.numbers.evaluation._reliability import ReliabilityScores
    from lentigo.numbers.evaluation._resampling import Draws
    from lentigo.numbers.evaluation._shared_lesions import FIGURES, SharedLesions
    from lentigo.numbers.evaluation._subgroup_record import Disparity, Subgroup, Subgroups, SubgroupTable
    from lentigo.numbers.evaluation._test_looks import (
        FILE,
        UNCOUNTED,
        LookAtTest,
        LooksAtTest,
        carried_over,
        name_of_images,
        note,
    )

__all__ = [
    "CHANGE_COLUMNS",
    "FIGURES",
    "FILE",
    "HEADLINE",
    "LESION_FIGURES",
    "NOT_RECORDED",
    "TRIVIAL",
    "UNCOUNTED",
    "UNGROUPED",
    "Ablation",
    "AnswerChanges",
    "ChangedAnswer",
    "ClassScores",
    "CohortCount",
    "ComparedModel",
    "Comparison",
    "CoverageScores",
    "Curve",
    "DecisionBasis",
    "DecisionFigures",
    "DeferralScores",
    "Difference",
    "Disparity",
    "Draws",
    "Evaluation",
    "ExternalTest",
    "LabelledPredictions",
    "Leaderboard",
    "LeaderboardEntry",
    "LesionFigures",
    "LookAtTest",
    "LooksAtTest",
    "NestedScores",
    "OperatingPointScores",
    "PrevalenceScores",
    "RecalibratedFigures",
    "ReliabilityScores",
    "Resampling",
    "SharedLesions",
    "Subgroup",
    "SubgroupTable",
    "Subgroups",
    "ablate",
    "carried_over",
    "changed_answers",
    "column_of",
    "compare",
    "count_answers",
    "evaluate",
    "evaluate_whole",
    "external_test",
    "held_out_figures",
    "how_held_out",
    "labels_of",
    "measured_by",
    "measured_elsewhere",
    "name_of_images",
    "net_benefit",
    "note",
    "over_sources",
    "rank_models",
    "refuse_unknown_columns",
    "to_sides",
    "trivial_model",
    "with_truth",
]

_WHERE = {
    "_ablation": (
        "Ablation",
        "NestedScores",
        "ablate",
        "column_of",
    ),
    "_at_prevalence": ("PrevalenceScores",),
    "_attributes": ("NOT_RECORDED", "UNGROUPED", "labels_of", "refuse_unknown_columns"),
    "_cohort_count": ("CohortCount",),
    "_by_lesion": ("LESION_FIGURES", "LesionFigures"),
    "_changed_answers": (
        "CHANGE_COLUMNS",
        "ChangedAnswer",
        "AnswerChanges",
        "changed_answers",
    ),
    "_compare": ("compare", "trivial_model"),
    "_comparison": ("ComparedModel", "Comparison", "Difference"),
    "_conformal_coverage": ("CoverageScores",),
    "_curve": ("Curve",),
    "_deferral": ("DeferralScores",),
    "_detail": ("DecisionBasis", "DecisionFigures"),
    "_evaluate": ("evaluate", "evaluate_whole"),
    "_evaluation": (
        "ClassScores",
        "Evaluation",
        "Resampling",
    ),
    "_external_validation": (
        "ExternalTest",
        "LabelledPredictions",
        "RecalibratedFigures",
        "count_answers",
        "external_test",
    ),
    "_headline": ("HEADLINE",),
    "_held_out": (
        "held_out_figures",
        "over_sources",
    ),
    "_leaderboard": (
        "LeaderboardEntry",
        "Leaderboard",
        "rank_models",
    ),
    "_malignancy": (
        "TRIVIAL",
        "to_sides",
        "with_truth",
    ),
    "_measured": ("how_held_out", "measured_by", "measured_elsewhere"),
    "_point_scores": ("OperatingPointScores",),
    "_rates_elsewhere": ("net_benefit",),
    "_reliability": ("ReliabilityScores",),
    "_resampling": ("Draws",),
    "_shared_lesions": (
        "FIGURES",
        "SharedLesions",
    ),
    "_subgroup_record": (
        "Disparity",
        "Subgroup",
        "SubgroupTable",
        "Subgroups",
    ),
    "_test_looks": (
        "FILE",
        "LookAtTest",
        "LooksAtTest",
        "UNCOUNTED",
        "carried_over",
        "name_of_images",
        "note",
    ),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
