"""Whether a photograph's width and height are within the limits, whatever kind of file it comes in."""

from typing import NamedTuple

from lentigo.config import ImageConfig


class SizeFault(NamedTuple):
    """What is wrong with a size."""

    message: str  # to follow the name of the file, with the remedy
    code: str  # as that of `lentigo.errors.ImageError`


def size_fault(width: int, height: int, limits: ImageConfig) -> SizeFault | None:
    """Return why an image of `width` x `height` pixels must not be decoded; None when it may be.

    Example:
        >>> size_fault(4, 4, ImageConfig(min_side=32)).code
        'image_unreadable'
    """
    said = f"has {width} x {height} pixels"
    if width * height > limits.max_pixels:
        allowed = f"more than the {limits.max_pixels:,} allowed (--max-pixels, image.max_pixels)"
        return SizeFault(f"{said}, {allowed}. Scale it down first.", "image_too_large")
    if min(width, height) < limits.min_side:
        wanted = f"at least {limits.min_side} pixels per side are needed (image.min_side)"
        return SizeFault(f"{said}; {wanted}.", "image_unreadable")
    return None
