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
    from lentigo.phantoms._cases import DIFFICULTIES, sample_lesion
    from lentigo.phantoms._cohort import PhantomPatient, Photo, sample_view
    from lentigo.phantoms._dataset import SCHEMA_VERSION, draw_lesion, draw_mask, draw_phantom, plan_phantom
    from lentigo.phantoms._flaws import Leak
    from lentigo.phantoms._options import LEAKS, SHORTCUTS, PhantomOptions
    from lentigo.phantoms._other_pictures import draw_others, spoil, through_tube
    from lentigo.phantoms._truth import COLOURS, DEVICES, DIAGNOSES, MALIGNANT, STRUCTURES, Device, LesionTruth, View

__all__ = [
    "COLOURS",
    "DEVICES",
    "DIAGNOSES",
    "DIFFICULTIES",
    "LEAKS",
    "MALIGNANT",
    "SCHEMA_VERSION",
    "SHORTCUTS",
    "STRUCTURES",
    "Device",
    "Leak",
    "LesionTruth",
    "PhantomOptions",
    "PhantomPatient",
    "Photo",
    "View",
    "draw_lesion",
    "draw_mask",
    "draw_others",
    "draw_phantom",
    "plan_phantom",
    "sample_lesion",
    "sample_view",
    "spoil",
    "through_tube",
]

_WHERE = {
    "_cases": ("DIFFICULTIES", "sample_lesion"),
    "_cohort": ("PhantomPatient", "Photo", "sample_view"),
    "_dataset": ("SCHEMA_VERSION", "draw_lesion", "draw_mask", "draw_phantom", "plan_phantom"),
    "_flaws": ("Leak",),
    "_options": ("LEAKS", "PhantomOptions", "SHORTCUTS"),
    "_other_pictures": ("draw_others", "spoil", "through_tube"),
    "_truth": ("COLOURS", "DEVICES", "DIAGNOSES", "Device", "LesionTruth", "MALIGNANT", "STRUCTURES", "View"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
