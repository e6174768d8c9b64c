"""Why an answer: where the network looks, whether that can be believed, the differential, and similar cases.

The map is of the class that the decision rests on: where it is "refer", the most probable malignant one, for a benign
diagnosis is often more probable than each of those that call for the referral together; else the most probable of all.

Where the bundle has class-activation maps, the map is the one of that class less the mean over all classes: what all
classes share cancels in the softmax and explains nothing. Where it has none, parts of the photograph are covered one
after the other, and the map is how much the class loses by it: slower, and faithful for any network.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.model._answer import REFER, Answer
from lentigo.model._assessment import answers_of
from lentigo.model._decoding import DecodedImage
from lentigo.model._image_columns import one_per_image
from lentigo.model._outputs import Outputs
from lentigo.model._runtime import Model
from lentigo.model._sanity import Sanity, sanity_of
from lentigo.model.decision import Columns

ACTIVATION: Final = "class-activation map"
OCCLUSION: Final = "occlusion"
GRID: Final = 8  # covered parts a side; each is as wide as two, so that a lesion's rim lies whole in some of them
N_SIMILAR: Final = 5

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """The explanation of a bundle's prediction.

    Args:
        answer: what is explained.
        target: the class that the map speaks for: the most probable malignant one of a referral, else of all.
        method: how the map was made.
        map: for the class where positive, against it where negative, in logits; shape (S, S), over the fitted pixels.
        sanity: whether the map can be believed.
        similar: nearest reference cases, each with image_id, diagnosis and similarity; empty where there are none.
        pixels: what the network saw, shape (S, S, 3).
        size: width and height of the upright photograph as it was decoded.
        embedding: what the network saw, shape (D,).
    """

    answer: Answer
    target: str
    method: str
    map: Floats
    sanity: Sanity
    similar: tuple[dict[str, Any], ...]
    pixels: NDArray[np.uint8]
    size: tuple[int, int] = (0, 0)
    embedding: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

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


def explain(
    model: Model, seen: DecodedImage, name: str, *, prevalence: float | None = None, columns: Columns | None = None
) -> Explanation:
    """Return the explanation of one photograph.

    Args:
        model: what is asked.
        seen: the photograph, from `Model.look`.
        name: of the photograph.
        prevalence: as for `Model.predict`; it changes the probabilities shown, not the map.
        columns: as for `Model.answers`; they change the answer, and the map is of the image alone.

    Example:
        >>> from lentigo import open_model
        >>> model = open_model(bundle_folder)
        >>> explain(model, model.look(photo), "photo").map.shape
        (32, 32)
    """
    outputs = model.outputs(seen.pixels[np.newaxis])
    known = one_per_image(columns, 1, model.decision, model.name)
    decided = model.decision.decide(outputs, prevalence, known)
    (answer,) = answers_of(model, decided, outputs, [seen.statistics], [name])
    target = _target(model, decided.calibrated[0], answer.decision)
    found, method = map_of(model, seen.pixels, outputs, target)
    sanity = sanity_of(found, seen.pixels, lambda batch: _chances(model, batch, target))
    similar = () if model.references is None else tuple(model.references.similar(outputs.embedding[0], N_SIMILAR))
    shown = answer, model.classes[target], method, found, sanity, similar, seen.pixels, seen.size
    return Explanation(*shown, outputs.embedding[0].copy())


def _target(model: Model, chances: NDArray[np.float64], decision: str) -> int:
    is_asked = model.decision.is_malignant if decision == REFER else np.ones(len(chances), bool)
    return int(np.where(is_asked, chances, -1.0).argmax())


def map_of(model: Model, pixels: NDArray[np.uint8], outputs: Outputs, target: int) -> tuple[Floats, str]:
    """Return the map (S, S) of one class over fitted pixels, and the method it was made by."""
    if outputs.maps is not None:
        maps = outputs.maps[0]
        return _enlarged(maps[target] - maps.mean(axis=0), len(pixels)), ACTIVATION
    return _occluded(model, pixels, target), OCCLUSION


def _occluded(model: Model, pixels: NDArray[np.uint8], target: int) -> Floats:
    """Return what the class's logit, less the mean of all, loses when a part is covered with the mean colour."""
    side = len(pixels)
    step = side / GRID
    cover = pixels.reshape(-1, 3).mean(axis=0).astype(np.uint8)
    ends = [(max(0, round((k - 0.5) * step)), round((k + 1.5) * step)) for k in range(GRID)]
    boxes = [(*rows, *columns) for rows in ends for columns in ends]
    covered = np.repeat(pixels[np.newaxis], len(boxes), axis=0)
    for picture, (top, bottom, left, right) in zip(covered, boxes, strict=True):
        picture[top:bottom, left:right] = cover
    logits = model.outputs(covered).logits
    whole = model.outputs(pixels[np.newaxis]).logits
    contrast = logits[:, target] - logits.mean(axis=1)
    lost = (whole[0, target] - whole[0].mean()) - contrast
    return _enlarged(lost.reshape(GRID, GRID), side)


def _chances(model: Model, batch: NDArray[np.uint8], target: int) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = model.decision.probability_map.of_logits(model.outputs(batch).logits)[:, target]
    return chances


def _enlarged(cells: NDArray[np.floating[Any]], side: int) -> Floats:
    image = Image.fromarray(np.ascontiguousarray(cells, dtype=np.float32))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR), dtype=np.float32)
