"""What differs between collections and says nothing about a lesion: its light, its style, the size it was kept in."""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

__all__ = ["even_light", "mix_spectrum", "shrink"]

NORM = 6  # of the colours; Finlayson and Trezzi 2004 found it best, and dermatoscopy papers have kept it
FLOOR = 1e-3  # of a channel: a black picture has no light to even out
LEAST_SIDE = 0.35  # of a picture: 84 px of 240
BAND = 0.1  # of the frequencies along an axis, the lowest: light, tint and vignette


def even_light(batch: Tensor, generator: Generator) -> Tensor:
    """Return images as under white light, by shades of grey; shape (N, 3, S, S), RGB in 0..1.

    Each channel is divided by its Minkowski norm and all are multiplied by one number that keeps the brightness. Only a
    part of the way is gone, drawn for each image, so that the network sees what lies between.

    Example:
        >>> warm = torch.rand(2, 3, 8, 8) * torch.tensor([1.0, 0.7, 0.5]).view(3, 1, 1)
        >>> even = even_light(warm, Generator().manual_seed(0)).mean(dim=(2, 3))
        >>> bool((even.amax(1) - even.amin(1) < 0.5).all())
        True
    """
    light = batch.pow(NORM).mean(dim=(2, 3), keepdim=True).pow(1 / NORM).clamp_min(FLOOR)
    whole = light.mean(dim=1, keepdim=True) / light
    part = torch.rand(len(batch), 1, 1, 1, generator=generator, device=batch.device)
    return (batch * whole.pow(part)).clamp(0, 1)


def shrink(batch: Tensor, generator: Generator) -> Tensor:
    """Return images as a smaller copy of them shows them: made smaller and larger again, all to one side a step.

    Example:
        >>> shrink(torch.rand(2, 3, 32, 32), Generator().manual_seed(0)).shape
        torch.Size([2, 3, 32, 32])
    """
    side = batch.shape[-1]
    draw = float(torch.rand((), generator=generator, device=batch.device))
    small = max(8, round(side * (LEAST_SIDE + (0.9 - LEAST_SIDE) * draw)))
    reduced = F.interpolate(batch, size=(small, small), mode="bilinear", antialias=True, align_corners=False)
    return F.interpolate(reduced, size=(side, side), mode="bilinear", align_corners=False).clamp(0, 1)


def mix_spectrum(batch: Tensor, partner: Tensor, generator: Generator) -> Tensor:
    """Return images with the coarse light and tint of others: part of the amplitude of their lowest frequencies.

    The phase, which holds what is drawn, stays. Yang and Soatto 2020 (arXiv 2004.05498), Xu et al. 2021 (2105.11182).

    Args:
        batch: shape (N, 3, S, S), RGB in 0..1.
        partner: as many images, whose style is taken.
        generator: of the draws.

    Example:
        >>> batch = torch.rand(2, 3, 32, 32)
        >>> mix_spectrum(batch, batch.flip(0), Generator().manual_seed(0)).shape
        torch.Size([2, 3, 32, 32])
    """
    side = batch.shape[-1]
    own, other = torch.fft.rfft2(batch), torch.fft.rfft2(partner)
    rows = torch.fft.fftfreq(side, device=batch.device).abs() <= BAND / 2
    columns = torch.fft.rfftfreq(side, device=batch.device) <= BAND / 2
    is_low = (rows[:, None] & columns[None, :]).to(batch.dtype)
    part = is_low * torch.rand(len(batch), 1, 1, 1, generator=generator, device=batch.device)
    amplitude = (1 - part) * own.abs() + part * other.abs()
    mixed: Tensor = torch.fft.irfft2(torch.polar(amplitude, own.angle()), s=(side, side))
    return mixed.clamp(0, 1)
