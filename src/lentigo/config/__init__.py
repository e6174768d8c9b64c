"""Settings as frozen records, read from TOML recipes and changed with `--set section.key=value`.

TOML, not YAML: PyYAML reads `lr: 1e-4` as a string. A recipe names only what it changes, and a run folder keeps the
resolved whole as `config.toml`.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.config._conversion import toml_value
    from lentigo.config._image import BEFORE_PROFILES, ImageConfig
    from lentigo.config._learning import AugmentConfig, FeaturesConfig, FuseConfig, ProbeConfig, TrainConfig
    from lentigo.config._ranges import RANGES
    from lentigo.config._recipes import RECIPES, load_config, recipe_overrides
    from lentigo.config._records import (
        CalibrateConfig,
        Config,
        DataConfig,
        EvaluateConfig,
        ModelConfig,
        PredictConfig,
    )

__all__ = [
    "BEFORE_PROFILES",
    "RANGES",
    "RECIPES",
    "AugmentConfig",
    "CalibrateConfig",
    "Config",
    "DataConfig",
    "EvaluateConfig",
    "FeaturesConfig",
    "FuseConfig",
    "ImageConfig",
    "ModelConfig",
    "PredictConfig",
    "ProbeConfig",
    "TrainConfig",
    "load_config",
    "recipe_overrides",
    "toml_value",
]

_WHERE = {
    "_conversion": ("toml_value",),
    "_learning": ("AugmentConfig", "FeaturesConfig", "FuseConfig", "ProbeConfig", "TrainConfig"),
    "_ranges": ("RANGES",),
    "_recipes": ("RECIPES", "load_config", "recipe_overrides"),
    "_image": ("BEFORE_PROFILES", "ImageConfig"),
    "_records": ("CalibrateConfig", "Config", "DataConfig", "EvaluateConfig", "ModelConfig", "PredictConfig"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
