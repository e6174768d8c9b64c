"""Run folders and the stages that fill them: audit, split, train, predict, calibrate, evaluate, report, export, ..."""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.stages._ablate import ablate
    from lentigo.stages._audit import audit
    from lentigo.stages._auto import TimeBudget
    from lentigo.stages._calibrate import calibrate_predictions, calibrate_run
    from lentigo.stages._calibrate_any import calibrate
    from lentigo.stages._callbacks import Callback, MLflow, TensorBoard, callbacks_of
    from lentigo.stages._changes import write_changes
    from lentigo.stages._compare import compare
    from lentigo.stages._doctor import Health, examine
    from lentigo.stages._embed import Embedded, embed
    from lentigo.stages._estimator import LesionClassifier
    from lentigo.stages._evaluate import describe_run, evaluate_predictions, evaluate_run
    from lentigo.stages._explain import explain
    from lentigo.stages._export import export
    from lentigo.stages._export_own import export_own
    from lentigo.stages._external_validation import evaluate_external
    from lentigo.stages._figures import figures, tables
    from lentigo.stages._fuse import Fused, fuse
    from lentigo.stages._leaderboard import leaderboard
    from lentigo.stages._lesions import chosen_rule
    from lentigo.stages._own_model import MODELS, OwnModel
    from lentigo.stages._pilot import pilot_subgroups
    from lentigo.stages._predict import Predicted, predict
    from lentigo.stages._recalibrate import recalibrate
    from lentigo.stages._report import report, report_run
    from lentigo.stages._run_folder import Run
    from lentigo.stages._split import SplitResult, split
    from lentigo.stages._stress import stress
    from lentigo.stages._sweep import Sweep, sweep
    from lentigo.stages._sweep_grid import parse_sweep
    from lentigo.stages._test_looks import describe_test_looks
    from lentigo.stages._train_any import train, with_features

__all__ = [
    "MODELS",
    "Callback",
    "Embedded",
    "Fused",
    "Health",
    "LesionClassifier",
    "MLflow",
    "OwnModel",
    "Predicted",
    "Run",
    "SplitResult",
    "Sweep",
    "TensorBoard",
    "TimeBudget",
    "ablate",
    "audit",
    "calibrate",
    "calibrate_predictions",
    "calibrate_run",
    "callbacks_of",
    "chosen_rule",
    "compare",
    "describe_run",
    "describe_test_looks",
    "embed",
    "evaluate_external",
    "evaluate_predictions",
    "evaluate_run",
    "examine",
    "explain",
    "export",
    "export_own",
    "figures",
    "fuse",
    "leaderboard",
    "parse_sweep",
    "pilot_subgroups",
    "predict",
    "recalibrate",
    "report",
    "report_run",
    "split",
    "stress",
    "sweep",
    "tables",
    "train",
    "with_features",
    "write_changes",
]

_WHERE = {
    "_ablate": ("ablate",),
    "_audit": ("audit",),
    "_auto": ("TimeBudget",),
    "_calibrate": ("calibrate_predictions", "calibrate_run"),
    "_calibrate_any": ("calibrate",),
    "_callbacks": ("Callback", "MLflow", "TensorBoard", "callbacks_of"),
    "_changes": ("write_changes",),
    "_compare": ("compare",),
    "_doctor": ("Health", "examine"),
    "_embed": ("Embedded", "embed"),
    "_estimator": ("LesionClassifier",),
    "_evaluate": ("describe_run", "evaluate_predictions", "evaluate_run"),
    "_report": ("report", "report_run"),
    "_explain": ("explain",),
    "_export": ("export",),
    "_export_own": ("export_own",),
    "_own_model": ("MODELS", "OwnModel"),
    "_external_validation": ("evaluate_external",),
    "_figures": ("figures", "tables"),
    "_fuse": ("Fused", "fuse"),
    "_leaderboard": ("leaderboard",),
    "_lesions": ("chosen_rule",),
    "_pilot": ("pilot_subgroups",),
    "_predict": ("Predicted", "predict"),
    "_recalibrate": ("recalibrate",),
    "_run_folder": ("Run",),
    "_split": ("SplitResult", "split"),
    "_stress": ("stress",),
    "_sweep": ("Sweep", "sweep"),
    "_sweep_grid": ("parse_sweep",),
    "_test_looks": ("describe_test_looks",),
    "_train_any": ("train", "with_features"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
