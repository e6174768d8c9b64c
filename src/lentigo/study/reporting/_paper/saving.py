"""A drawing as a file that a journal takes: of a column's width, with its own letters, readable in grey."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from lentigo.study.reporting._drawing import STYLE, Drawing

Format = Literal["svg", "pdf", "png"]

WIDTH_MM: Final = {1: 85, 2: 175}
"""One and two columns: most journals' columns are 82 to 90 and 170 to 180 mm wide."""

TEXT_POINTS: Final = 8.0
"""Size of text in the file; journals ask for 6 to 9 points. On the page it is 11 pixels."""

_PNG_DPI: Final = 600  # what journals ask of line drawings
_LETTERS: Final[dict[Any, Any]] = {"pdf.fonttype": 42, "ps.fonttype": 42, "svg.fonttype": "path"}
"""TrueType letters inside the PDF; outlines in the SVG, which then looks the same where DejaVu Sans is missing."""


def save_drawing(drawing: Drawing, folder: Path, formats: tuple[Format, ...], *, columns: int = 1) -> list[str]:
    """Return the names of the files written, one a format.

    A drawing is laid out for the wanted width, with everything in it shrunk from the 11 pixels of text on a page to 8
    points; it keeps the proportions that it has on the page.

    Args:
        drawing: to be painted.
        folder: that exists.
        formats: of the files.
        columns: 1 or 2, the width.
    """
    shrunk = TEXT_POINTS / 11
    width, height = drawing.size
    scale = WIDTH_MM[columns] / 25.4 * 72 / shrunk / width
    sized = replace(drawing, size=(round(width * scale), height if drawing.is_list else round(height * scale)))
    names = []
    with mpl.rc_context({**STYLE, **_LETTERS, "svg.hashsalt": drawing.name}):
        figure = sized.figure()
        _shrink(figure, shrunk)
        for form in formats:
            name = f"{drawing.name}.{form}"
            dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[form]
            title = {"Title": drawing.description}
            figure.savefig(folder / name, format=form, dpi=_PNG_DPI, facecolor="white", metadata=title | dates)
            names.append(name)
    return names


def _shrink(figure: Figure, by: float) -> None:
    """Make the paper, and all that has a size in points, smaller by one factor."""
    width, height = figure.get_size_inches()
    figure.set_size_inches(width * by, height * by)
    for axes in figure.axes:
        _shrink_axes(axes, by)


def _shrink_axes(axes: Axes, by: float) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        size = float(mpl.rcParams["xtick.labelsize"])
        axis.set_tick_params(labelsize=size * by, grid_linewidth=by, pad=float(mpl.rcParams["xtick.major.pad"]) * by)
        axis.label.set_fontsize(float(axis.label.get_fontsize()) * by)
        axis.labelpad *= by
    for text in axes.texts:
        text.set_fontsize(float(text.get_fontsize()) * by)
        if isinstance(text, Annotation) and text.anncoords == "offset points":
            text.xyann = (by * text.xyann[0], by * text.xyann[1])
    for line in axes.lines:
        line.set_linewidth(line.get_linewidth() * by)
        line.set_markersize(line.get_markersize() * by)
        line.set_markeredgewidth(line.get_markeredgewidth() * by)
    for collection in axes.collections:
        collection.set_linewidth([float(width) * by for width in np.atleast_1d(collection.get_linewidth())])
    for patch in (*axes.patches, *axes.spines.values()):
        patch.set_linewidth(patch.get_linewidth() * by)
