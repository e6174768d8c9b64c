"""Every setting there is, with its default. The comment beside each field is its documentation."""

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from lentigo.config._conversion import OF_NAMES, build, parse_override, read_toml, toml_value
from lentigo.config._image import BEFORE_PROFILES, ImageConfig
from lentigo.config._learning import AugmentConfig, FeaturesConfig, FuseConfig, ProbeConfig, TrainConfig
from lentigo.config._ranges import check_ranges, within
from lentigo.errors import ConfigError, suggest


@dataclass(frozen=True, slots=True)
class DataConfig:
    """The task, the labels and the splits of the data."""

    task: Literal["auto", "binary", "diagnosis"] = "auto"  # auto: diagnosis when every image has one of three or more
    ak: Literal["benign", "malignant"] = "benign"  # class of actinic keratosis alone (AK), which is pre-malignant
    akiec: Literal["benign", "malignant"] = (
        "malignant"  # class of HAM10000's akiec, which includes Bowen's disease and SCC
    )
    aliases: dict[str, str] = field(default_factory=dict)  # your word for a diagnosis -> its code
    columns: dict[str, str] = field(default_factory=dict)  # a field -> your column for it, or none; a column -> none
    undiagnosed: Literal["error", "drop"] = "error"  # rows without a diagnosis: stop, or exclude and count them
    val_fraction: float = 0.17  # share of all images; 0.17 and 0.20 are those of the 2,077/560/660 original
    test_fraction: float = 0.20  # share of all images
    unreadable: Literal["error", "drop"] = "error"  # images that cannot be decoded: stop, or exclude and count them
    leaks: Literal["drop", "refuse", "allow"] = (
        "drop"  # images whose lesion a later split also shows: exclude, stop or keep
    )
    test_fold: int = -1  # fold (column `fold`) used as test, val is cut from the others; -1: the data's own split

    def __post_init__(self) -> None:
        check_ranges(self, "data")
        within("data.val_fraction + data.test_fraction", self.val_fraction + self.test_fraction, 0.0, 0.95)

    @property
    def fractions(self) -> dict[str, float]:
        """The share of each split, for data that come without."""
        train = 1 - self.val_fraction - self.test_fraction
        return {"train": train, "val": self.val_fraction, "test": self.test_fraction}


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The network and its initial weights."""

    backbone: str = "resnet18"  # name of a timm network: any of timm.list_models()
    weights: str = (
        "imagenet"  # imagenet (timm, needs a network) | lentigo, lentigo@1 | none | efficientnet-lite0 to 2 | a file
    )
    prefix: str = ""  # start of the tensor names to load, if the weights file holds several networks: "teacher."
    pooling: Literal["auto", "token", "avg"] = (
        "auto"  # auto: as the weights file states, otherwise as the backbone does
    )
    drop_rate: float = 0.0  # dropout rate before the head

    def __post_init__(self) -> None:
        check_ranges(self, "model")


@dataclass(frozen=True, slots=True)
class PredictConfig:
    """How a trained network predicts."""

    views: Literal[1, 8] = 8  # 8: mean of the logits over the eight flips and quarter turns
    batch_size: int = 64  # images per network call
    precision: Literal["auto", "float32", "bfloat16"] = (
        "auto"  # of val and test after training; auto: as the steps on a CPU, if 32 images agree; bundles: --precision
    )

    def __post_init__(self) -> None:
        check_ranges(self, "predict")


@dataclass(frozen=True, slots=True)
class CalibrateConfig:
    """What is chosen on validation."""

    method: Literal["auto", "temperature", "vector", "isotonic"] = (
        "auto"  # auto: the one with the lowest NLL on held-out val folds
    )
    left_out: str = ""  # run folder with train.fold_by='source': one temperature fits its held-out sources and val
    threshold_from: Literal["validation", "every_source", "held_out_sources"] = (
        "validation"  # where the sensitivity is kept: in all of val | in each source of it | in each held-out source
    )
    sensitivities: tuple[float, ...] = (
        0.95,
        0.9,
        0.98,
    )  # target of each operating point; the first decides in `predict`
    youden: bool = True  # one more point: greatest sum of sensitivity and specificity
    cost_ratio: float = 0.0  # one more point: a missed malignant image costs this many false alarms; 0: none
    prevalence: float = 0.0  # share of malignant images at which these costs arise; 0: that of val
    missed: float = 0.02  # low-confidence band: largest share of answered malignant images that are called benign
    most_deferred: float = 0.2  # low-confidence band: largest share of all images that get no answer
    class_rule: Literal["most_probable", "equal_priors", "macro_f1", "costs"] = (
        "most_probable"  # rule that names one of three or more classes; nested figures are in calibration.json
    )
    class_costs: str = ""  # for costs, such as "MEL:NV=10": a melanoma called NV costs 10; other mistakes cost 1
    conformal_error: float = 0.1  # largest share of conformal sets without the true class

    def __post_init__(self) -> None:
        check_ranges(self, "calibrate")
        if not self.sensitivities:
            raise ConfigError("calibrate.sensitivities is empty; name at least one, such as [0.95].")
        if len(set(self.sensitivities)) < len(self.sensitivities):
            raise ConfigError(f"calibrate.sensitivities contains a value twice: {list(self.sensitivities)}.")


@dataclass(frozen=True, slots=True)
class EvaluateConfig:
    """The intervals."""

    n_resamples: int = 2000  # bootstrap samples per interval
    confidence: float = 0.95  # confidence of the intervals
    second_look: int = (
        300  # occlusion: test images seen again in one view, with the lesion covered, and with the centre only; 0: none
    )
    prevalence: float = 0.0  # share of malignant images for PPV, NPV and net benefit; 0: that of test
    min_group: int = 20  # smallest subgroup that is evaluated, in images
    min_group_cases: int = 10  # fewest malignant images for its sensitivity, and benign images for its specificity
    subgroups: tuple[str, ...] = ()  # columns of the data that make subgroups; empty: sex, age, site, skin, source, ...
    age_bins: tuple[int, ...] = (20, 30, 40, 50, 60, 70, 80)  # the ages at which the next age group begins

    def __post_init__(self) -> None:
        check_ranges(self, "evaluate")
        if not self.age_bins or list(self.age_bins) != sorted(set(self.age_bins)):
            raise ConfigError(f"evaluate.age_bins is {list(self.age_bins)}. Give ages that rise, such as [40, 60].")
        if len(set(self.subgroups)) < len(self.subgroups):
            raise ConfigError(f"evaluate.subgroups contains a column twice: {list(self.subgroups)}.")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run depends on besides its data.

    Example:
        >>> Config().changed({"train.epochs": 3}).train.epochs
        3
    """

    recipe: str = "finetune"  # name of the recipe in the run; --recipe chooses one
    seed: int = 0  # seed of all random numbers
    data: DataConfig = field(default_factory=DataConfig)
    image: ImageConfig = field(default_factory=ImageConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    probe: ProbeConfig = field(default_factory=ProbeConfig)
    features: FeaturesConfig = field(default_factory=FeaturesConfig)
    fuse: FuseConfig = field(default_factory=FuseConfig)
    predict: PredictConfig = field(default_factory=PredictConfig)
    calibrate: CalibrateConfig = field(default_factory=CalibrateConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)

    def __post_init__(self) -> None:
        check_ranges(self)

    @property
    def network(self) -> str:
        """What learns, in words: the backbone, or the head on embeddings that were computed elsewhere."""
        if self.train.method != "features":
            return self.model.backbone
        what = {"logistic": "logistic regression", "boosting": "boosted trees"}[self.features.classifier]
        return f"{what} on embeddings"

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, source: str = "config") -> Self:
        """Return the record for nested `values`; missing keys keep their defaults.

        Raises:
            ConfigError: an unknown key (the nearest is suggested), or a value of the wrong type or range.
        """
        return typing.cast("Self", build(cls, values, source=source, prefix=""))

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the record kept in a TOML file of a run; what it does not name is as it was when there was no name.

        Raises:
            ConfigError: the file is missing or holds no usable settings.
        """
        path = Path(path)
        values = read_toml(str(path), path.read_bytes if path.is_file() else None)
        if isinstance(image := values.setdefault("image", {}), dict):
            values["image"] = {**BEFORE_PROFILES, **image}
        return cls.from_dict(values, source=str(path))

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with dotted keys replaced, as `--set` does.

        Raises:
            ConfigError: an unknown key, or a value of the wrong type or range.
        """
        values = dataclasses.asdict(self)
        for dotted, value in changes.items():
            *sections, key = _parts(dotted)
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


def _parts(dotted: str) -> list[str]:
    """Return the parts of a key; what follows `data.aliases.` and `data.columns.` is one name, points and all."""
    for table in OF_NAMES:
        if dotted.startswith(table):
            return [*table.split(".")[:-1], dotted.removeprefix(table)]
    return dotted.split(".")
