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

Everything here looks at validation only; what it is worth is measured on test (`lentigo.numbers.evaluation`), and
what was decided is applied by `lentigo.model.decision`.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.numbers.calibration._calibration import Calibration
    from lentigo.numbers.calibration._calibration_file import SCHEMA_VERSION
    from lentigo.numbers.calibration._choosing import Candidate, choose_map
    from lentigo.numbers.calibration._conformal import ClassThreshold, Conformal
    from lentigo.numbers.calibration._held_out import demanded_sensitivity, for_held_out_sources
    from lentigo.numbers.calibration._local import calibrate_locally, range_of_sensitivity
    from lentigo.numbers.calibration._operating_point import choose_threshold, fit_operating_point, reached_at
    from lentigo.numbers.calibration._selective import ChosenBand, RiskCoverage, choose_band, margin
    from lentigo.numbers.calibration._source_temperature import LeftOutSource, fit_over_sources
    from lentigo.numbers.calibration._temperature import TEMPERATURE_BOUNDS, apply_temperature, fit_temperature

__all__ = [
    "SCHEMA_VERSION",
    "TEMPERATURE_BOUNDS",
    "Calibration",
    "Candidate",
    "ChosenBand",
    "ClassThreshold",
    "Conformal",
    "LeftOutSource",
    "RiskCoverage",
    "apply_temperature",
    "calibrate_locally",
    "choose_band",
    "choose_map",
    "choose_threshold",
    "demanded_sensitivity",
    "fit_operating_point",
    "fit_over_sources",
    "fit_temperature",
    "for_held_out_sources",
    "margin",
    "range_of_sensitivity",
    "reached_at",
]

_WHERE = {
    "_calibration": ("Calibration",),
    "_calibration_file": ("SCHEMA_VERSION",),
    "_choosing": ("Candidate", "choose_map"),
    "_conformal": ("ClassThreshold", "Conformal"),
    "_held_out": ("demanded_sensitivity", "for_held_out_sources"),
    "_local": ("calibrate_locally", "range_of_sensitivity"),
    "_operating_point": ("choose_threshold", "fit_operating_point", "reached_at"),
    "_selective": ("ChosenBand", "RiskCoverage", "choose_band", "margin"),
    "_source_temperature": ("LeftOutSource", "fit_over_sources"),
    "_temperature": ("TEMPERATURE_BOUNDS", "apply_temperature", "fit_temperature"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
