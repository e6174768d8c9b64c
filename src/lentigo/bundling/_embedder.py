"""The embedding that the bundle of some networks would give, without making the bundle."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lentigo.bundling._graph import BundleGraph
from lentigo.config import ImageConfig


def embedder(
    networks: Sequence[nn.Module], settings: ImageConfig, *, views: int
) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """Return what makes embeddings (N, D) of fitted pixels (N, S, S, 3), on the CPU.

    Args:
        networks: whose embeddings are put side by side.
        settings: mean and std of the normalisation.
        views: 8 averages over the eight flips and quarter turns.
    """
    graph = BundleGraph(list(networks), settings, views=views, maps=False).eval()

    def ask(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            embedding: NDArray[np.float32] = graph(torch.from_numpy(pixels))[-1].float().numpy()
        return embedding

    return ask
