"""Procedural dermatoscopic images whose truth is known, for demo, tests and audits of audits.

truth    records of lesion, device and view; nothing else decides a pixel
pigments    light in pigmented skin
skin, outline, structures, painting    a lesion in its skin
props, camera    a photograph of it
cases, cohort, partition, flaws, options    who is photographed, in which split, and what is wrong with the set
dataset    `draw_phantom`: all of it on disk
"""

from lentigo.phantom.cases import DIFFICULTIES, sample_lesion
from lentigo.phantom.cohort import Patient, Photo, sample_view
from lentigo.phantom.dataset import SCHEMA_VERSION, draw_lesion, draw_mask, draw_phantom, plan_phantom
from lentigo.phantom.flaws import Leak
from lentigo.phantom.options import LEAKS, SHORTCUTS, PhantomOptions
from lentigo.phantom.truth import COLOURS, DEVICES, DIAGNOSES, MALIGNANT, STRUCTURES, Device, LesionTruth, View

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
    "Patient",
    "PhantomOptions",
    "Photo",
    "View",
    "draw_lesion",
    "draw_mask",
    "draw_phantom",
    "plan_phantom",
    "sample_lesion",
    "sample_view",
]
