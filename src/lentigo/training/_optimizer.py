"""The optimiser: layer-wise rates, weight decay on matrices only, and its state as plain tensors."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lentigo.config import TrainConfig
from lentigo.training._backbones import layer_depths


def make_optimizer(network: nn.Module, settings: TrainConfig) -> torch.optim.Optimizer:
    """Return the optimiser; one group per parameter kind and depth, deeper layers with smaller rates."""
    depths = layer_depths(network)
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((depths[name], parameter.ndim > 1), []).append(parameter)
    # Biases and normalisation parameters (one-dimensional) are not decayed.
    options = [
        {
            "params": parameters,
            "scale": settings.layer_decay**depth,
            "lr": settings.lr * settings.layer_decay**depth,
            "weight_decay": settings.weight_decay if is_matrix else 0.0,
        }
        for (depth, is_matrix), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(options, lr=settings.lr)


def set_rates(optimizer: torch.optim.Optimizer, settings: TrainConfig, step: int, n_steps: int) -> None:
    """Set the learning rates of a step, from 0, of so many: a linear warm-up, then the schedule."""
    n_warm = settings.warmup * n_steps
    if step < n_warm:
        factor = (step + 1) / (n_warm + 1)
    elif settings.schedule == "cosine":
        factor = 0.5 * (1 + math.cos(math.pi * (step - n_warm) / max(1, n_steps - n_warm)))
    else:
        factor = 1.0
    for group in optimizer.param_groups:
        group["lr"] = settings.lr * group["scale"] * factor


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's state as flat named tensors, for a safetensors file."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, entry in state.items() for name, value in entry.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put back what `optimizer_tensors` returned."""
    content = optimizer.state_dict()
    for key, value in tensors.items():
        index, name = key.split(".")
        content["state"].setdefault(int(index), {})[name] = value
    optimizer.load_state_dict(content)


def class_weights(targets: NDArray[np.int64], n_classes: int) -> Tensor:
    """Return inverse class frequencies, shape (K,), whose mean over the examples is one."""
    counts = np.bincount(targets, minlength=n_classes)
    return torch.from_numpy(len(targets) / (n_classes * counts.clip(1))).float()
