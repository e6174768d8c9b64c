"""Averages of weights: the moving one over steps, which is what is validated and kept, and one with where it began."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move `average` towards `network` after the step of that number, from 0; whole numbers are copied.

    Example:
        >>> average, network = nn.Linear(1, 1), nn.Linear(1, 1)
        >>> update_average(average, network, 0.0, 0)
        >>> bool(average.weight == network.weight)
        True
    """
    # The first steps weigh more, so that the average does not drag the initial weights along.
    decay = min(decay, (1 + step) / (10 + step))
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)


@torch.no_grad()
def mix_in(network: nn.Module, initial: Mapping[str, Tensor], share: float) -> None:
    """Move some tensors of a network towards others of the same names by a share, in place.

    Halfway between a network and what it was fine-tuned from, both in the same valley of the loss, it often holds
    better on data from elsewhere than either (WiSE-FT, Wortsman et al. 2022).

    Example:
        >>> network = nn.Linear(1, 1)
        >>> mix_in(network, {"weight": torch.zeros(1, 1)}, 1.0)
        >>> network.weight.item()
        0.0
    """
    own = network.state_dict()
    for name, tensor in initial.items():
        own[name].lerp_(tensor.to(own[name]), share)
