"""Run folders and the stages that fill them: audit, split, train, predict, calibrate, evaluate, report, export, ..."""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.runs.auditing import audit
    from lentigo.runs.calibrating import calibrate_predictions, calibrate_run
    from lentigo.runs.comparing import compare_models
    from lentigo.runs.evaluating import describe_run, evaluate_predictions, evaluate_run, report_run
    from lentigo.runs.explaining import explain
    from lentigo.runs.exporting import export
    from lentigo.runs.external import evaluate_external
    from lentigo.runs.layout import Run
    from lentigo.runs.predicting import Predicted, predict
    from lentigo.runs.recalibrating import recalibrate
    from lentigo.runs.splitting import SplitResult, split
    from lentigo.runs.stressing import stress
    from lentigo.runs.training import train

__all__ = [
    "Predicted",
    "Run",
    "SplitResult",
    "audit",
    "calibrate_predictions",
    "calibrate_run",
    "compare_models",
    "describe_run",
    "evaluate_external",
    "evaluate_predictions",
    "evaluate_run",
    "explain",
    "export",
    "predict",
    "recalibrate",
    "report_run",
    "split",
    "stress",
    "train",
]

_WHERE = {
    "auditing": ("audit",),
    "calibrating": ("calibrate_predictions", "calibrate_run"),
    "comparing": ("compare_models",),
    "evaluating": ("describe_run", "evaluate_predictions", "evaluate_run", "report_run"),
    "external": ("evaluate_external",),
    "layout": ("Run",),
    "explaining": ("explain",),
    "exporting": ("export",),
    "predicting": ("Predicted", "predict"),
    "recalibrating": ("recalibrate",),
    "splitting": ("SplitResult", "split"),
    "stressing": ("stress",),
    "training": ("train",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
