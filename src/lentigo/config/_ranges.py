"""The range of every number among the settings, both ends included; a test sees to it that none is without."""

from collections.abc import Mapping
from typing import Any, Final

from lentigo.errors import ConfigError

_SHARE: Final = (0.0, 1.0)
_PREVALENCE: Final = (0.0, 0.999)

RANGES: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = {
    "": {"seed": (0, 2**31 - 1)},
    "data": {"val_fraction": (0.01, 0.9), "test_fraction": (0.01, 0.9), "test_fold": (-1, 1000)},
    "image": {
        "size": (16, 2048),
        "mean": _SHARE,
        "std": (0.001, 100.0),
        "max_pixels": (256, 1_000_000_000),
        "max_bytes": (1024, 10_000_000_000),
        "min_side": (1, 4096),
    },
    "model": {"drop_rate": (0.0, 0.9)},
    "train": {
        "epochs": (1, 10_000),
        "batch_size": (2, 65_536),
        "lr": (1e-9, 10.0),
        "layer_decay": (0.01, 1.0),
        "weight_decay": (0.0, 1e9),
        "warmup": (0.0, 0.9),
        "ema_decay": (0.0, 0.99999),
        "initial_share": (0.0, 1.0),
        "label_smoothing": (0.0, 0.5),
        "folds": (0, 100),
        "held_out_epochs": (1, 10_000),
        "view_epochs": (0, 10_000),
        "soft": _SHARE,
        "patience": (0, 10_000),
        "clip_norm": (0.0, 1e9),
    },
    "augment": dict.fromkeys(
        (
            "rotate", "zoom", "shift", "stretch", "brightness", "contrast", "saturation", "cast", "blur", "sharpen",
            "noise", "jpeg", "marks", "corners", "spectrum", "even_light", "shrink", "cutout", "mixup", "cutmix",
        ),
        _SHARE,
    ),
    "probe": {"penalties": (1e-9, 1e9)},
    "features": {"penalties": (1e-9, 1e9), "rounds": (1, 10_000)},
    "predict": {"batch_size": (1, 65_536)},
    "calibrate": {
        "sensitivities": (0.01, 1.0),
        "cost_ratio": (0.0, 1e6),
        "prevalence": _PREVALENCE,
        "missed": _SHARE,
        "most_deferred": (0.0, 0.9),
        "conformal_error": (0.001, 0.5),
    },
    "evaluate": {
        "n_resamples": (100, 100_000),
        "confidence": (0.5, 0.999),
        "second_look": (0, 1_000_000),
        "prevalence": _PREVALENCE,
        "min_group": (1, 1_000_000),
        "min_group_cases": (1, 1_000_000),
        "age_bins": (1, 120),
    },
}  # fmt: skip


def check_ranges(record: Any, section: str = "") -> None:
    """Hold every number of a record against its range; of several in one setting, each.

    Args:
        record: of that section.
        section: as it is called in a recipe; empty for the settings of the first level.

    Raises:
        ConfigError: one lies outside.

    Example:
        >>> from lentigo.config import ModelConfig
        >>> check_ranges(ModelConfig(), "model")
    """
    for name, (low, high) in RANGES[section].items():
        value = getattr(record, name)
        for number in value if isinstance(value, tuple | list) else (value,):
            within(f"{section}.{name}".lstrip("."), number, low, high)


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a value outside its range, NaN included.

    Raises:
        ConfigError: it lies outside.

    Example:
        >>> within("train.folds", 101, 0, 100)
        Traceback (most recent call last):
        ...
        lentigo.errors.ConfigError: train.folds is 101; it must lie between 0 and 100.
    """
    if not low <= value <= high:
        raise ConfigError(f"{name} is {value}; it must lie between {low:g} and {high:g}.")
