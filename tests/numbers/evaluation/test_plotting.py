"""The ROC curve on axes of one's own."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from lentigo.errors import MetricError
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.predictions import Predictions


def said(targets):
    chance = np.linspace(0.1, 0.9, len(targets))
    names = np.array([f"i{k}" for k in range(len(targets))])
    return Predictions(names, np.array(targets), np.column_stack([1 - chance, chance]), ("NV", "MEL"))


def test_the_curve_its_band_and_the_figure_are_drawn_on_the_given_axes():
    evaluation = evaluate(said([0, 0, 1, 0, 1, 1, 0, 1]), malignant=["MEL"], n_resamples=50)
    axes = Figure().add_subplot()
    assert evaluation.plot_roc(axes) is axes
    curve = evaluation.curves["roc"]
    assert axes.lines[0].get_ydata().tolist() == pytest.approx(curve.y.tolist(), nan_ok=True)
    assert len(axes.collections) == 1
    assert axes.get_legend().get_texts()[0].get_text() == f"AUROC {evaluation.metrics['auroc']}"


def test_one_side_alone_has_no_curve():
    evaluation = evaluate(said([0, 0, 0]), malignant=["MEL"], n_resamples=50)
    with pytest.raises(MetricError, match="all malignant or all benign"):
        evaluation.plot_roc(Figure().add_subplot())
