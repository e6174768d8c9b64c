"""From what a network says to a decision, once: numpy alone, shared by command line, service, evaluation and report.

class_rule        which class is called
estimate          a figure with its interval
fusion            age, sex, site and other columns beside the image
probability_map   what calibration does to probabilities
prevalence        the same model where malignancy is rarer or more common
lesion            several photographs of one lesion as one answer
operating_point   a threshold, why it is there, and what it reached; when a probability reaches it
rule              `DecisionRule.decide`: all of it together
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.model.decision._class_rule import ClassRule
    from lentigo.model.decision._estimate import Estimate, normal_quantile, score_interval, wilson_interval
    from lentigo.model.decision._fusion import Columns, Fusion, FusionTerm, is_known, log_odds, number_of, plain
    from lentigo.model.decision._lesion import LESION_RULES, LesionRule, join_photographs
    from lentigo.model.decision._operating_point import KEPT_IN, ChosenOn, OperatingPoint, Rule, is_referred
    from lentigo.model.decision._prevalence import check_prevalence, shift_probability
    from lentigo.model.decision._probability_map import METHODS, Method, ProbabilityMap, log_probabilities, softmax
    from lentigo.model.decision._rule import Decision, DecisionRule, LowConfidenceBand

__all__ = [
    "KEPT_IN",
    "LESION_RULES",
    "METHODS",
    "ChosenOn",
    "ClassRule",
    "Columns",
    "Decision",
    "DecisionRule",
    "Estimate",
    "Fusion",
    "FusionTerm",
    "LesionRule",
    "LowConfidenceBand",
    "Method",
    "OperatingPoint",
    "ProbabilityMap",
    "Rule",
    "check_prevalence",
    "is_known",
    "is_referred",
    "join_photographs",
    "log_odds",
    "log_probabilities",
    "normal_quantile",
    "number_of",
    "plain",
    "score_interval",
    "shift_probability",
    "softmax",
    "wilson_interval",
]

_WHERE = {
    "_class_rule": ("ClassRule",),
    "_estimate": ("Estimate", "normal_quantile", "score_interval", "wilson_interval"),
    "_fusion": ("Columns", "Fusion", "FusionTerm", "is_known", "log_odds", "number_of", "plain"),
    "_lesion": ("LESION_RULES", "LesionRule", "join_photographs"),
    "_operating_point": ("KEPT_IN", "ChosenOn", "OperatingPoint", "Rule", "is_referred"),
    "_prevalence": ("check_prevalence", "shift_probability"),
    "_probability_map": ("METHODS", "Method", "ProbabilityMap", "log_probabilities", "softmax"),
    "_rule": ("LowConfidenceBand", "Decision", "DecisionRule"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
