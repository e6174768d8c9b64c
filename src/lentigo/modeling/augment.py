"""Random changes of whole batches, on the device the batch lies on.

What may change is what does not change the diagnosis: a lesion has no up or down, devices differ in zoom, light, white
balance and focus. All draws come from the generator passed in, so a step can be repeated exactly.
"""

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lentigo.config import AugmentConfig

__all__ = ["augment"]


def augment(batch: Tensor, config: AugmentConfig, *, generator: Generator) -> Tensor:
    """Return a changed copy of `batch`, shape (N, 3, S, S), RGB in 0..1, of the same shape and range.

    Example:
        >>> batch = torch.rand(2, 3, 16, 16)
        >>> augment(batch, AugmentConfig(), generator=Generator().manual_seed(0)).shape
        torch.Size([2, 3, 16, 16])
    """
    batch = _move(batch, config, generator)
    if config.blur:
        batch = _blur(batch, config.blur, generator)
    batch = _recolour(batch, config, generator)
    if config.cutout:
        batch = _cut_out(batch, config.cutout, generator)
    return batch


def _uniform(batch: Tensor, generator: Generator, *shape: int) -> Tensor:
    """Return draws from -1..1, one row an image."""
    return 2 * torch.rand(len(batch), *shape, generator=generator, device=batch.device) - 1


def _chance(batch: Tensor, share: float, generator: Generator) -> Tensor:
    """Return which images are affected, shape (N,), bool."""
    return torch.rand(len(batch), generator=generator, device=batch.device) < share


def _move(batch: Tensor, config: AugmentConfig, generator: Generator) -> Tensor:
    # One resampling for all of it; what comes into view at the edges is the mirrored image.
    is_still = not (config.rotate or config.zoom or config.shift or config.stretch)
    turns = torch.randint(0, 4, (len(batch),), generator=generator, device=batch.device) * (math.pi / 2)
    mirror = 1 - 2 * _chance(batch, 0.5, generator).to(batch.dtype)
    if not config.flips:
        turns, mirror = torch.zeros_like(turns), torch.ones_like(mirror)
        if is_still:
            return batch
    angle = torch.where(_chance(batch, config.rotate, generator), math.pi * _uniform(batch, generator), turns)
    zoom = (1 + config.zoom) ** _uniform(batch, generator)
    stretch = (1 + config.stretch) ** _uniform(batch, generator)
    shift = config.shift * _uniform(batch, generator, 2)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    across = torch.stack([zoom * stretch * cosine * mirror, -zoom * sine, shift[:, 0]], dim=1)
    down = torch.stack([zoom * sine * mirror, zoom / stretch * cosine, shift[:, 1]], dim=1)
    theta = torch.stack([across, down], dim=1).to(batch.dtype)
    grid = F.affine_grid(theta, list(batch.shape), align_corners=False)
    return F.grid_sample(batch, grid, padding_mode="reflection", align_corners=False)


def _recolour(batch: Tensor, config: AugmentConfig, generator: Generator) -> Tensor:
    def gain(strength: float, channels: int = 1) -> Tensor:
        return 1 + strength * _uniform(batch, generator, channels, 1, 1)

    mean = batch.mean(dim=(2, 3), keepdim=True)
    batch = (batch - mean) * gain(config.contrast) + mean * gain(config.brightness)
    batch = batch * gain(config.cast, 3)
    grey = batch.mean(dim=1, keepdim=True)
    return (grey + (batch - grey) * gain(config.saturation)).clamp(0, 1)


def _blur(batch: Tensor, share: float, generator: Generator) -> Tensor:
    # One width a step keeps this a single depthwise convolution; the width differs from step to step.
    sigma = 0.5 + torch.rand((), generator=generator, device=batch.device) * batch.shape[-1] / 150
    offsets = torch.arange(-4, 5, device=batch.device, dtype=batch.dtype)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, 9)
    chosen = _chance(batch, share, generator)
    padded = F.pad(batch, (4, 4, 4, 4), mode="reflect")
    blurred = F.conv2d(F.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)
    return torch.where(chosen[:, None, None, None], blurred, batch)


def _cut_out(batch: Tensor, share: float, generator: Generator) -> Tensor:
    side = batch.shape[-1]
    half = 0.15 * side
    centre = (_uniform(batch, generator, 2) + 1) / 2 * side
    places = torch.arange(side, device=batch.device, dtype=batch.dtype) + 0.5
    inside = (places[None, None, :] - centre[:, :, None]).abs() < half
    square = inside[:, 0, :, None] & inside[:, 1, None, :]
    square = square & _chance(batch, share, generator)[:, None, None]
    mean = batch.mean(dim=(2, 3), keepdim=True)
    return torch.where(square[:, None], mean, batch)
