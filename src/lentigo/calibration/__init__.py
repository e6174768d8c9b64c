"""What validation decides once, and nothing later changes.

temperature       one temperature for all logits
fitting           the numbers of every method
local             a finished model fitted to another clinic's images
left_out          one temperature that sources left out of training share with validation
choosing          which method: the least NLL on held-out folds
operating_point   thresholds for a sensitivity, a cost ratio, Youden's
selective         the low-confidence band, from the risk-coverage curve
conformal         class-conditional conformal sets
record            all of it, and its file

Everything here looks at validation only; what it is worth is measured on test (`lentigo.evaluation`), and what was
decided is applied by `lentigo.model.decision`.
"""

from lentigo.calibration.choosing import Candidate, choose_map
from lentigo.calibration.conformal import ClassThreshold, Conformal
from lentigo.calibration.left_out import LeftOut, fit_over_sources
from lentigo.calibration.operating_point import choose_threshold, fit_operating_point
from lentigo.calibration.record import SCHEMA_VERSION, Calibration
from lentigo.calibration.selective import LowConfidence, RiskCoverage, choose_band, margin
from lentigo.calibration.temperature import TEMPERATURE_BOUNDS, apply_temperature, fit_temperature
from lentigo.model.decision import (
    METHODS,
    Method,
    OperatingPoint,
    ProbabilityMap,
    check_prevalence,
    shift_probability,
    shift_rows,
)

__all__ = [
    "METHODS",
    "SCHEMA_VERSION",
    "TEMPERATURE_BOUNDS",
    "Calibration",
    "Candidate",
    "ClassThreshold",
    "Conformal",
    "LeftOut",
    "LowConfidence",
    "Method",
    "OperatingPoint",
    "ProbabilityMap",
    "RiskCoverage",
    "apply_temperature",
    "check_prevalence",
    "choose_band",
    "choose_map",
    "choose_threshold",
    "fit_operating_point",
    "fit_over_sources",
    "fit_temperature",
    "margin",
    "shift_probability",
    "shift_rows",
]
