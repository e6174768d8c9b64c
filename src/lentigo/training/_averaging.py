"""The moving average of the weights, which is what is validated and kept."""

import torch
from torch import nn


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
