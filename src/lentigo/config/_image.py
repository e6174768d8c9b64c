"""The settings of an image, apart from all others: whoever only predicts needs no more."""

from dataclasses import dataclass
from typing import Final, Literal

from lentigo.config._ranges import check_ranges
from lentigo.errors import ConfigError

# How images were read by what names no `colour_profiles`: runs and bundles keep the pixels that they learned from.
BEFORE_PROFILES: Final = {"colour_profiles": "ignore"}


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """How a file becomes the pixels of the network; checkpoints and bundles contain the same record."""

    size: int = 160  # side of the square input in pixels
    fit: Literal["pad", "squeeze", "crop"] = "pad"  # pad keeps the whole field and its aspect; crop cuts the long side
    mean: tuple[float, ...] = (
        0.485,
        0.456,
        0.406,
    )  # RGB in 0..1, subtracted from the pixels; also the colour of padding
    std: tuple[float, ...] = (0.229, 0.224, 0.225)  # RGB; the pixels are divided by it after the subtraction
    max_pixels: int = 60_000_000  # largest image, in pixels; checked in the header, before any pixel is decoded
    max_bytes: int = 100_000_000  # largest file, in bytes; checked before the file is read
    min_side: int = 16  # shortest side accepted, in pixels; a lesion cannot be seen in fewer
    colour_profiles: Literal["srgb", "ignore"] = "srgb"  # convert embedded profiles to sRGB, or ignore them

    def __post_init__(self) -> None:
        check_ranges(self, "image")
        if len(self.mean) != 3 or len(self.std) != 3:
            raise ConfigError("image.mean and image.std need three numbers each: one for R, G and B.")
