"""Lesions and views that several of the phantom's tests look at."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lentigo.phantoms import DEVICES, LesionTruth, View

PLAIN = LesionTruth(
    seed=7,
    diagnosis="NV",
    skin_type=2,
    diameter_mm=6.0,
    elongation=1.1,
    asymmetry=0.1,
    border=0.1,
    sharpness=0.6,
    contrast=1.0,
    colours=("light brown",),
    structures=(),
)


@pytest.fixture
def lesion() -> Callable[..., LesionTruth]:
    """A maker of lesions: a plain, hairless nevus of 6 mm with some fields changed."""

    def make(**changes: Any) -> LesionTruth:
        return replace(PLAIN, **changes)

    return make


@pytest.fixture
def view() -> Callable[..., View]:
    """A maker of views: straight on, with the first device and neutral light, with some fields changed."""

    def make(**changes: Any) -> View:
        return replace(View(seed=3, device=DEVICES[0]), **changes)

    return make
