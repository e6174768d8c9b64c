"""What a network says about a batch of photographs, and the one method that whatever runs a network has."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Network", "Outputs"]

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

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Return what the network says about fitted pixels (N, S, S, 3)."""
        ...
