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
    batch_size: int = 32  # images a step
    optimizer: Literal["adamw", "adam"] = "adamw"  # adam adds weight_decay to the gradient, adamw keeps it apart
    lr: float = 3e-4  # of the head; deeper layers get layer_decay^depth of it
    layer_decay: float = 0.65  # 1.0: one rate for all layers
    weight_decay: float = 0.05  # of weight matrices and filters; biases and normalisations have none
    warmup: float = 0.1  # share of all steps
    schedule: Literal["cosine", "constant"] = "cosine"  # of the rates after the warm-up: down to 0, or as they are
    ema_decay: float = 0.99  # exponential moving average of the weights, which is what is validated and kept; 0: off
    label_smoothing: float = 0.0  # share of each label that is spread over all classes
    imbalance: Literal["none", "weights", "sampler", "root"] = (
        "none"  # in this order: nothing | loss weights | balanced batches | half-way there
    )
    balance_sources: bool = False  # draw images of small sources more often: by the root of the source's frequency
    priors: Literal["data", "drawn"] = (
        "data"  # classes as frequent as ...: what probabilities hold for, whatever is drawn
    )
    keep: Literal["best", "last"] = "best"  # which epoch's weights: the best on validation, or the last
    folds: int = 0  # one network for each of so many grouped folds of train and val, averaged; 0: one network
    fold_by: Literal["group", "source"] = "group"  # source: each fold is a data set or device, train.folds their number
    held_out_sources: Literal["none", "probe", "finetune"] = (
        "none"  # measure each source by a network that did not learn from it: frozen start weights, or trained anew
    )
    held_out_epochs: int = 3  # of each of these networks, for finetune
    view_epochs: int = 0  # after these epochs: so many in which one view learns what eight say; 0: none
    teacher: str = ""  # run folder whose validation predictions (out of fold, best) are learned beside the labels
    soft: float = 0.5  # share of the teacher's word; the rest is the label's
    patience: int = 0  # epochs without a better validation AUROC before stopping; 0: run to the end
    clip_norm: float = 0.0  # largest gradient norm; 0: off
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 where the GPU or CPU has it
    device: str = "auto"  # auto: cuda, then mps, then cpu

    def __post_init__(self) -> None:
        check_ranges(self, "train")
        if self.folds == 1:
            raise ConfigError("train.folds is 1. Two or more networks are averaged; 0 trains one.")
        if self.view_epochs and self.method == "probe":
            raise ConfigError("train.view_epochs changes the backbone, which a probe leaves as it is. Set it to 0.")
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
    zoom: float = 0.25  # up to 1.25 times in or out, around the middle
    shift: float = 0.08  # up to this share of the side
    stretch: float = 0.1  # change of aspect
    brightness: float = 0.15  # changed by up to this share
    contrast: float = 0.2  # changed by up to this share
    saturation: float = 0.2  # changed by up to this share
    cast: float = 0.06  # gain of each colour channel: devices differ in white balance
    blur: float = 0.1  # share of images blurred
    sharpen: float = 0.0  # share of images with overdrawn edges
    noise: float = 0.0  # share of images with sensor noise
    jpeg: float = 0.0  # share of images compressed to a quality of 10 to 75
    marks: float = 0.0  # share of images with hairs, ink or ruler ticks drawn over them
    corners: float = 0.0  # share of images with dark corners
    spectrum: float = 0.0  # share of images given the coarse light and tint of another image of the batch
    even_light: float = 0.0  # share of images with the colour of the light taken off (shades of grey)
    shrink: float = 0.0  # share of images made smaller and larger again: collections keep other sizes
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
    origin: str = ""  # which model made them, from what; --features-origin
    licence: str = ""  # of that model's weights and terms; --features-licence
    classifier: Literal["logistic", "boosting"] = "logistic"  # boosting: scikit-learn's histogram gradient boosting
    penalties: tuple[float, ...] = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)  # of logistic, tried; the best val NLL wins
    rounds: int = 300  # of boosting, at most; the number with the best val NLL is kept

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
