"""Every setting there is, with its default. The comment beside each field is its documentation."""

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from lentigo.config.conversion import build, parse_override, read_toml, toml_value, within
from lentigo.config.learning import AugmentConfig, ProbeConfig, TrainConfig
from lentigo.errors import ConfigError, suggest

__all__ = [
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
]


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Which question is asked of the data, and how it is divided."""

    task: Literal["auto", "binary", "diagnosis"] = "auto"  # auto: diagnosis when every image has one of three or more
    ak: Literal["benign", "malignant"] = "benign"  # actinic keratosis alone is pre-malignant
    akiec: Literal["benign", "malignant"] = "malignant"  # HAM10000's akiec: Bowen's disease and SCC are in it
    aliases: dict[str, str] = field(default_factory=dict)  # your word for a diagnosis -> its code
    val_fraction: float = 0.17  # of all images; 0.17 and 0.20 are the shares of the 2,077/560/660 original
    test_fraction: float = 0.20  # of all images
    unreadable: Literal["error", "drop"] = "error"  # images that cannot be decoded: stop, or go on without them
    leaks: Literal["drop", "refuse", "allow"] = (
        "drop"  # images a later split shows too: drop from train (val), stop, keep
    )
    test_fold: int = -1  # this fold of the column `fold` is test, val is cut from the others; -1: the data's own split

    def __post_init__(self) -> None:
        within("data.val_fraction", self.val_fraction, 0.01, 0.9)
        within("data.test_fraction", self.test_fraction, 0.01, 0.9)
        within("data.test_fold", self.test_fold, -1, 1000)
        within("data.val_fraction + data.test_fraction", self.val_fraction + self.test_fraction, 0.0, 0.95)

    @property
    def fractions(self) -> dict[str, float]:
        """The share of each split, for data that come without."""
        train = 1 - self.val_fraction - self.test_fraction
        return {"train": train, "val": self.val_fraction, "test": self.test_fraction}


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """From a file to the pixels a network sees; the same record travels in checkpoints and bundles."""

    size: int = 224  # side of the square input in pixels
    fit: Literal["pad", "squeeze", "crop"] = "pad"  # pad keeps the whole field and its aspect; crop cuts the long side
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)  # of RGB in 0..1, subtracted; also the colour of padding
    std: tuple[float, ...] = (0.229, 0.224, 0.225)  # of RGB, what is left is divided by it
    max_pixels: int = 60_000_000  # refused above, from the header, before any pixel is decoded
    max_bytes: int = 100_000_000  # of the file; refused above, before it is read
    min_side: int = 16  # a lesion cannot be seen in fewer pixels

    def __post_init__(self) -> None:
        within("image.size", self.size, 16, 2048)
        within("image.min_side", self.min_side, 1, 4096)
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise ConfigError("image.mean and image.std need three numbers each, std above 0: one for R, G and B.")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The network and what it starts from."""

    backbone: str = "resnet18"  # any name of timm.list_models()
    weights: str = (
        "imagenet"  # imagenet (through timm, needs a network) | lentigo | none | efficientnet-lite0 to 2 | a file
    )
    drop_rate: float = 0.0  # dropout before the head

    def __post_init__(self) -> None:
        within("model.drop_rate", self.drop_rate, 0.0, 0.9)


@dataclass(frozen=True, slots=True)
class PredictConfig:
    """How a trained network is asked."""

    views: Literal[1, 8] = 1  # 8: mean of the logits over the eight flips and quarter turns
    batch_size: int = 64  # images at once

    def __post_init__(self) -> None:
        within("predict.batch_size", self.batch_size, 1, 65_536)


@dataclass(frozen=True, slots=True)
class CalibrateConfig:
    """What is chosen on validation."""

    method: Literal["auto", "temperature", "vector", "isotonic"] = "auto"  # auto: the least NLL on held-out val folds
    left_out: str = ""  # run folder with train.fold_by='source': one temperature for its sources and val alike
    sensitivities: tuple[float, ...] = (0.95, 0.9, 0.98)  # one operating point each; the first decides in `predict`
    youden: bool = True  # one more: the greatest sum of sensitivity and specificity
    cost_ratio: float = 0.0  # one more: a missed malignant image costs so many false alarms; 0: none
    prevalence: float = 0.0  # share of malignant images at which these costs arise; 0: that of val
    missed: float = 0.02  # of the malignant images that are answered, at most so many are called benign; the rest ...
    most_deferred: float = 0.2  # ... is of low confidence, at most this share of all images
    conformal_error: float = 0.1  # promised share, at most, of conformal sets without the true class

    def __post_init__(self) -> None:
        within("calibrate.cost_ratio", self.cost_ratio, 0.0, 1e6)
        within("calibrate.prevalence", self.prevalence, 0.0, 0.999)
        within("calibrate.missed", self.missed, 0.0, 1.0)
        within("calibrate.most_deferred", self.most_deferred, 0.0, 0.9)
        within("calibrate.conformal_error", self.conformal_error, 0.001, 0.5)
        if not self.sensitivities:
            raise ConfigError("calibrate.sensitivities is empty; name at least one, such as [0.95].")
        if len(set(self.sensitivities)) < len(self.sensitivities):
            raise ConfigError(f"calibrate.sensitivities names one twice: {list(self.sensitivities)}.")
        for value in self.sensitivities:
            within("calibrate.sensitivities", value, 0.01, 1.0)


