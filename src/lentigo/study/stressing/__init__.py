"""What goes wrong between a lesion and a file, put on intact pictures on purpose, in five strengths each.

obstacles   what lies before the lens: hair, ruler, pen marks, dark corners
exposure    what the camera does: blur, noise, JPEG, light, white balance
framing     where the lesion lies: zoom, shift, rotation
catalogue   all of them by name, and `corrupt`
sampling    which images, and their corrupted copies
measuring   from probabilities to losses with paired intervals
record      `StressReport`, stress.json
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.study.stressing._catalogue import STRENGTHS, Corruption, choose, corrupt, generator_for
    from lentigo.study.stressing._measurement import StressPredictions, measure
    from lentigo.study.stressing._stress_report import CorruptionResult, StrengthResult, StressReport
    from lentigo.study.stressing._subsampling import ImageVariants, draw_variants, sample_images

__all__ = [
    "STRENGTHS",
    "Corruption",
    "CorruptionResult",
    "ImageVariants",
    "StrengthResult",
    "StressPredictions",
    "StressReport",
    "choose",
    "corrupt",
    "draw_variants",
    "generator_for",
    "measure",
    "sample_images",
]

_WHERE = {
    "_catalogue": ("Corruption", "STRENGTHS", "choose", "corrupt", "generator_for"),
    "_measurement": ("StressPredictions", "measure"),
    "_stress_report": ("CorruptionResult", "StrengthResult", "StressReport"),
    "_subsampling": ("ImageVariants", "draw_variants", "sample_images"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
