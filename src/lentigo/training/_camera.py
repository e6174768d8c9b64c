"""What a camera does to a picture, done to training batches: blur, sharpening, sensor noise, JPEG compression."""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

# Annex K of the JPEG standard (ITU-T T.81): the luminance table that encoders scale by their quality.
_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55), (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62), (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip


def blur(batch: Tensor, generator: Generator) -> Tensor:
    """Return images out of focus; shape (N, 3, S, S), RGB in 0..1.

    Example:
        >>> blur(torch.rand(2, 3, 32, 32), Generator().manual_seed(0)).shape
        torch.Size([2, 3, 32, 32])
    """
    # One width a step keeps this a single depthwise convolution; the width differs from step to step.
    sigma = 0.5 + torch.rand((), generator=generator, device=batch.device) * batch.shape[-1] / 150
    return _smoothed(batch, sigma)


def sharpen(batch: Tensor, generator: Generator) -> Tensor:
    """Return images with their edges overdrawn, as telephones do (an unsharp mask).

    Example:
        >>> picture = torch.zeros(1, 3, 32, 32)
        >>> picture[..., 16:] = 0.5
        >>> float(sharpen(picture, Generator().manual_seed(0)).max()) > 0.5
        True
    """
    amount = 1.5 * torch.rand(len(batch), 1, 1, 1, generator=generator, device=batch.device)
    soft = _smoothed(batch, torch.tensor(1.0, device=batch.device))
    return (batch + amount * (batch - soft)).clamp(0, 1)


def add_noise(batch: Tensor, generator: Generator) -> Tensor:
    """Return images with sensor noise: some per channel, some of the same sign in all three, up to 0.08 in deviation.

    Example:
        >>> add_noise(torch.full((1, 3, 32, 32), 0.5), Generator().manual_seed(0)).std() > 0
        tensor(True)
    """
    draws = torch.rand(len(batch), 2, 1, 1, generator=generator, device=batch.device) ** 2  # weak noise is more usual
    colour = torch.randn(batch.shape, generator=generator, device=batch.device)
    grey = torch.randn((len(batch), 1, *batch.shape[2:]), generator=generator, device=batch.device)
    return (batch + 0.08 * draws[:, :1] * colour + 0.06 * draws[:, 1:] * grey).clamp(0, 1)


def compress(batch: Tensor, generator: Generator) -> Tensor:
    """Return images as a JPEG of quality 10 to 75 leaves them: blocks of eight, quantised, chroma more coarsely.

    Example:
        >>> compress(torch.rand(2, 3, 40, 40), Generator().manual_seed(0)).shape
        torch.Size([2, 3, 40, 40])
    """
    quality = 10 + 65 * torch.rand(len(batch), generator=generator, device=batch.device)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)  # libjpeg's rule
    side = batch.shape[-1]
    margin = -side % 8
    padded = F.pad(batch, (0, margin, 0, margin), mode="replicate") if margin else batch
    to_ycc = batch.new_tensor([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
    planes = 255 * torch.einsum("cd,ndhw->nchw", to_ycc, padded)
    basis = _dct(batch)
    n, _, height, width = planes.shape
    blocks = planes.reshape(n, 3, height // 8, 8, width // 8, 8)
    coefficients = torch.einsum("ia,ncyaxb,jb->ncyixj", basis, blocks, basis)
    table = batch.new_tensor(_LUMA) * scale.view(-1, 1, 1)
    tables = torch.stack([table, 1.7 * table, 1.7 * table], dim=1).clamp_min(1).view(n, 3, 1, 8, 1, 8)
    coefficients = (coefficients / tables).round() * tables
    planes = torch.einsum("ia,ncyixj,jb->ncyaxb", basis, coefficients, basis).reshape(n, 3, height, width)
    to_rgb = batch.new_tensor([[1, 0, 1.402], [1, -0.34414, -0.71414], [1, 1.772, 0]])
    return (torch.einsum("cd,ndhw->nchw", to_rgb, planes)[..., :side, :side] / 255).clamp(0, 1)


def _dct(like: Tensor) -> Tensor:
    """Return the orthonormal cosine transform of eight points, shape (8, 8)."""
    k = torch.arange(8, device=like.device, dtype=like.dtype)
    basis = torch.cos((2 * k[None, :] + 1) * k[:, None] * torch.pi / 16) * 0.5
    basis[0] /= 2**0.5
    return basis


def _smoothed(batch: Tensor, sigma: Tensor) -> Tensor:
    offsets = torch.arange(-4, 5, device=batch.device, dtype=batch.dtype)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, 9)
    padded = F.pad(batch, (4, 4, 4, 4), mode="reflect")
    return F.conv2d(F.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)
