"""From what a network says to a decision, once: numpy alone, shared by command line, service, evaluation and report.

estimate          a figure with its interval
probability_map   what calibration does to probabilities
prevalence        the same model where malignancy is rarer or commoner
operating_point   a threshold, why it is there, and what it reached; when a probability reaches it
rule              `DecisionRule.decide`: all of it together
"""

from lentigo.model.decision.estimate import Estimate, wilson_interval
from lentigo.model.decision.operating_point import OperatingPoint, Rule, is_referred
from lentigo.model.decision.prevalence import check_prevalence, shift_probability, shift_rows
from lentigo.model.decision.probability_map import METHODS, Method, ProbabilityMap
from lentigo.model.decision.rule import Band, Decision, DecisionRule

__all__ = [
    "METHODS",
    "Band",
    "Decision",
    "DecisionRule",
    "Estimate",
    "Method",
    "OperatingPoint",
    "ProbabilityMap",
    "Rule",
    "check_prevalence",
    "is_referred",
    "shift_probability",
    "shift_rows",
    "wilson_interval",
]
