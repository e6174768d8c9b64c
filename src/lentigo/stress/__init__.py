"""What goes wrong between a lesion and a file, put on intact pictures on purpose, in five strengths each.

obstacles   what lies before the lens: hair, ruler, pen marks, dark corners
exposure    what the camera does: blur, noise, JPEG, light, white balance
framing     where the lesion lies: zoom, shift, rotation
catalogue   all of them by name, and `corrupt`
sampling    which images, and their corrupted copies
measuring   from probabilities to losses with paired intervals
record      `StressReport`, stress.json
"""

from lentigo.stress.catalogue import CORRUPTIONS, STRENGTHS, Corruption, choose, corrupt, generator_for
from lentigo.stress.measuring import Answers, measure
from lentigo.stress.record import SCHEMA_VERSION, Cell, Endured, StressReport
from lentigo.stress.sampling import Variants, draw_variants, fitted_variants, sample_images

__all__ = [
    "CORRUPTIONS",
    "SCHEMA_VERSION",
    "STRENGTHS",
    "Answers",
    "Cell",
    "Corruption",
    "Endured",
    "StressReport",
    "Variants",
    "choose",
    "corrupt",
    "draw_variants",
    "fitted_variants",
    "generator_for",
    "measure",
    "sample_images",
]
