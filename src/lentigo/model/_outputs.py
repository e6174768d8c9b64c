"""What a network says about a batch of photographs, and the one method that whatever runs a network has."""

from collections.abc import Sequence
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
        again: which of them a lower precision left to float32, shape (N,); None where there is one precision.
    """

    logits: Floats
    maps: NDArray[np.float32] | None
    embedding: NDArray[np.float32]
    again: NDArray[np.bool_] | None = None


class Network(Protocol):
    """A network that runs, whatever runs it."""

    def run(self, pixels: NDArray[Any]) -> Outputs:
        """Return the network's outputs for fitted pixels (N, S, S, 3), or embeddings (N, D)."""
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
        (said.logits, said.embedding, said.maps if with_maps else None, said.again)
        for start in track(starts, "Predicting", len(pixels), unit=batch_size)
        for said in [network.run(pixels[start : start + batch_size])]
    ]
    logits, embedding, maps, again = zip(*parts, strict=True)
    return Outputs(np.concatenate(logits), _joined(maps), np.concatenate(embedding), _joined(again))


def _joined(parts: Sequence[NDArray[Any] | None]) -> NDArray[Any] | None:
    kept = [one for one in parts if one is not None]
    return np.concatenate(kept) if kept else None
