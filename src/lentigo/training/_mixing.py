"""Images of a batch mixed with one another, and how much of each label the mixture keeps."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from lentigo.config import AugmentConfig


class Mixture(NamedTuple):
    """A batch in which every image holds a `share` of itself and the rest of its `partner`."""

    batch: Tensor  # (N, 3, S, S)
    partner: Tensor  # (N,), places in the batch
    share: float  # 0..1


def mix(batch: Tensor, config: AugmentConfig, *, generator: Generator) -> Mixture | None:
    """Return `batch`, shape (N, 3, S, S), mixed by mixup or CutMix; None when neither is asked for.

    Where both are asked for, each batch draws one of them. Mixup blends two images (Zhang et al. 2018,
    arXiv 1710.09412); CutMix lays a rectangle of one over the other (Yun et al. 2019, arXiv 1905.04899). The share is
    drawn from Beta(alpha, alpha), once a batch.

    Example:
        >>> batch = torch.rand(2, 3, 16, 16)
        >>> mix(batch, AugmentConfig(mixup=0.2), generator=Generator().manual_seed(0)).batch.shape
        torch.Size([2, 3, 16, 16])
    """
    if not (config.mixup or config.cutmix):
        return None
    rng = np.random.default_rng(generator.initial_seed())
    partner = torch.randperm(len(batch), generator=generator, device=batch.device)
    cuts = bool(config.cutmix) and not (config.mixup and rng.random() < 0.5)
    alpha = config.cutmix if cuts else config.mixup
    share = float(rng.beta(alpha, alpha))
    if not cuts:
        return Mixture(share * batch + (1 - share) * batch[partner], partner, share)
    side = batch.shape[-1]
    half = 0.5 * math.sqrt(1 - share) * side
    (top, bottom), (left, right) = (
        (max(0, round(middle - half)), min(side, round(middle + half))) for middle in rng.uniform(0, side, size=2)
    )
    mixed = batch.clone()
    mixed[:, :, top:bottom, left:right] = batch[partner][:, :, top:bottom, left:right]
    return Mixture(mixed, partner, 1 - (bottom - top) * (right - left) / side**2)
