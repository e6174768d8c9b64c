"""Run folders, and the stages that fill them: train, predict, calibrate, evaluate, report."""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.runs.evaluating import calibrate_run, describe_run, evaluate_predictions, evaluate_run, report_run
    from lentigo.runs.layout import Run
    from lentigo.runs.predicting import Answer, Predicted, Predictor, predict
    from lentigo.runs.splitting import split
    from lentigo.runs.training import train

__all__ = [
    "Answer",
    "Predicted",
    "Predictor",
    "Run",
    "calibrate_run",
    "describe_run",
    "evaluate_predictions",
    "evaluate_run",
    "predict",
    "report_run",
    "split",
    "train",
]

_WHERE = {
    "evaluating": ("calibrate_run", "describe_run", "evaluate_predictions", "evaluate_run", "report_run"),
    "layout": ("Run",),
    "predicting": ("Answer", "Predicted", "Predictor", "predict"),
    "splitting": ("split",),
    "training": ("train",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
