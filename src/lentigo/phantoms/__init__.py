"""Procedural dermatoscopic images whose truth is known, for demo, tests and audits of audits.

truth    records of lesion, device and view; nothing else decides a pixel
pigments    light in pigmented skin
skin, outline, structures, painting    a lesion in its skin
props, camera    a photograph of it
cases, cohort, partition, flaws, options    who is photographed, in which split, and what is wrong with the set
dataset    `draw_phantom`: all of it on disk
other_pictures    what is not a photograph of a lesion, spoilt ones, and the round view of a tube
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.phantoms._cases import sample_lesion
    from lentigo.phantoms._cohort import PhantomPatient, Photo
    from lentigo.phantoms._dataset import draw_lesion, draw_phantom
    from lentigo.phantoms._flaws import Leak
    from lentigo.phantoms._options import PhantomOptions
    from lentigo.phantoms._other_pictures import draw_others, spoil, through_tube
    from lentigo.phantoms._truth import DEVICES, Device, LesionTruth, View

__all__ = [
    "DEVICES",
    "Device",
    "Leak",
    "LesionTruth",
    "PhantomOptions",
    "PhantomPatient",
    "Photo",
    "View",
    "draw_lesion",
    "draw_others",
    "draw_phantom",
    "sample_lesion",
    "spoil",
    "through_tube",
]

_WHERE = {
    "_cases": ("sample_lesion",),
    "_cohort": ("PhantomPatient", "Photo"),
    "_dataset": ("draw_lesion", "draw_phantom"),
    "_flaws": ("Leak",),
    "_options": ("PhantomOptions",),
    "_other_pictures": ("draw_others", "spoil", "through_tube"),
    "_truth": ("DEVICES", "Device", "LesionTruth", "View"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
