"""From trained networks to one graph: 8-bit pixels in; logits, class-activation map and embedding out.

Normalisation, the eight views and the mean over an ensemble are part of the graph, so whoever runs it, in whatever
language, cannot get them wrong.

The map needs no gradients: where logits are a linear head on the mean of the last features over space, the head applied
to the features at each place *is* the map of each class, its mean (plus the head's bias) is the logit, and Grad-CAM
gives the same up to the number of places. Whether a network is of that kind is measured, not looked up.
"""

import torch
from torch import Tensor, nn

from lentigo.config import ImageConfig
from lentigo.errors import ModelError
from lentigo.training import head_of

MAP_TOLERANCE = 1e-4  # of the largest logit: float32 sums in another order differ by a hundredth of it


class BundleGraph(nn.Module):
    """What is written to model.onnx.

    Args:
        networks: of one architecture and one set of classes; their logits and maps are averaged.
        settings: mean and std of the normalisation.
        views: 8 averages over the eight flips and quarter turns.
        maps: whether to give class-activation maps.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, networks: list[nn.Module], settings: ImageConfig, *, views: int, maps: bool) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.views = views
        self.maps = maps
        self.register_buffer("mean", torch.tensor(settings.mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(settings.std).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return logits (N, K), maps (N, K, h, w) if wanted, and embeddings (N, D) of pixels (N, S, S, 3), uint8."""
        batch = (pixels.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std
        if self.views == 8:
            batch = torch.cat([_view(batch, index) for index in range(8)])
        answers = [_answer(network, batch, maps=self.maps) for network in self.networks]
        logits = torch.stack([self._mean_view(logits) for logits, _, _ in answers]).mean(0)
        embedding = torch.cat([self._mean_view(embedding) for _, _, embedding in answers], dim=1)
        if not self.maps:
            return logits, embedding
        return logits, torch.stack([self._mean_map(maps) for _, maps, _ in answers]).mean(0), embedding

    def _mean_view(self, values: Tensor) -> Tensor:
        if self.views == 1:
            return values
        return values.reshape(8, -1, values.shape[1]).mean(0)  # `chunk` would fix the number of images in the graph

    def _mean_map(self, maps: Tensor) -> Tensor:
        if self.views == 1:
            return maps
        parts = maps.reshape(8, -1, *maps.shape[1:])
        return torch.stack([_unview(parts[index], index) for index in range(8)]).mean(0)


@torch.inference_mode()
def has_map(network: nn.Module, size: int) -> bool:
    """Return whether the mean of a class's map plus the head's bias is the class's logit.

    Example:
        >>> from lentigo.training._backbones import build_network
        >>> has_map(build_network(ModelConfig(), 2, image_size=32).eval(), 32)
        True
    """
    head = head_of(network)
    batch = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    features = network.forward_features(batch)  # type: ignore[operator]
    if features.ndim != 4 or features.shape[1] != head.in_features:
        return False
    logits, maps, _ = _answer(network, batch, maps=True)
    rebuilt = maps.mean((2, 3)) + (0 if head.bias is None else head.bias)
    truth = network(batch)
    limit = MAP_TOLERANCE * float(truth.abs().max().clamp_min(1e-6))
    return bool(
        torch.allclose(rebuilt, truth, rtol=0, atol=limit) and torch.allclose(logits, truth, rtol=0, atol=limit)
    )


def _answer(network: nn.Module, batch: Tensor, *, maps: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return logits (N, K), maps (N, K, h, w) and embedding (N, D) of one network.

    Raises:
        ModelError: the network's embedding is not a vector.
    """
    head = head_of(network)
    features = network.forward_features(batch)  # type: ignore[operator]
    embedding = network.forward_head(features, pre_logits=True)  # type: ignore[operator]
    if embedding.ndim != 2:
        raise ModelError("the embedding of the backbone is not one vector per image. Choose another backbone.")
    logits = head(embedding)
    activation = torch.nn.functional.conv2d(features, head.weight[:, :, None, None]) if maps else features
    return logits, activation, embedding


def _view(batch: Tensor, index: int) -> Tensor:
    """Return one of the eight views, in the order of `Classifier`: mirrored after the fourth, a quarter turn each.

    Written as flips and transpositions, which every exporter knows; `torch.rot90` is not one of them.
    """
    batch = batch.flip(3) if index >= 4 else batch
    return _turned(batch, index % 4)


def _unview(maps: Tensor, index: int) -> Tensor:
    maps = _turned(maps, -index % 4)
    return maps.flip(3) if index >= 4 else maps


def _turned(batch: Tensor, quarters: int) -> Tensor:
    if quarters == 1:
        return batch.flip(3).transpose(2, 3)
    if quarters == 2:
        return batch.flip(2).flip(3)
    if quarters == 3:
        return batch.transpose(2, 3).flip(3)
    return batch
