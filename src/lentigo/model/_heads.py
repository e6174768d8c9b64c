"""What a model of embeddings computes: a linear head, or boosted trees; numpy only, and no pickle in its file.

A head answers like any other network (`Outputs`), with the embedding itself as the embedding, so that decision,
out-of-distribution score and reference cases need no second spelling.
"""

import dataclasses
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import CheckpointError
from lentigo.model._outputs import Outputs
from lentigo.storage import write_bytes

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]

HEAD_FILE: Final = "head.npz"  # in a checkpoint of a run that learned from embeddings
ROWS: Final = 8192  # embeddings at once: 25 MB of 768 numbers


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """Logits that are a weighted sum of the numbers of an embedding.

    Args:
        weight: shape (K, D).
        bias: shape (K,).

    Example:
        >>> head = LinearHead(np.array([[-1.0], [1.0]], np.float32), np.zeros(2, np.float32))
        >>> head.logits(np.array([[2.0]], np.float32)).tolist()
        [[-2.0, 2.0]]
    """

    weight: Floats
    bias: Floats

    @property
    def width(self) -> int:
        """How many numbers an embedding has."""
        return int(self.weight.shape[1])

    def logits(self, values: Floats) -> Floats:
        """Return logits (N, K) of embeddings (N, D)."""
        return np.asarray(values @ self.weight.T + self.bias, dtype=np.float32)

    def run(self, pixels: NDArray[Any]) -> Outputs:
        """Return logits and embedding of embeddings (N, D)."""
        return Outputs(self.logits(pixels), None, pixels)

    def shifted(self, shift: NDArray[np.float64]) -> "LinearHead":
        """Return the head with a constant added to each logit."""
        return dataclasses.replace(self, bias=(self.bias + shift).astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class TreeHead:
    """Logits that are sums of the leaves of boosted trees.

    Nodes of all trees lie in one list; a leaf is its own child.

    Args:
        width: D.
        root: first node of each tree, shape (T,).
        output: which raw sum each tree adds to, shape (T,).
        feature: that each node asks for, shape (M,).
        threshold: at or below it the left child is next, shape (M,).
        left: child, shape (M,).
        right: child, shape (M,).
        value: of each leaf, shape (M,).
        base: where the raw sums begin, shape (R,).
        mix: from raw sums to logits, shape (R, K).
        bias: added to the logits, shape (K,).
    """

    width: int
    root: Integers
    output: Integers
    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    value: Floats
    base: Floats
    mix: Floats
    bias: Floats

    def logits(self, values: Floats) -> Floats:
        """Return logits (N, K) of embeddings (N, D)."""
        starts = range(0, len(values), ROWS)
        parts = [self._block(values[start : start + ROWS]) for start in starts]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.bias)), np.float32)

    def run(self, pixels: NDArray[Any]) -> Outputs:
        """Return logits and embedding of embeddings (N, D)."""
        return Outputs(self.logits(pixels), None, pixels)

    def shifted(self, shift: NDArray[np.float64]) -> "TreeHead":
        """Return the head with a constant added to each logit."""
        return dataclasses.replace(self, bias=(self.bias + shift).astype(np.float32))

    def _block(self, values: Floats) -> Floats:
        rows = np.arange(len(values))
        raw = np.tile(self.base.astype(np.float64), (len(values), 1))
        for root, output in zip(self.root.tolist(), self.output.tolist(), strict=True):
            node = np.full(len(values), root)
            while True:
                goes_left = values[rows, self.feature[node]] <= self.threshold[node]
                following = np.where(goes_left, self.left[node], self.right[node])
                if (following == node).all():
                    break
                node = following
            raw[:, output] += self.value[node]
        return np.asarray(raw @ self.mix + self.bias, dtype=np.float32)


Head: TypeAlias = LinearHead | TreeHead


def mean_head(heads: Sequence[Head]) -> Head:
    """Return the head whose logits are the mean of those of heads of one kind.

    Example:
        >>> one = LinearHead(np.ones((2, 3), np.float32), np.zeros(2, np.float32))
        >>> float(mean_head([one, one]).logits(np.ones((1, 3), np.float32))[0, 0])
        3.0
    """
    linear = [head for head in heads if isinstance(head, LinearHead)]
    if len(linear) == len(heads):
        means = (np.mean([getattr(head, name) for head in linear], axis=0) for name in ("weight", "bias"))
        return LinearHead(*(mean.astype(np.float32) for mean in means))
    trees = [head for head in heads if isinstance(head, TreeHead)]
    first = np.cumsum([0, *(len(head.value) for head in trees)])[:-1]

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(head, name) for head in trees])

    def moved(name: str) -> Integers:
        return np.concatenate([getattr(head, name) + at for head, at in zip(trees, first, strict=True)]).astype(
            np.int32
        )

    return TreeHead(
        width=trees[0].width,
        root=moved("root"),
        output=joined("output"),
        feature=joined("feature"),
        threshold=joined("threshold"),
        left=moved("left"),
        right=moved("right"),
        value=(joined("value") / len(trees)).astype(np.float32),
        base=np.mean([head.base for head in trees], axis=0).astype(np.float32),
        mix=trees[0].mix,
        bias=np.mean([head.bias for head in trees], axis=0).astype(np.float32),
    )


def write_head(folder: Path, head: Head) -> Path:
    """Return the file that a head was written to, in `folder`."""
    stream = io.BytesIO()
    np.savez(stream, **{field.name: getattr(head, field.name) for field in dataclasses.fields(head)})
    write_bytes(folder / HEAD_FILE, stream.getvalue())
    return folder / HEAD_FILE


def read_head(path: Path) -> Head:
    """Return the head that `write_head` wrote.

    Raises:
        CheckpointError: the file is missing or holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if set(arrays) == {"weight", "bias"}:
            return LinearHead(**arrays)
        return TreeHead(width=int(arrays.pop("width")), **arrays)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} does not hold a head: {error}. Train the run again.") from error
