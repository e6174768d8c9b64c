"""The predictions waist: one row per image with its target and one probability per class, a CSV of any model.

Calibration, evaluation, comparison and reports need only this file. Its columns are those of an ISIC challenge
submission (`image` and one column per class) with `target` between them; a submission without `target` is read as
unlabelled. Numbers are written so that reading them back gives the same float64, bit for bit.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.numbers.predictions._fusing import RULES, choose_rule, fuse_lesions
    from lentigo.numbers.predictions._predictions import Predictions

__all__ = [
    "RULES",
    "Predictions",
    "choose_rule",
    "fuse_lesions",
]

_WHERE = {
    "_fusing": ("RULES", "choose_rule", "fuse_lesions"),
    "_predictions": ("Predictions",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