@dataclass(frozen=True, slots=True)
class EvaluateConfig:
    """The intervals."""

    n_resamples: int = 2000  # bootstrap samples behind an interval
    confidence: float = 0.95  # of the intervals
    second_look: int = 300  # test images that are asked again without the lesion, and with the centre only; 0: none
    prevalence: float = 0.0  # share of malignant images for PPV, NPV and net benefit; 0: that of test
    min_group: int = 20  # images a subgroup needs to be judged ...
    min_group_cases: int = 10  # ... and malignant ones for its sensitivity, benign ones for its specificity

    def __post_init__(self) -> None:
        within("evaluate.prevalence", self.prevalence, 0.0, 0.999)
        within("evaluate.min_group", self.min_group, 1, 1_000_000)
        within("evaluate.min_group_cases", self.min_group_cases, 1, 1_000_000)
        within("evaluate.n_resamples", self.n_resamples, 100, 100_000)
        within("evaluate.second_look", self.second_look, 0, 1_000_000)
        within("evaluate.confidence", self.confidence, 0.5, 0.999)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run depends on besides its data.

    Example:
        >>> Config().changed({"train.epochs": 3}).train.epochs
        3
    """

    recipe: str = "finetune"  # what the run calls its recipe; a recipe is chosen by --recipe
    seed: int = 0  # of everything that is drawn
    data: DataConfig = field(default_factory=DataConfig)
    image: ImageConfig = field(default_factory=ImageConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    probe: ProbeConfig = field(default_factory=ProbeConfig)
    predict: PredictConfig = field(default_factory=PredictConfig)
    calibrate: CalibrateConfig = field(default_factory=CalibrateConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)

    def __post_init__(self) -> None:
        within("seed", self.seed, 0, 2**31 - 1)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, source: str = "config") -> Self:
        """Return the record for nested `values`; keys left out keep their defaults.

        Raises:
            ConfigError: an unknown key (the nearest is suggested), or a value of the wrong type or range.
        """
        return typing.cast("Self", build(cls, values, source=source, prefix=""))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the record kept in a TOML file.

        Raises:
            ConfigError: the file is missing or holds no usable settings.
        """
        return cls.from_dict(read_toml(path.name, path.read_bytes if path.is_file() else None), source=str(path))

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with dotted keys replaced, as `--set` does.

        Raises:
            ConfigError: an unknown key, or a value of the wrong type or range.
        """
        values = dataclasses.asdict(self)
        for dotted, value in changes.items():
            *sections, key = dotted.split(".")
            inner = values
            for section in sections:
                if not isinstance(inner.get(section), dict):
                    raise ConfigError(f"--set: unknown section '{section}' in {dotted}.{suggest(section, list(inner))}")
                inner = inner[section]
            inner[key] = value
        return type(self).from_dict(values, source="--set")

    def overridden(self, overrides: Sequence[str]) -> Self:
        """Return a copy with `section.key=value` texts applied; values are TOML, a bare word is taken as text.

        Raises:
            ConfigError: a text without `=`, an unknown key, or a value of the wrong type or range.
        """
        return self.changed(dict(map(parse_override, overrides)))

    def to_toml(self) -> str:
        """Return all settings as TOML that `read` reads back equal."""
        lines: list[str] = []
        sections = {}
        for key, value in dataclasses.asdict(self).items():
            if isinstance(value, dict):
                sections[key] = value
            else:
                lines.append(f"{key} = {toml_value(value)}")
        for name, section in sections.items():
            lines += ["", f"[{name}]", *(f"{key} = {toml_value(value)}" for key, value in section.items())]
        return "\n".join(lines) + "\n"
