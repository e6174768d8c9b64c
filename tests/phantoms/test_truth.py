import dataclasses

import pytest

from lentigo.phantoms import DEVICES
from lentigo.phantoms._structures import PAINTERS
from lentigo.phantoms._truth import DIAGNOSES, MALIGNANT, STRUCTURES
from lentigo.taxonomy import Taxonomy


def test_every_structure_of_the_truth_can_be_painted_and_no_other():
    assert set(PAINTERS) == set(STRUCTURES)


def test_the_malignant_diagnoses_are_those_of_the_taxonomy():
    assert {code for code in DIAGNOSES if Taxonomy().side(code) == "malignant"} == MALIGNANT


def test_devices_have_different_names():
    assert len({device.name for device in DEVICES}) == len(DEVICES)


@pytest.mark.parametrize(
    "changes",
    [
        {"diagnosis": "SCC"},
        {"colours": ()},
        {"colours": ("mauve",)},
        {"structures": ("rainbow",)},
        {"skin_type": 7},
        {"diameter_mm": 0.0},
        {"asymmetry": 1.5},
    ],
)
def test_a_lesion_that_cannot_be_is_refused(lesion, changes):
    with pytest.raises(ValueError, match=r"lie|is|has|no such"):
        lesion(**changes)


def test_truths_cannot_be_changed(lesion):
    with pytest.raises(dataclasses.FrozenInstanceError):
        lesion().asymmetry = 0.5
