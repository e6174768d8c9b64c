"""ROC and reliability of finished runs in one picture, for docs/benchmarks.md.

python benchmarks/pictures.py OUT.png NAME=RUN [NAME=RUN ...]
"""

import sys

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import roc_curve

from lentigo.numbers.calibration import Calibration
from lentigo.numbers.predictions import Predictions
from lentigo.stages import Run

COLOURS = ("#0b4f5c", "#c8501e", "#2a6fb0", "#7a5195")  # told apart by the colour-blind
N_BINS = 10


def main(out: str, runs: list[str]) -> None:
    figure, (roc, reliability) = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
    for colour, named in zip(COLOURS, runs, strict=False):
        name, _, folder = named.partition("=")
        run = Run.open(folder)
        calibration = Calibration.read(run.calibration_path)
        said = calibration.apply(Predictions.read(run.predictions_path("test")))
        malignant = said.malignant(calibration.malignant_classes)
        truth = np.isin(np.array(said.classes)[said.target], calibration.malignant_classes)
        false, true, _ = roc_curve(truth, malignant)
        roc.plot(false, true, color=colour, label=name)
        _reliability(reliability, malignant, truth, colour, name)
    for axis in (roc, reliability):
        axis.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=":")
        axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axis.legend(frameon=False, fontsize=8)
    roc.set(xlabel="1 - specificity", ylabel="sensitivity")
    reliability.set(xlabel="malignant probability", ylabel="share that is malignant")
    figure.savefig(out, dpi=120)


def _reliability(axis, said, truth, colour, name) -> None:
    edges = np.quantile(said, np.linspace(0, 1, N_BINS + 1))
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, N_BINS - 1)
    for k in np.unique(place):
        here = place == k
        interval = binomtest(int(truth[here].sum()), int(here.sum())).proportion_ci(method="wilson")
        axis.plot([said[here].mean()] * 2, [interval.low, interval.high], color=colour, linewidth=1, alpha=0.6)
    means = [(said[place == k].mean(), truth[place == k].mean()) for k in np.unique(place)]
    axis.plot(*zip(*means, strict=True), color=colour, marker="o", markersize=4, linewidth=1, label=name)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
