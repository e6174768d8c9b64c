"""The settings of learning: optimisation, augmentation, the probe; the comment beside each is its documentation."""

from dataclasses import dataclass
from typing import Literal

from lentigo.config._ranges import check_ranges
from lentigo.errors import ConfigError


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The optimisation."""

    method: Literal["finetune", "probe", "features"] = (
        "finetune"  # probe: frozen backbone, logistic head on cached features | features: head on your own embeddings
    )
    epochs: int = 12  # passes over the training images
    batch_size: int = 32  # images per step
    optimizer: Literal["adamw", "adam"] = (
        "adamw"  # adam adds weight_decay to the gradient; adamw decays the weights directly
    )
    lr: float = 3e-4  # learning rate of the head; a layer `depth` stages below it gets layer_decay^depth of it
    layer_decay: float = 0.65  # factor on the learning rate per stage; 1.0: one rate for all layers
    weight_decay: float = 0.05  # decay of weight matrices and filters; biases and normalisations have none
    warmup: float = 0.1  # share of all steps over which the rates rise from 0
    schedule: Literal["cosine", "constant"] = "cosine"  # learning rates after the warm-up: falling to 0, or constant
    ema_decay: float = 0.99  # exponential moving average of the weights, which is validated and kept; 0: off
    initial_share: float = (
        0.0  # share of the initial weights, the head's aside, in those that are kept: WiSE-FT; 0: off
    )
    label_smoothing: float = 0.0  # share of each label that is spread over all classes
    imbalance: Literal["none", "weights", "sampler", "root"] = (
        "none"  # rare classes: as they are | weighted loss | balanced batches | half-way to balanced
    )
    balance_sources: bool = False  # draw images of small sources more often, by the root of inverse frequency
    source_prior: Literal["learned", "removed"] = (
        "learned"  # removed: the loss gives no reward for knowing how often a source's images are malignant
    )
    priors: Literal["data", "drawn"] = (
        "data"  # class shares that probabilities hold for: those of the training data, or as drawn
    )
    keep: Literal["best", "last"] = "best"  # epoch whose weights are kept: the best on validation, or the last
    folds: int = 0  # number of grouped folds of train and val, with one network each, averaged; 0: one network
    fold_by: Literal["group", "source"] = (
        "group"  # source: each fold is a data set or device, and train.folds is their number
    )
    held_out_sources: Literal["none", "probe", "finetune"] = (
        "none"  # evaluate each source by a network trained without it: on frozen initial weights, or trained fully
    )
    held_out_epochs: int = 3  # epochs of each of these networks, for finetune
    held_out_weights: str = ""  # their initial weights, if model.weights knows these sources; empty: model.weights
    view_epochs: int = 0  # further epochs in which one view learns the mean of eight; 0: none
    teacher: str = ""  # run folder whose validation predictions (best out of fold) are learned beside the labels
    soft: float = 0.5  # weight of the teacher's probabilities; the label has the rest
    patience: int = 0  # epochs without a better validation AUROC before stopping; 0: run to the end
    clip_norm: float = 0.0  # largest gradient norm; 0: off
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 if the GPU or CPU supports it
    device: str = "auto"  # auto: cuda, then mps, then cpu

    def __post_init__(self) -> None:
        check_ranges(self, "train")
        if self.folds == 1:
            raise ConfigError("train.folds is 1. Two or more networks are averaged; 0 trains one.")
        if self.view_epochs and self.method == "probe":
            raise ConfigError(
                "train.view_epochs trains the backbone, which train.method=probe freezes. Set train.view_epochs=0."
            )
        if self.source_prior == "removed" and self.method != "finetune":
            raise ConfigError(
                f"train.source_prior='removed' needs train.method=finetune; train.method={self.method} fits a head. "
                "Set train.source_prior=learned."
            )
        if self.label_smoothing > 0 and self.imbalance == "weights":
            # Together they smooth by unequal amounts per class and distort the probabilities (pytorch/pytorch#104776).
            raise ConfigError(
                "train.label_smoothing and train.imbalance='weights' distort probabilities together. "
                "Set train.label_smoothing=0, or train.imbalance='sampler'."
            )


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """Random augmentation of training batches, on the device; 0 or false switches each one off."""

    flips: bool = True  # the eight flips and quarter turns: a lesion has no up or down
    rotate: float = 0.5  # share of images turned by a free angle instead
    zoom: float = 0.25  # largest zoom in or out around the middle; 0.25: up to 1.25 times
    shift: float = 0.08  # largest shift, as a share of the side
    stretch: float = 0.1  # largest change of the aspect ratio
    brightness: float = 0.15  # largest relative change
    contrast: float = 0.2  # largest relative change
    saturation: float = 0.2  # largest relative change
    cast: float = 0.06  # largest change of each colour channel's gain: devices differ in white balance
    blur: float = 0.1  # share of images blurred
    sharpen: float = 0.0  # share of images sharpened beyond their edges
    noise: float = 0.0  # share of images with sensor noise
    jpeg: float = 0.0  # share of images compressed to a quality of 10 to 75
    marks: float = 0.0  # share of images with hairs, ink or ruler ticks drawn over them
    corners: float = 0.0  # share of images with dark corners
    spectrum: float = 0.0  # share of images given the coarse light and tint of another image of the batch
    even_light: float = 0.0  # share of images with the colour of the light removed (shades of grey)
    shrink: float = 0.0  # share of images scaled down and up again: collections store different sizes
    cutout: float = 0.0  # share of images with a square set to the mean colour
    mixup: float = 0.0  # blends two images: alpha of the Beta distribution of their shares
    cutmix: float = 0.0  # lays a rectangle of one image over another: alpha, as above

    def __post_init__(self) -> None:
        check_ranges(self, "augment")


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """The logistic head on frozen features."""

    penalties: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # L2 strengths tried; the best val NLL wins

    def __post_init__(self) -> None:
        if not self.penalties:
            raise ConfigError("probe.penalties is empty; name at least one, such as [0.01].")
        check_ranges(self, "probe")


@dataclass(frozen=True, slots=True)
class FeaturesConfig:
    """Embeddings that were computed elsewhere, in place of pixels (train.method = "features")."""

    tables: tuple[str, ...] = ()  # files of embeddings, joined by image_id; --features names them
    origin: str = ""  # model that made them, and its training data; --features-origin
    licence: str = ""  # licence of that model; --features-licence
    classifier: Literal["logistic", "boosting"] = "logistic"  # boosting: scikit-learn's histogram gradient boosting
    penalties: tuple[float, ...] = (
        0.0001,
        0.001,
        0.01,
        0.1,
        1.0,
        10.0,
    )  # L2 strengths of logistic that are tried; the best val NLL wins
    rounds: int = 300  # most rounds of boosting; the number with the best val NLL is kept

    def __post_init__(self) -> None:
        if not self.penalties:
            raise ConfigError("features.penalties is empty; name at least one, such as [0.01].")
        check_ranges(self, "features")


@dataclass(frozen=True, slots=True)
class FuseConfig:
    """Columns of the data beside the image, fitted on validation once the network is trained."""

    columns: tuple[str, ...] = ()  # numbers and categories of the data, or patient_context; --use names them
    anyway: bool = False  # use them where the interval of their gain includes 0, too; --use-anyway

    def __post_init__(self) -> None:
        if len(set(self.columns)) < len(self.columns):
            raise ConfigError(f"fuse.columns contains a column twice: {list(self.columns)}.")
