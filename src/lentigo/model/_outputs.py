"""What a network says about a batch of photographs, and the one method that whatever runs a network has."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lentigo.progress import Track, silent

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the network says about a batch.

    Args:
        logits: shape (N, K).
        maps: shape (N, K, h, w); None where the network has none.
        embedding: shape (N, D); D is 0 where it gives none.
    """

    logits: Floats
    maps: NDArray[np.float32] | None
    embedding: NDArray[np.float32]


class Network(Protocol):
    """A network that runs, whatever runs it."""

    def run(self, pixels: NDArray[Any]) -> Outputs:
        """Return what the network says about fitted pixels (N, S, S, 3), or embeddings (N, D)."""
        ...


def run_batches(
    network: Network, pixels: NDArray[np.uint8], batch_size: int, *, track: Track = silent, with_maps: bool = False
) -> Outputs:
    """Return what a network says about any number of images, asked in batches.

    Args:
        network: that runs.
        pixels: fitted, shape (N, S, S, 3).
        batch_size: images at once.
        track: draws progress.
        with_maps: keep the maps, which are large.
    """
    starts = range(0, len(pixels), batch_size)
    parts = [
        (said.logits, said.embedding, said.maps if with_maps else None)
        for start in track(starts, "Asking the bundle", len(pixels), unit=batch_size)
        for said in [network.run(pixels[start : start + batch_size])]
    ]
    logits, embedding, maps = zip(*parts, strict=True)
    kept = [one for one in maps if one is not None]
    return Outputs(np.concatenate(logits), np.concatenate(kept) if kept else None, np.concatenate(embedding))
