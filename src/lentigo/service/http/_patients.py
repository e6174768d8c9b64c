"""The odd one among a patient's lesions ("ugly duckling"), by the distances of what the network saw.

Rule: a lesion's distance is the median cosine distance of its embedding from those of the others; the farthest one is
the odd one out when its distance is more than twice the median of the others' distances. Among 4 to 12 benign nevi of
HAM10000 (of different people) that marks one in 3 % of sets. It is not a finding: a melanoma among nevi was marked in
1 %
of sets there, hardly more often than any other lesion (docs/experiments.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model import unit_rows

FACTOR: Final = 2.0  # with it a lesion stands out in 3 % of sets of 4 to 12 nevi of HAM10000 (docs/serving.md)
FEWEST: Final = 3  # with two, either is as odd as the other


@dataclass(frozen=True, slots=True)
class PatientDistance:
    """How far a lesion is from the patient's others.

    Args:
        distance: median cosine distance from the others, 0..2.
        rank: 1 for the farthest.
    """

    distance: float
    rank: int


def compare_lesions(
    embeddings: Sequence[NDArray[np.float32] | None],
) -> tuple[list[PatientDistance | None], int | None]:
    """Return the distance of each lesion, None where it cannot be told, and the index of the odd one out, or None.

    Args:
        embeddings: of each photograph, shape (D,); None for one that cannot be decoded.

    Example:
        >>> likes = [np.array([1, 0.1 * k], np.float32) for k in range(4)]
        >>> compare_lesions([*likes, np.array([-1, 1], np.float32), None])[1]
        4
    """
    known = [place for place, embedding in enumerate(embeddings) if embedding is not None]
    found: list[PatientDistance | None] = [None] * len(embeddings)
    if len(known) < FEWEST:
        return found, None
    rows = unit_rows(np.stack([embedding for embedding in embeddings if embedding is not None]))
    apart = np.clip(1 - rows @ rows.T, 0, 2)
    n = len(known)
    distances = np.median(apart[~np.eye(n, dtype=bool)].reshape(n, n - 1), axis=1)
    order = np.argsort(-distances, kind="stable")
    for rank, row in enumerate(order.tolist(), start=1):
        found[known[row]] = PatientDistance(float(distances[row]), rank)
    farthest = int(order[0])
    is_odd = distances[farthest] > FACTOR * float(np.median(distances[order[1:]]))
    return found, known[farthest] if is_odd else None
