"""Whether a map can be believed: does the answer change where the map says so, and is that the lesion at all?

Deletion takes the most important cells away first, insertion puts them back first (Petsiuk et al. 2018). A map that
says nothing does both as well as chance; the difference of the two areas is the score. A good score on the picture's
border is not a good sign: then the network believes the frame.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lentigo.model._image_statistics import lesion_cells
from lentigo.wording import percent_text, score_text

CELLS: Final = 16  # a side
STEPS: Final = 8  # of insertion and of deletion: 32 of the 256 cells at a time, 18 pictures per map
BORDER: Final = 2  # cells: an eighth of the side
# Insertion less deletion below which a map says hardly more than one drawn at random.
SAYS_LITTLE: Final = 0.05
# Of 59 photographs of HAM10000 the share on the lesion was below 0.22 in one of twenty: small lesions, small shares.
BESIDE: Final = 0.15
# The outermost eighth is 44 % of the area; a map that is there more than its share believes the frame.
MOSTLY_BORDER: Final = 0.5

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Sanity:
    """How a map fares.

    Args:
        insertion: mean probability of the class while the most important cells are put into a blurred picture.
        deletion: the same while they are blurred, the most important first.
        in_lesion: share of the map's positive part inside what stands out from the skin; NaN where nothing does.
        on_border: share of it on the outermost eighth of the picture.

    Example:
        >>> Sanity(0.8, 0.3, 0.7, 0.1).score
        0.5
        >>> Sanity(0.8, 0.3, 0.1, 0.2).sentence()
        'Do not rely on this map: only 10% of it lies on the lesion.'
    """

    insertion: float
    deletion: float
    in_lesion: float
    on_border: float

    @property
    def score(self) -> float:
        """Insertion less deletion: 0 for a map that says nothing, below 0 for one that misleads."""
        return round(self.insertion - self.deletion, 6)

    @property
    def shown(self) -> str:
        """The score as text: "+0.31"."""
        return score_text(self.score)

    @property
    def is_doubtful(self) -> bool:
        """Whether nobody should rely on the map."""
        return bool(self._doubt())

    def sentence(self) -> str:
        """Return what the map is worth: why not to rely on it, or what it does show."""
        doubt = self._doubt()
        if doubt:
            return f"Do not rely on this map: {doubt}."
        where = "" if math.isnan(self.in_lesion) else f", and {percent_text(self.in_lesion)} of it lies on the lesion"
        return (
            f"The answer does depend on what the map marks (score {self.shown}){where}. "
            "It shows where the model looked, not whether it was right."
        )

    def _doubt(self) -> str:
        if not self.score >= SAYS_LITTLE:  # so that an undefined score is one, too
            more = "hardly more" if self.score > 0 else "no more"
            return f"covering what it marks changes the answer {more} than covering anything else (score {self.shown})"
        if self.on_border > MOSTLY_BORDER:
            return f"{percent_text(self.on_border)} of it lies on the edge of the picture, not on the lesion"
        if self.in_lesion < BESIDE:
            return f"only {percent_text(self.in_lesion)} of it lies on the lesion"
        return ""

    def json(self) -> dict[str, float | bool]:
        """Return the figures, and whether the map is doubtful, as JSON types."""
        figures = {name: getattr(self, name) for name in self.__slots__}
        return {"score": self.score, **figures, "is_doubtful": self.is_doubtful}


def sanity_of(found: Floats, pixels: Pixels, chances: Callable[[Pixels], NDArray[np.float64]]) -> Sanity:
    """Return how a map fares on its picture.

    Args:
        found: the map, shape (S, S).
        pixels: the picture, shape (S, S, 3).
        chances: the probability of the explained class for pictures (N, S, S, 3).

    Example:
        >>> picture = np.full((32, 32, 3), 200, np.uint8)
        >>> picture[12:20, 12:20] = 60
        >>> dark = lambda batch: (batch.min(axis=(1, 2, 3)) < 100).astype(float)
        >>> sanity_of((picture[..., 0] < 100).astype(float), picture, dark).score > 0.5
        True
    """
    cells = _pooled(found)
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(len(pixels) / 8)))
    order = np.argsort(-cells.ravel(), kind="stable")
    ranks = np.empty(CELLS * CELLS, dtype=np.int64)
    ranks[order] = np.arange(CELLS * CELLS)
    index = (np.arange(len(pixels)) * CELLS) // len(pixels)
    rank_of_pixel = ranks.reshape(CELLS, CELLS)[np.ix_(index, index)][..., np.newaxis]
    counts = np.linspace(0, CELLS * CELLS, STEPS + 1)[:, np.newaxis, np.newaxis, np.newaxis]
    is_first = rank_of_pixel[np.newaxis] < counts
    inserted, deleted = np.where(is_first, pixels, blurred), np.where(is_first, blurred, pixels)
    curves = chances(np.concatenate([inserted, deleted])).reshape(2, STEPS + 1)
    areas = (curves[:, 1:] + curves[:, :-1]).mean(axis=1) / 2
    lesion = lesion_cells(pixels)
    positive = np.maximum(cells, 0)
    total = float(positive.sum())
    if total <= 0:
        return Sanity(float(areas[0]), float(areas[1]), float("nan"), float("nan"))
    inner = positive[BORDER:-BORDER, BORDER:-BORDER].sum()
    in_lesion = float(positive[lesion].sum() / total) if lesion.any() else float("nan")
    return Sanity(float(areas[0]), float(areas[1]), in_lesion, float(1 - inner / total))


def _pooled(found: Floats) -> NDArray[np.float32]:
    image = Image.fromarray(np.ascontiguousarray(found, dtype=np.float32))
    return np.asarray(image.resize((CELLS, CELLS), Image.Resampling.BOX), dtype=np.float32)
