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
    from lentigo.numbers.calibration._choosing import Candidate
    from lentigo.numbers.calibration._conformal import ClassThreshold, Conformal
    from lentigo.numbers.calibration._held_out import as_wanted, demanded_in_each, demanded_sensitivity
    from lentigo.numbers.calibration._local import calibrate_locally, range_of_sensitivity
    from lentigo.numbers.calibration._operating_point import choose_threshold, judged_sources, reached_at
    from lentigo.numbers.calibration._selective import ChosenBand, RiskCoverage, choose_band, margin
    from lentigo.numbers.calibration._source_temperature import LeftOutSource
    from lentigo.numbers.calibration._temperature import apply_temperature, fit_temperature

__all__ = [
    "Calibration",
    "Candidate",
    "ChosenBand",
    "ClassThreshold",
    "Conformal",
    "LeftOutSource",
    "RiskCoverage",
    "apply_temperature",
    "as_wanted",
    "calibrate_locally",
    "choose_band",
    "choose_threshold",
    "demanded_in_each",
    "demanded_sensitivity",
    "fit_temperature",
    "judged_sources",
    "margin",
    "range_of_sensitivity",
    "reached_at",
]

_WHERE = {
    "_calibration": ("Calibration",),
    "_choosing": ("Candidate",),
    "_conformal": ("ClassThreshold", "Conformal"),
    "_held_out": ("as_wanted", "demanded_in_each", "demanded_sensitivity"),
    "_local": ("calibrate_locally", "range_of_sensitivity"),
    "_operating_point": ("choose_threshold", "judged_sources", "reached_at"),
    "_selective": ("ChosenBand", "RiskCoverage", "choose_band", "margin"),
    "_source_temperature": ("LeftOutSource",),
    "_temperature": ("apply_temperature", "fit_temperature"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
