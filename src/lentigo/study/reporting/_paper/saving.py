"""A drawing as a file that a journal takes: of a column's width, with its own letters, readable in grey."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from lentigo.study.reporting._drawing import STYLE, Drawing

Format = Literal["svg", "pdf", "png", "eps", "tiff"]

WIDTH_MM: Final = {1: 85, 2: 175}
"""One and two columns: most journals' columns are 82 to 90 and 170 to 180 mm wide."""

TEXT_POINTS: Final = 8.0
"""Size of text in the file; journals ask for 6 to 9 points. On the page it is 11 pixels."""

_DPI: Final = 600  # what journals ask of line drawings
_LETTERS: Final[dict[Any, Any]] = {"pdf.fonttype": 42, "ps.fonttype": 42, "svg.fonttype": "path"}
"""TrueType letters inside the PDF; outlines in the SVG, which then looks the same where DejaVu Sans is missing."""


def save_drawing(drawing: Drawing, folder: Path, formats: tuple[Format, ...], *, columns: int = 1) -> list[str]:
    """Return the names of the files written, one a format.

    A drawing is laid out for the wanted width, with everything in it shrunk from the 11 pixels of text on a page to 8
    points; it keeps the proportions that it has on the page.

    Args:
        drawing: to be painted.
        folder: that exists.
        formats: of the files; "eps" comes last, because it has no transparency.
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
        for form in sorted(formats, key=lambda form: form == "eps"):
            name = f"{drawing.name}.{form}"
            if form == "eps":
                _make_solid(figure)
            figure.savefig(folder / name, facecolor="white", dpi=_DPI, **_how(form, drawing.description))
            names.append(name)
    return names


def _how(form: Format, title: str) -> dict[str, Any]:
    """Return how matplotlib writes a file of a format: the same bytes each time, with a title where it can have one."""
    more: dict[Format, dict[str, Any]] = {
        "svg": {"metadata": {"Title": title, "Date": None}},
        "pdf": {"metadata": {"Title": title, "CreationDate": None}},
        "png": {"metadata": {"Title": title}},
        "eps": {"metadata": {"Creator": title}},
        "tiff": {"pil_kwargs": {"compression": "tiff_lzw"}},
    }
    return {"format": form, **more[form]}


def _make_solid(figure: Figure) -> None:
    """Give all that is transparent the colour that it has on white paper, because EPS has no transparency."""
    plates = [text.get_bbox_patch() for text in figure.findobj(Text)]  # findobj leaves these out
    for artist in [*figure.findobj(), *(plate for plate in plates if plate is not None)]:
        if artist.get_alpha() in {None, 1.0}:
            continue
        alpha = float(artist.get_alpha() or 0.0)
        for part in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
            read, write = getattr(artist, f"get_{part}", None), getattr(artist, f"set_{part}", None)
            if read is None or write is None or (part == "color" and hasattr(artist, "get_facecolor")):
                continue
            colours = to_rgba_array(read())[:, :3]
            pale = [tuple(colour) for colour in 1 - alpha * (1 - colours)]
            if pale and not _is_empty(read()):
                write(pale if isinstance(artist, Collection) else pale[0])
        artist.set_alpha(None)


def _is_empty(colour: object) -> bool:
    return bool((to_rgba_array(colour)[:, 3] == 0).all())  # type: ignore[arg-type]  # "none" stays none


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
