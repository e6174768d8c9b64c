"""lentigo: from a folder of dermatoscopic photographs to a skin-lesion classifier that can be believed.

    >>> import lentigo
    >>> lentigo.__version__
    '1.0.0'

Names are imported on first use: `import lentigo` loads neither torch nor pandas.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.config import Config, load_config
    from lentigo.data.manifest import Manifest
    from lentigo.data.sources import read_data
    from lentigo.errors import LentigoError
    from lentigo.model import Answer, Model, open_model, pull, push
    from lentigo.numbers.calibration import Calibration
    from lentigo.numbers.evaluation import Ablation, Comparison, Evaluation, ExternalTest, Leaderboard, evaluate
    from lentigo.numbers.predictions import Predictions
    from lentigo.phantoms import draw_phantom
    from lentigo.service.scoring import Scored, score
    from lentigo.stages import (
        Callback,
        Embedded,
        Fused,
        LesionClassifier,
        MLflow,
        Predicted,
        Run,
        SplitResult,
        Sweep,
        TensorBoard,
        ablate,
        audit,
        calibrate,
        compare,
        embed,
        evaluate_external,
        evaluate_predictions,
        explain,
        export,
        figures,
        fuse,
        leaderboard,
        predict,
        report,
        split,
        stress,
        sweep,
        tables,
        train,
    )
    from lentigo.study.auditing import Audit
    from lentigo.study.reporting import evaluation_table
    from lentigo.study.stressing import StressReport
    from lentigo.taxonomy import Taxonomy

__version__ = "1.0.0"

__all__ = [
    "Ablation",
    "Answer",
    "Audit",
    "Calibration",
    "Callback",
    "Comparison",
    "Config",
    "Embedded",
    "Evaluation",
    "ExternalTest",
    "Fused",
    "Leaderboard",
    "LentigoError",
    "LesionClassifier",
    "MLflow",
    "Manifest",
    "Model",
    "Predicted",
    "Predictions",
    "Run",
    "Scored",
    "SplitResult",
    "StressReport",
    "Sweep",
    "Taxonomy",
    "TensorBoard",
    "__version__",
    "ablate",
    "audit",
    "calibrate",
    "compare",
    "draw_phantom",
    "embed",
    "evaluate",
    "evaluate_external",
    "evaluate_predictions",
    "evaluation_table",
    "explain",
    "export",
    "figures",
    "fuse",
    "leaderboard",
    "load_config",
    "open_model",
    "predict",
    "pull",
    "push",
    "read_data",
    "report",
    "score",
    "split",
    "stress",
    "sweep",
    "tables",
    "train",
]


def __dir__() -> list[str]:
    return sorted(__all__)


_WHERE = {
    "config": ("Config", "load_config"),
    "data.manifest": ("Manifest",),
    "data.sources": ("read_data",),
    "errors": ("LentigoError",),
    "model": ("Answer", "Model", "open_model", "pull", "push"),
    "numbers.calibration": ("Calibration",),
    "numbers.evaluation": ("Ablation", "Comparison", "Evaluation", "ExternalTest", "Leaderboard", "evaluate"),
    "numbers.predictions": ("Predictions",),
    "phantoms": ("draw_phantom",),
    "service.scoring": ("Scored", "score"),
    "stages": (
        "Callback",
        "Embedded",
        "Fused",
        "LesionClassifier",
        "MLflow",
        "Predicted",
        "Run",
        "SplitResult",
        "Sweep",
        "TensorBoard",
        "ablate",
        "audit",
        "calibrate",
        "compare",
        "embed",
        "evaluate_external",
        "evaluate_predictions",
        "explain",
        "export",
        "figures",
        "fuse",
        "leaderboard",
        "predict",
        "report",
        "split",
        "stress",
        "sweep",
        "tables",
        "train",
    ),
    "study.auditing": ("Audit",),
    "study.reporting": ("evaluation_table",),
    "study.stressing": ("StressReport",),
    "taxonomy": ("Taxonomy",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
