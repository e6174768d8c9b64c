"""Lesions beside images, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from lentigo.numbers.evaluation import LESION_FIGURES
from lentigo.study.reporting._terminal.layout import show
from lentigo.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lentigo.model.decision import Estimate
    from lentigo.numbers.evaluation import LesionFigures


def format_lesions(lesions: LesionFigures, whole: Mapping[str, Estimate], n_images: int) -> str:
    """Return the block for a terminal: what was joined and how, and both columns of figures.

    Args:
        lesions: their figures.
        whole: the figures of all evaluated images.
        n_images: how many these are.
    """
    rows = [("", f"{counted(n_images, 'image')}", f"{counted(lesions.n_lesions, 'lesion')}")]
    rows += [(words, show(image), show(lesion)) for words, image, lesion in lesion_rows(lesions, whole)]
    label = max(len(row[0]) for row in rows)
    lines = [f"  {name:{label}}  {image:22}  {lesion}" for name, image, lesion in rows]
    for point in lesions.points:
        at = f"at {point.name}, by lesion"
        found, cleared = show(point.sensitivity), show(point.specificity)
        lines.append(f"  {at:{label}}  sensitivity {found} of {point.tp + point.fn:,} malignant")
        lines.append(f"  {'':{label}}  specificity {cleared} of {point.tn + point.fp:,} benign")
    return "\n".join([*textwrap.wrap(lesions.sentence(), 80), *lines])


def lesion_rows(lesions: LesionFigures, whole: Mapping[str, Estimate]) -> list[tuple[str, Estimate, Estimate]]:
    """Return name, figure of images and figure of lesions of what both have."""
    keys = [key for key in LESION_FIGURES if key in lesions.metrics and key in whole]
    return [(LESION_FIGURES[key], whole[key], lesions.metrics[key]) for key in keys]
