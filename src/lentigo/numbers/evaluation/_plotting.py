"""An evaluation on axes of matplotlib, for notebooks; the figures of reports and manuscripts are drawn by `study`."""

from typing import TYPE_CHECKING

import numpy as np

from lentigo.errors import MetricError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lentigo.numbers.evaluation._evaluation import Evaluation


def plot_roc(evaluation: "Evaluation", ax: "Axes | None" = None) -> "Axes":
    """Return axes with the ROC curve of malignant against benign; see `Evaluation.plot_roc`.

    Args:
        evaluation: with a curve.
        ax: to draw on; those of a new figure when None.

    Raises:
        MetricError: there is no curve.
    """
    curve = evaluation.curves.get("roc")
    if curve is None or np.isnan(curve.y).all():
        raise MetricError("there is no ROC curve: the images are all malignant or all benign.")
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(4.5, 4.5))
    how = evaluation.resampling
    label = f"AUROC {evaluation.metrics['auroc']}"
    (line,) = ax.plot(curve.x, curve.y, label=label)
    ax.fill_between(
        curve.x, curve.low, curve.high, color=line.get_color(), alpha=0.2, label=f"{how.confidence * 100:g}% interval"
    )
    ax.plot([0, 1], [0, 1], color="0.7", linestyle="--", linewidth=1)
    for point in evaluation.operating_points[:1]:
        place = ([1 - point.specificity.value], [point.sensitivity.value])
        ax.plot(*place, "o", color=line.get_color(), label=f"threshold {point.threshold:.3g}")
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel="1 − specificity", ylabel="sensitivity", aspect="equal")
    ax.legend(loc="lower right")
    return ax
