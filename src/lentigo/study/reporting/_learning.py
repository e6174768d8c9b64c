"""How the model came about: losses and validation scores by epoch, or validation loss by the penalties of a probe."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lentigo.study.reporting._drawing import BENIGN_COLOUR, INK, MALIGNANT_COLOUR, MUTED, Drawing
from lentigo.study.reporting._words import score

_SIZE = (410, 270)
FEW_IMAGES = 100
"""Below this many validation images their AUROC has two decimals: its standard error is above 0.02 then."""

Floats = npt.NDArray[np.float64]
Record = Mapping[str, Any]


def best_record(history: Sequence[Record], keep: str = "best") -> Record | None:
    """Return the record of what was kept: the best validation AUROC, or a probe's lowest validation loss.

    Args:
        history: a record per epoch or penalty.
        keep: the setting train.keep; "last" is the last epoch.

    Example:
        >>> best_record([{"epoch": 1, "val_auroc": 0.9}, {"epoch": 2, "val_auroc": 0.8}])["epoch"]
        1
    """
    epochs = [record for record in history if _is_number(record.get("val_auroc"))]
    if epochs and keep == "last":
        return epochs[-1]
    if epochs:
        return max(epochs, key=lambda record: float(record["val_auroc"]))
    penalties = [
        record for record in history if {"penalty", "trees"} & record.keys() and _is_number(record.get("val_loss"))
    ]
    return min(penalties, key=lambda record: float(record["val_loss"]), default=None)


def auroc_name(record: Record) -> str:
    """Return what the AUROC of an epoch is: of malignant against benign, or the mean over several classes.

    Example:
        >>> auroc_name({"val_auroc": 0.8, "val_auroc_of": "macro"}), auroc_name({"val_auroc": 0.8})
        ('macro AUROC', 'AUROC')
    """
    return "macro AUROC" if record.get("val_auroc_of") == "macro" else "AUROC"


def validation_auroc(record: Record, n_images: int) -> str:
    """Return the AUROC of an epoch on validation, which has no interval: the fewer images, the fewer decimals.

    Example:
        >>> validation_auroc({"val_auroc": 0.8095}, 13), validation_auroc({"val_auroc": 0.9537}, 547)
        ('0.81', '0.954')
    """
    return score(float(record["val_auroc"]), digits=2 if n_images < FEW_IMAGES else 3)


def kept_sentence(history: Sequence[Record], keep: str, n_images: int) -> str:
    """Return which epoch or penalty was kept, and what choosing it does to figures of validation.

    Args:
        history: records of training.
        keep: setting `train.keep`.
        n_images: of validation.

    Example:
        >>> kept_sentence([{"epoch": 1, "val_auroc": 0.9}], "best", 547)
        'Kept: epoch 1 (dashed), the only one; its validation AUROC is 0.900.'
    """
    best = best_record(history, keep)
    if best is None:
        return ""
    if "trees" in best:
        return f"Kept {best['trees']} rounds of trees, with the least validation loss."
    if "penalty" in best:
        return f"Frozen network, logistic head: kept the penalty {best['penalty']:g} with the least validation loss."
    kept, auroc = f"Kept: epoch {best['epoch']} (dashed)", validation_auroc(best, n_images)
    name = auroc_name(best)
    if sum("epoch" in record for record in history) == 1:
        return f"{kept}, the only one; its validation {name} is {auroc}."
    if keep == "last":
        return f"{kept}, the last one, as train.keep says; its validation {name} is {auroc}."
    return (
        f"{kept}, with the best validation {name}, {auroc}. Choosing it among {len(history)} makes validation figures "
        "too optimistic."
    )


def draw_losses(history: Sequence[Record], keep: str = "best") -> Markup:
    """Return training and validation loss by epoch."""
    return losses_drawing(history, keep).inline()


def draw_scores(history: Sequence[Record], keep: str = "best") -> Markup:
    """Return validation AUROC and accuracy by epoch."""
    return scores_drawing(history, keep).inline()


def draw_penalties(history: Sequence[Record]) -> Markup:
    """Return a probe's validation loss by the strength of its penalty."""
    return penalties_drawing(history).inline()


def losses_drawing(history: Sequence[Record], keep: str = "best") -> Drawing:
    """Return training and validation loss by epoch, to be drawn."""
    lines = (("train_loss", "training", MUTED), ("val_loss", "validation", INK))
    return _epochs("losses", history, lines, y="loss (nats)", keep=keep)


def scores_drawing(history: Sequence[Record], keep: str = "best") -> Drawing:
    """Return validation AUROC and accuracy by epoch, to be drawn."""
    name = auroc_name(history[0]) if history else "AUROC"
    lines = (("val_auroc", name, MALIGNANT_COLOUR), ("val_accuracy", "accuracy", BENIGN_COLOUR))
    return _epochs("scores", history, lines, y="on validation", keep=keep)


def penalties_drawing(history: Sequence[Record]) -> Drawing:
    """Return a probe's validation loss by the strength of its penalty, to be drawn."""
    penalty, loss = _column(history, "penalty"), _column(history, "val_loss")
    best = best_record(history)

    def paint(axes: Axes) -> None:
        axes.set_xscale("log")
        axes.plot(penalty, loss, color=INK, marker="o", markersize=5)
        if best is not None:
            axes.plot([best["penalty"]], [best["val_loss"]], "o", markersize=9, color=MALIGNANT_COLOUR)
        axes.set_xticks(penalty, [f"{value:g}" for value in penalty])
        axes.minorticks_off()
        axes.set(xlabel="penalty (L2)", ylabel="validation loss (nats)")

    return Drawing("penalties", "Validation loss of the probe by the strength of its penalty.", _SIZE, paint)


def _epochs(
    name: str, history: Sequence[Record], lines: Sequence[tuple[str, str, str]], *, y: str, keep: str
) -> Drawing:
    epoch = _column(history, "epoch")
    best = best_record(history, keep)

    def paint(axes: Axes) -> None:
        if best is not None:
            axes.axvline(best["epoch"], color=INK, linewidth=1.2, linestyle=(0, (3, 2)))
        # the first line is dashed, so that the two stay apart in grey
        for (key, label, colour), dashes in zip(lines, ((0, (5, 2)), "-"), strict=True):
            values = _column(history, key)
            axes.plot(epoch, values, color=colour, marker="o" if epoch.size < 3 else None, linestyle=dashes)
            _label_end(axes, epoch, values, label, colour)
        ticks = MaxNLocator(8, integer=True).tick_values(epoch.min(), epoch.max())
        axes.set_xticks([tick for tick in ticks if epoch.min() <= tick <= epoch.max()])
        axes.set(xlabel="epoch", ylabel=y)
        axes.set_xlim(epoch.min() - 0.2, epoch.max() + 0.3 * max(1.0, float(np.ptp(epoch))))

    return Drawing(name, f"{' and '.join(label for _, label, _ in lines)} by epoch.", _SIZE, paint)


def _label_end(axes: Axes, epoch: Floats, values: Floats, label: str, colour: str) -> None:
    known = np.flatnonzero(~np.isnan(values))
    if known.size:
        last = known[-1]
        axes.annotate(label, (epoch[last], values[last]), (6, 0), textcoords="offset points", va="center", color=colour)


def _column(history: Sequence[Record], key: str) -> Floats:
    values = [record.get(key) for record in history]
    return np.array([float(value) if _is_number(value) else float("nan") for value in values])


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
