"""Settings as frozen records, read from TOML recipes and changed with `--set section.key=value`.

TOML, not YAML: PyYAML reads `lr: 1e-4` as a string. A recipe names only what it changes, and a run folder keeps the
resolved whole as `config.toml`.
"""

from lentigo.config.recipes import RECIPES, load_config
from lentigo.config.records import (
    BEFORE_PROFILES,
    AugmentConfig,
    CalibrateConfig,
    Config,
    DataConfig,
    EvaluateConfig,
    ImageConfig,
    ModelConfig,
    PredictConfig,
    ProbeConfig,
    TrainConfig,
)

__all__ = [
    "BEFORE_PROFILES",
    "RECIPES",
    "AugmentConfig",
    "CalibrateConfig",
    "Config",
    "DataConfig",
    "EvaluateConfig",
    "ImageConfig",
    "ModelConfig",
    "PredictConfig",
    "ProbeConfig",
    "TrainConfig",
    "load_config",
]
