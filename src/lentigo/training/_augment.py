"""Random changes of whole batches, on the device the batch lies on.

What may change is what does not change the diagnosis: a lesion has no up or down, devices differ in zoom, light, white
balance and focus; hairs and ink lie over any of them. All draws come from the generator passed in, so a step can be
repeated exactly.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lentigo.config import AugmentConfig
from lentigo.training._artefacts import add_corners, add_marks
from lentigo.training._camera import add_noise, blur, compress, sharpen
from lentigo.training._history import even_light, mix_spectrum, shrink


def augment(batch: Tensor, config: AugmentConfig, *, generator: Generator) -> Tensor:
    """Return a changed copy of `batch`, shape (N, 3, S, S), RGB in 0..1, of the same shape and range.

    Example:
        >>> batch = torch.rand(2, 3, 16, 16)
        >>> augment(batch, AugmentConfig(), generator=Generator().manual_seed(0)).shape
        torch.Size([2, 3, 16, 16])
    """
    batch = _move(batch, config, generator)
    batch = _sometimes(batch, config.marks, add_marks, generator)
    batch = _sometimes(batch, config.corners, add_corners, generator)
    if config.spectrum:
        partner = batch[torch.randperm(len(batch), generator=generator, device=batch.device)]
        is_mixed = _chance(batch, config.spectrum, generator)[:, None, None, None]
        batch = torch.where(is_mixed, mix_spectrum(batch, partner, generator), batch)
    batch = _sometimes(batch, config.even_light, even_light, generator)
    batch = _recolour(batch, config, generator)
    batch = _sometimes(batch, config.shrink, shrink, generator)
    batch = _sometimes(batch, config.blur, blur, generator)
    batch = _sometimes(batch, config.sharpen, sharpen, generator)
    batch = _sometimes(batch, config.noise, add_noise, generator)
    batch = _sometimes(batch, config.jpeg, compress, generator)
    if config.cutout:
        batch = _cut_out(batch, config.cutout, generator)
    return batch


def _sometimes(
    batch: Tensor, share: float, change: Callable[[Tensor, Generator], Tensor], generator: Generator
) -> Tensor:
    """Return the batch with `change` done to a random share of its images."""
    if not share:
        return batch
    rows = _chance(batch, share, generator).nonzero()[:, 0]
    return batch.index_copy(0, rows, change(batch[rows], generator)) if len(rows) else batch


def _uniform(batch: Tensor, generator: Generator, *shape: int) -> Tensor:
    """Return draws from -1..1, one row per image."""
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
    # The photograph's own sides are stretched, whatever its turn: all of a row, the sines too.
    wide, high = zoom * stretch, zoom / stretch
    across = torch.stack([wide * cosine * mirror, -wide * sine, shift[:, 0]], dim=1)
    down = torch.stack([high * sine * mirror, high * cosine, shift[:, 1]], dim=1)
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
