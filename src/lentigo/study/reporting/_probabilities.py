"""What the probabilities are worth: their distribution by class, and whether they come true."""

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lentigo.numbers.metrics import DEFAULT_BINS, ReliabilityBins, expected_calibration_error, reliability_bins
from lentigo.study.reporting._drawing import (
    BENIGN_COLOUR,
    FAINT,
    INK,
    MALIGNANT_COLOUR,
    MUTED,
    Drawing,
    draw,
    percent_axes,
)
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._words import score

Floats = npt.NDArray[np.float64]

_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_END = 7.0
"""Log-odds of 0.999, rounded up: what lies beyond is counted in the outermost bars."""

_LEAST_IN_A_BIN = 8
"""Images in a bin of the diagram: of 36 images in 15 bins only a zigzag is seen."""

_EDGES: Floats = np.linspace(-_END, _END, 36)


def draw_histogram(facts: RunFacts) -> Markup:
    """Return which share of the malignant (upwards) and benign (downwards) images got which probability.

    The axis has equal steps of log-odds: a threshold for 95 % sensitivity lies where an even axis shows nothing.
    """
    place, threshold = _log_odds(facts.probability), float(_log_odds(np.array([facts.threshold]))[0])
    sides = (
        (1, facts.is_malignant, ~facts.is_flagged, MALIGNANT_COLOUR),
        (-1, ~facts.is_malignant, facts.is_flagged, BENIGN_COLOUR),
    )

    def paint(axes: Axes) -> None:
        tallest = max(
            _bars(axes, place, mask, is_wrong, sign=sign, colour=colour) for sign, mask, is_wrong, colour in sides
        )
        axes.axhline(0, color=INK, linewidth=1)
        axes.axvline(threshold, color=INK, linewidth=1.2, linestyle=(0, (3, 2)))
        axes.set(xlim=(-_END, _END), ylim=(-1.3 * tallest, 1.3 * tallest), xlabel="calibrated malignant probability")
        axes.set_xticks(_log_odds(np.array(_TICKS)), [f"{100 * tick:g}%" for tick in _TICKS])
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(100 * value):g}%"))
        is_left = threshold < 2
        place_text = (threshold + 0.2, "left") if is_left else (threshold - 0.2, "right")
        axes.text(place_text[0], 1.24 * tallest, "flagged \N{RIGHTWARDS ARROW}", ha=place_text[1], va="top", color=INK)
        axes.text(0.98 * -_END, 1.24 * tallest, "malignant", color=MALIGNANT_COLOUR, va="top", weight="bold")
        axes.text(0.98 * -_END, -1.24 * tallest, "benign", color=BENIGN_COLOUR, weight="bold")
        axes.set_ylabel("share of the class")

    told = f"Malignant and benign test images by calibrated probability, threshold {facts.threshold:.3g}."
    return draw("histogram", told, (410, 330), paint)


def _bars(
    axes: Axes,
    place: Floats,
    mask: npt.NDArray[np.bool_],
    is_wrong: npt.NDArray[np.bool_],
    *,
    sign: int,
    colour: str,
) -> float:
    """Return the height of the tallest bar of one side, after drawing them all."""
    total = max(int(mask.sum()), 1)
    right = np.histogram(place[mask & ~is_wrong], _EDGES)[0] / total
    wrong = np.histogram(place[mask & is_wrong], _EDGES)[0] / total
    centres, width = (_EDGES[:-1] + _EDGES[1:]) / 2, 0.92 * float(_EDGES[1] - _EDGES[0])
    axes.bar(centres, sign * right, width, facecolor=colour, edgecolor=colour, linewidth=0.8)
    axes.bar(
        centres, sign * wrong, width, sign * right, facecolor="white", edgecolor=colour, linewidth=0.8, hatch="//////"
    )
    return float((right + wrong).max())


def _log_odds(probability: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return (np.log(probability) - np.log1p(-probability)).clip(-0.999 * _END, 0.999 * _END)


def malignant_ece(facts: RunFacts, *, calibrated: bool) -> float:
    """Return the calibration error of the malignant probability on test."""
    return expected_calibration_error(facts.is_malignant, _malignant(facts, calibrated=calibrated))


def chance_ece(facts: RunFacts) -> float:
    """Return the calibration error that outcomes drawn from the probabilities themselves have on average.

    Of 13 images in 13 bins it is half of what there can be: an ECE of 0.47 says nothing there.
    """
    rng, probability = np.random.default_rng(0), _malignant(facts, calibrated=True)
    drawn = [expected_calibration_error(rng.random(probability.size) < probability, probability) for _ in range(200)]
    return float(np.mean(drawn))


def draw_reliability(facts: RunFacts, *, calibrated: bool) -> Markup:
    """Return the reliability diagram of the malignant probability on test, before or after calibration."""
    confidence = facts.inputs.evaluation.resampling.confidence
    probability = _malignant(facts, calibrated=calibrated)
    return reliability_drawing(facts.is_malignant, probability, confidence, calibrated=calibrated).inline()


def reliability_drawing(
    is_malignant: npt.NDArray[np.bool_], probability: Floats, confidence: float, *, calibrated: bool
) -> Drawing:
    """Return the reliability diagram of a malignant probability, to be drawn."""
    n_bins = min(DEFAULT_BINS, max(2, len(is_malignant) // _LEAST_IN_A_BIN))
    bins = reliability_bins(is_malignant, probability, n_bins=n_bins, confidence=confidence)
    colour = BENIGN_COLOUR if calibrated else MUTED
    ece = score(expected_calibration_error(is_malignant, probability))

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        _plot_bins(axes, bins, colour)
        fewer = f" over {DEFAULT_BINS} bins" if n_bins < DEFAULT_BINS else ""
        axes.text(0.97, 0.04, f"ECE {ece}{fewer}", ha="right", color=INK)
        percent_axes(axes, x="predicted malignant probability", y="share that was malignant")

    when = "after" if calibrated else "before"
    return Drawing(f"reliability-{when}", f"Reliability diagram {when} calibration. ECE {ece}.", (410, 360), paint)


def _plot_bins(axes: Axes, bins: ReliabilityBins, colour: str) -> None:
    ends = np.stack([bins.observed - bins.low, bins.high - bins.observed]).clip(min=0)
    axes.errorbar(bins.probability, bins.observed, ends, fmt="none", ecolor=colour, elinewidth=1.6, alpha=0.55)
    axes.plot(bins.probability, bins.observed, color=colour, linewidth=1.2, alpha=0.55)
    axes.plot(bins.probability, bins.observed, "o", color=colour, markersize=6)


def _malignant(facts: RunFacts, *, calibrated: bool) -> Floats:
    said = facts.test if calibrated else facts.raw
    return said.malignant(facts.inputs.evaluation.malignant_classes)
