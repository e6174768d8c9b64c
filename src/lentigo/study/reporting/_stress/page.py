"""A stress test as one page for people: the worst in a sentence, one table, then every corruption in pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from PIL import Image

from lentigo.images import open_image
from lentigo.model.decision import Estimate
from lentigo.phantoms import DEVICES, View, draw_lesion, sample_lesion
from lentigo.study.reporting._pictures import data_uri
from lentigo.study.reporting._rendering import render
from lentigo.study.reporting._stress.curves import draw_losses, loss_range
from lentigo.study.reporting._stress.words import (
    caveats,
    has_intervals,
    headline,
    how_it_was_done,
    points,
    reach,
    verdict_cell,
)
from lentigo.study.reporting._words import FormattedEstimate, show_score, show_share
from lentigo.study.stressing import (
    STRENGTHS,
    CorruptionResult,
    StrengthResult,
    StressReport,
    choose,
    corrupt,
    generator_for,
)
from lentigo.wording import counted, figure_text

DRAWN_PX: Final = 224  # at which pictures are corrupted
SHOWN_PX: Final = 168
DARKEST_LOSS: Final = 0.30  # from which on a cell is not darker any more
WHITE_TEXT: Final = 0.9  # of the scale: where white becomes easier to read than ink


def render_stress(report: StressReport, *, picture: Path | None = None) -> str:
    """Return a stress test as one HTML file that needs nothing else.

    Args:
        report: what was found.
        picture: the image to show the corruptions on; a drawn lesion, of no patient, when None.

    Example:
        >>> report = StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0)
        >>> render_stress(report).splitlines()[0]
        '<!doctype html>'
    """
    pixels = _drawn_lesion() if picture is None else _opened(picture)
    worst = verdict_cell(report)
    content: dict[str, Any] = {
        "title": report.provenance.get("model", "a model"),
        "report": report,
        "strengths": STRENGTHS,
        "headline": headline(report),
        "reach": reach(report),
        "how": how_it_was_done(report),
        "caveats": caveats(report),
        "tallies": _tallies(report),
        "rows": [_heat_row(row) for row in report.endured],
        "panels": [_panel(row, report, pixels) for row in report.endured],
        "intact": _shown_picture(pixels),
        "is_drawn": picture is None,
        "refuses": "refused" in report.clean,
        "has_intervals": has_intervals(report),
        "with_pictures": picture is not None,
        "worst_key": worst[0].key if worst else "",
        "figures": [_figure_row(row, cell) for row in report.endured for cell in row.cells],
    }
    return render("stress.html.j2", content)


@dataclass(frozen=True, slots=True)
class _HeatCell:
    sensitivity: str
    specificity: str
    level: float
    is_dark: bool
    is_certain: bool
    worse: str  # the figure that is written large
    words: str


@dataclass(frozen=True, slots=True)
class _HeatRow:
    key: str
    name: str
    cells: tuple[_HeatCell, ...]
    auroc: str
    flips: str
    refused: str
    missed: str


@dataclass(frozen=True, slots=True)
class _Panel:
    key: str
    name: str
    shots: tuple[tuple[str, str], ...]  # picture, amount
    curves: Markup


@dataclass(frozen=True, slots=True)
class _FigureRow:
    name: str
    strength: int
    amount: str
    values: tuple[FormattedEstimate, ...]


def _heat_row(row: CorruptionResult) -> _HeatRow:
    last = row.cells[-1]
    return _HeatRow(
        key=row.key,
        name=row.name,
        cells=tuple(map(_heat_cell, row.cells)),
        auroc=show_score(last.auroc_change).value.replace("-", "−"),
        flips=show_share(last.flip_rate, digits=0).value,
        refused="" if last.refused is None else show_share(last.refused, digits=0).value,
        missed="" if last.missed is None else show_share(last.missed, digits=0).value,
    )


def _heat_cell(cell: StrengthResult) -> _HeatCell:
    loss = cell.loss.value
    level = min(max(loss, 0.0) / DARKEST_LOSS, 1.0) if cell.loss.is_defined else 0.0
    words = (
        f"{cell.amount}: sensitivity {show_share(cell.sensitivity).value}, change {_change(cell.sensitivity_change)}; "
        f"specificity {show_share(cell.specificity).value}, change {_change(cell.specificity_change)}"
    )
    return _HeatCell(
        sensitivity=points(cell.sensitivity_change.value),
        specificity=points(cell.specificity_change.value),
        level=round(level, 3),
        is_dark=level >= WHITE_TEXT,
        is_certain=cell.is_certain,
        worse=cell.worse,
        words=words,
    )


def _change(estimate: Estimate) -> str:
    if not estimate.is_defined:
        return "n/a"
    if not estimate.has_interval:
        return f"{points(estimate.value)} points"
    return f"{points(estimate.value)} points ({points(estimate.low)} to {points(estimate.high)})"


def _panel(row: CorruptionResult, report: StressReport, pixels: npt.NDArray[np.uint8]) -> _Panel:
    (corruption,) = choose([row.key])
    shots = []
    for cell in row.cells:
        shot = corrupt(pixels, corruption, cell.strength, rng=generator_for(row.key, "shown", seed=0))
        shots.append((_shown_picture(shot), cell.amount))
    return _Panel(row.key, row.name, tuple(shots), draw_losses(row, loss_range(report)))


def _figure_row(row: CorruptionResult, cell: StrengthResult) -> _FigureRow:
    refusal = [show_share(share) for share in (cell.refused, cell.missed) if share is not None]
    values = (
        show_share(cell.sensitivity),
        _shown_change(cell.sensitivity_change),
        show_share(cell.specificity),
        _shown_change(cell.specificity_change),
        show_score(cell.auroc),
        show_score(cell.auroc_change),
        show_share(cell.flip_rate),
        show_score(cell.probability_change),
        *refusal,
    )
    return _FigureRow(row.name, cell.strength, cell.amount, tuple(_signs(value) for value in values))


def _shown_change(change: Estimate) -> FormattedEstimate:
    if not change.is_defined:
        return FormattedEstimate("n/a", "", change.reason or "")
    value, low, high = (
        "0" if end == 0 else figure_text(100 * end, 1, signed=True) for end in (change.value, change.low, change.high)
    )
    return FormattedEstimate(value, f"{low} to {high}" if change.has_interval else "", "")


def _signs(shown: FormattedEstimate) -> FormattedEstimate:
    """Return the figure with true minus signs and without the long reason, which stands in stress.json."""
    return FormattedEstimate(shown.value.replace("-", "−"), shown.interval.replace("-", "−"), "")


def _tallies(report: StressReport) -> list[tuple[str, FormattedEstimate, str]]:
    names = {"sensitivity": "Sensitivity, intact", "specificity": "Specificity, intact", "auroc": "AUROC, intact"}
    names |= {"refused": "Refused, intact", "missed": "Missed, intact"}
    evidence = {
        "sensitivity": f"of {counted(report.n_malignant, 'malignant image')}",
        "specificity": f"of {counted(report.n_images - report.n_malignant, 'benign image')}",
        "auroc": "malignant against benign",
        "refused": f"of {counted(report.n_images, 'image')}",
        "missed": f"called benign-looking, of {counted(report.n_malignant, 'malignant image')}",
    }
    return [
        (names[name], show_score(figure) if name == "auroc" else show_share(figure), evidence[name])
        for name, figure in report.clean.items()
    ]


def _drawn_lesion() -> npt.NDArray[np.uint8]:
    lesion = sample_lesion("MEL", seed=5, hair=0.0)
    return draw_lesion(lesion, View(seed=3, device=DEVICES[0]), size=DRAWN_PX)


def _opened(path: Path) -> npt.NDArray[np.uint8]:
    image = open_image(path, draft_side=2 * DRAWN_PX)
    scale = DRAWN_PX / min(image.size)
    return np.asarray(image.resize((round(image.width * scale), round(image.height * scale))))


def _shown_picture(pixels: npt.NDArray[np.uint8]) -> str:
    image = Image.fromarray(pixels)
    image.thumbnail((SHOWN_PX, SHOWN_PX))
    return data_uri(image)
