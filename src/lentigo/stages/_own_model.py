"""A finished model of the user's own, as the user describes it: its file, classes and normalisation."""

import dataclasses
from pathlib import Path
from typing import Final

from lentigo.errors import ConfigError, ModelError, name_offenders

MODELS: Final = (".onnx", ".safetensors", ".pth", ".pt", ".bin", ".ckpt")
NORMALISATIONS: Final = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "clip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "none": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}


@dataclasses.dataclass(frozen=True, slots=True)
class OwnModel:
    """What the user says of a finished model.

    Args:
        path: of the ONNX or weights file.
        classes: what its outputs mean, in their order.
        backbone: its name in timm, for a weights file.
        normalisation: imagenet, half, clip, none, or "mean,mean,mean/std,std,std"; for a weights file, what its source
            says when empty.
        licence: of the weights.
    """

    path: Path
    classes: tuple[str, ...]
    backbone: str = ""
    normalisation: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        if not self.path.is_file() or self.path.suffix not in MODELS:
            raise ModelError(f"{self.path} is not a model file. Give one of {', '.join(MODELS)}.")
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise ConfigError(
                f"--classes names {name_offenders(self.classes) or 'nothing'}; two or more different ones are needed, "
                "in the order of the outputs, such as --classes NV,MEL,BKL."
            )
        if self.is_onnx and not self.normalisation:
            raise ConfigError(
                f"an ONNX file does not state how its pixels were normalised. Give --normalise "
                f"{', '.join(NORMALISATIONS)}, or mean,mean,mean/std,std,std."
            )
        if not self.is_onnx and not self.backbone:
            raise ConfigError(f"{self.path.name} holds weights alone. Name their network in timm with --backbone.")

    @property
    def is_onnx(self) -> bool:
        """Whether the file holds the network, too."""
        return self.path.suffix == ".onnx"


def read_normalisation(text: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation of RGB: those of a name, or the six numbers themselves.

    Raises:
        ConfigError: the text is neither.

    Example:
        >>> read_normalisation("half")
        ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    """
    if text in NORMALISATIONS:
        return NORMALISATIONS[text]
    try:
        mean, std = (tuple(float(one) for one in part.split(",")) for part in text.split("/"))
    except ValueError:
        mean = std = ()
    if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
        raise ConfigError(
            f"'{text}' is not a normalisation. Give {', '.join(NORMALISATIONS)}, or mean,mean,mean/std,std,std of "
            "RGB in 0..1, such as 0.5,0.5,0.5/0.5,0.5,0.5."
        )
    return mean, std
