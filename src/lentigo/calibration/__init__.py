"""What validation decides once: one temperature for all logits, and a threshold for each wanted sensitivity.

Everything here looks at validation only; what it is worth is measured on test (`lentigo.evaluation`).
"""

from lentigo.calibration.operating_point import OperatingPoint, choose_threshold, fit_operating_point
from lentigo.calibration.record import SCHEMA_VERSION, Calibration
from lentigo.calibration.temperature import TEMPERATURE_BOUNDS, apply_temperature, fit_temperature

__all__ = [
    "SCHEMA_VERSION",
    "TEMPERATURE_BOUNDS",
    "Calibration",
    "OperatingPoint",
    "apply_temperature",
    "choose_threshold",
    "fit_operating_point",
    "fit_temperature",
]
