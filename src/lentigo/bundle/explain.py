"""Why an answer: where the network looks, whether that can be believed, the differential, and similar cases.

The map is of the class that the decision rests on: where it is "refer", the most probable malignant one, for a benign
diagnosis is often more probable than each of those that call for the referral together; else the most probable of all.

Where the bundle has class-activation maps, the map is the one of that class less the mean over all classes: what all
classes share cancels in the softmax and explains nothing. Where it has none, parts of the photograph are covered one
after the other, and the map is how much the class loses by it: slower, and faithful for any network.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.bundle.answer import REFER, Answer
from lentigo.bundle.runtime import Bundle, Seen
from lentigo.bundle.sanity import Sanity, judge_map
from lentigo.bundle.session import Outputs

__all__ = ["Explanation", "explain", "map_of"]

ACTIVATION: Final = "class-activation map"
OCCLUSION: Final = "occlusion"
GRID: Final = 8  # covered parts a side; each is as wide as two, so that a lesion's rim lies whole in some of them
N_SIMILAR: Final = 5

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why a bundle answers as it does.

    Args:
        answer: what is explained.
        target: the class that the map speaks for: the most probable malignant one of a referral, else of all.
        method: how the map was made.
        map: for the class where positive, against it where negative, in logits; shape (S, S), over the fitted pixels.
        sanity: whether the map can be believed.
        similar: nearest reference cases, each with image_id, diagnosis and similarity; empty where there are none.
        pixels: what the network saw, shape (S, S, 3).
        size: width and height of the upright photograph as it was decoded.
    """

    answer: Answer
    target: str
    method: str
    map: Floats
    sanity: Sanity
    similar: tuple[dict[str, Any], ...]
    pixels: NDArray[np.uint8]
    size: tuple[int, int] = (0, 0)

    def json(self) -> dict[str, Any]:
        """Return the explanation as JSON types, without pixels and map."""
        return {
            **self.answer.json(),
            "explained_class": self.target,
            "method": self.method,
            "sanity": self.sanity.json(),
            "map_words": self.sanity.sentence(),
            "similar_cases": list(self.similar),
        }


def explain(bundle: Bundle, seen: Seen, name: str, *, prevalence: float | None = None) -> Explanation:
    """Return the explanation of one photograph.

    Args:
        bundle: what is asked.
        seen: the photograph, from `Bundle.look`.
        name: of the photograph.
        prevalence: as for `Bundle.predict`; it changes the probabilities shown, not the map.

    Example:
        >>> bundle = Bundle.load(bundle_folder)
        >>> explain(bundle, bundle.look(photo), "photo").map.shape
        (32, 32)
    """
    outputs = bundle.network.run(seen.pixels[np.newaxis])
    (answer,) = bundle.answers_from(outputs, [seen.look], [name], prevalence=prevalence)
    target = _target(bundle, bundle.record.calibration.apply(outputs.logits)[0], answer.decision)
    found, method = map_of(bundle, seen.pixels, outputs, target)
    sanity = judge_map(found, seen.pixels, lambda batch: _chances(bundle, batch, target))
    similar = () if bundle.references is None else tuple(bundle.references.similar(outputs.embedding[0], N_SIMILAR))
    return Explanation(answer, bundle.classes[target], method, found, sanity, similar, seen.pixels, seen.size)


def _target(bundle: Bundle, chances: NDArray[np.float64], decision: str) -> int:
    is_asked = bundle.is_malignant if decision == REFER else np.ones(len(chances), bool)
    return int(np.where(is_asked, chances, -1.0).argmax())


def map_of(bundle: Bundle, pixels: NDArray[np.uint8], outputs: Outputs, target: int) -> tuple[Floats, str]:
    """Return the map (S, S) of one class over fitted pixels, and the method it was made by."""
    if outputs.maps is not None:
        maps = outputs.maps[0]
        return _enlarged(maps[target] - maps.mean(axis=0), len(pixels)), ACTIVATION
    return _occluded(bundle, pixels, target), OCCLUSION


def _occluded(bundle: Bundle, pixels: NDArray[np.uint8], target: int) -> Floats:
    """Return what the class's logit, less the mean of all, loses when a part is covered with the mean colour."""
    side = len(pixels)
    step = side / GRID
    cover = pixels.reshape(-1, 3).mean(axis=0).astype(np.uint8)
    ends = [(max(0, round((k - 0.5) * step)), round((k + 1.5) * step)) for k in range(GRID)]
    boxes = [(*rows, *columns) for rows in ends for columns in ends]
    covered = np.repeat(pixels[np.newaxis], len(boxes), axis=0)
    for picture, (top, bottom, left, right) in zip(covered, boxes, strict=True):
        picture[top:bottom, left:right] = cover
    size = bundle.batch_size
    logits = np.concatenate([bundle.network.run(covered[i : i + size]).logits for i in range(0, len(covered), size)])
    whole = bundle.network.run(pixels[np.newaxis]).logits
    contrast = logits[:, target] - logits.mean(axis=1)
    lost = (whole[0, target] - whole[0].mean()) - contrast
    return _enlarged(lost.reshape(GRID, GRID), side)


def _chances(bundle: Bundle, batch: NDArray[np.uint8], target: int) -> NDArray[np.float64]:
    size = bundle.batch_size
    logits = [bundle.network.run(batch[i : i + size]).logits for i in range(0, len(batch), size)]
    chances: NDArray[np.float64] = bundle.record.calibration.apply(np.concatenate(logits))[:, target]
    return chances


def _enlarged(cells: NDArray[np.floating[Any]], side: int) -> Floats:
    image = Image.fromarray(np.ascontiguousarray(cells, dtype=np.float32))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR), dtype=np.float32)
