"""lentigo: from a folder of dermatoscopic photographs to a skin-lesion classifier that can be believed.

    >>> import lentigo
    >>> lentigo.__version__
    '0.1.0'

Names are imported on first use: `import lentigo` loads neither torch nor pandas.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.calibration import Calibration
    from lentigo.config import Config, load_config
    from lentigo.errors import LentigoError
    from lentigo.evaluation import Evaluation, evaluate
    from lentigo.manifest import Manifest
    from lentigo.model import Answer, Model, open_model
    from lentigo.phantom import draw_phantom
    from lentigo.predictions import Predictions
    from lentigo.runs import Run, evaluate_predictions, export, predict, split, train
    from lentigo.scoring import score
    from lentigo.sources import read_data
    from lentigo.taxonomy import Taxonomy

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Calibration",
    "Config",
    "Evaluation",
    "LentigoError",
    "Manifest",
    "Model",
    "Predictions",
    "Run",
    "Taxonomy",
    "__version__",
    "draw_phantom",
    "evaluate",
    "evaluate_predictions",
    "export",
    "load_config",
    "open_model",
    "predict",
    "read_data",
    "score",
    "split",
    "train",
]


def __dir__() -> list[str]:
    return sorted(__all__)


_WHERE = {
    "calibration": ("Calibration",),
    "config": ("Config", "load_config"),
    "errors": ("LentigoError",),
    "evaluation": ("Evaluation", "evaluate"),
    "manifest": ("Manifest",),
    "model": ("Answer", "Model", "open_model"),
    "phantom": ("draw_phantom",),
    "predictions": ("Predictions",),
    "runs": ("Run", "evaluate_predictions", "export", "predict", "split", "train"),
    "scoring": ("score",),
    "sources": ("read_data",),
    "taxonomy": ("Taxonomy",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
