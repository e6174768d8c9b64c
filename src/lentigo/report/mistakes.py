"""The most confident mistakes, to be looked at: missed malignant images, then false alarms, then wrong diagnoses."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image
from lentigo.report.inputs import Facts
from lentigo.report.words import probability_text

__all__ = ["Gallery", "Mistake", "galleries", "thumbnail"]

SHOWN: Final = 12
SIDE: Final = 232
QUALITY: Final = 82


@dataclass(frozen=True, slots=True)
class Mistake:
    """One image that was answered wrongly.

    Args:
        image: its id.
        truth: its class.
        said: the most probable class.
        probability: what the gallery is sorted by, as text.
        jpeg: the picture as a data URI, or None.
        problem: why there is no picture, or empty.

    Example:
        >>> Mistake("ISIC_1", "MEL", "NV", "3%", None, "not found").problem
        'not found'
    """

    image: str
    truth: str
    said: str
    probability: str
    jpeg: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """The worst mistakes of one kind.

    Example:
        >>> Gallery("missed", "Missed", "", "", 3, ()).n_images
        3
    """

    kind: str
    title: str
    explanation: str
    label: str
    n_images: int
    mistakes: tuple[Mistake, ...]


def galleries(facts: Facts, *, with_pictures: bool = True) -> list[Gallery]:
    """Return the galleries of test images, the surest mistake first in each.

    Args:
        facts: of the report.
        with_pictures: whether to decode the images; without, only ids and numbers are given.
    """
    flagged, probability = facts.is_flagged, facts.probability
    missed = _worst(facts.is_malignant & ~flagged, probability)
    alarms = _worst(~facts.is_malignant & flagged, -probability)
    pages = _Pages(facts, with_pictures)
    found = [
        Gallery(
            "missed",
            "Malignant, not flagged",
            "False negatives, the least suspicious first. These are the costly ones.",
            "malignant",
            missed.size,
            pages.of(missed[:SHOWN], probability),
        ),
        Gallery(
            "alarms",
            "Benign, flagged",
            "False positives, the most suspicious first.",
            "malignant",
            alarms.size,
            pages.of(alarms[:SHOWN], probability),
        ),
    ]
    if facts.has_diagnoses:
        said = facts.test.probabilities.argmax(axis=1)
        surest = facts.test.probabilities.max(axis=1)
        wrong = _worst(said != facts.test.target, -surest)
        seen = set(missed[:SHOWN].tolist()) | set(alarms[:SHOWN].tolist())
        rest = np.array([row for row in wrong.tolist() if row not in seen], dtype=np.int64)
        found.append(
            Gallery(
                "diagnoses",
                "Another diagnosis",
                "The most probable diagnosis is wrong, the surest first; images shown above are left out.",
                "said",
                wrong.size,
                pages.of(rest[:SHOWN], surest),
            )
        )
    return found


def _worst(mask: npt.NDArray[np.bool_], order: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    rows = np.flatnonzero(mask)
    return rows[np.argsort(order[rows], kind="stable")]


@dataclass(frozen=True, slots=True)
class _Pages:
    facts: Facts
    with_pictures: bool

    def of(self, rows: npt.NDArray[np.int64], value: npt.NDArray[np.float64]) -> tuple[Mistake, ...]:
        test, classes = self.facts.test, self.facts.classes
        table = self.facts.inputs.manifest.table
        path_of = dict(zip(table["image_id"], table["path"], strict=True))
        mistakes = []
        for row in rows.tolist():
            image = str(test.image[row])
            jpeg, problem = None, ""
            if self.with_pictures:
                jpeg, problem = _picture(path_of.get(image), self.facts.inputs.config.image)
            mistakes.append(
                Mistake(
                    image=image,
                    truth=classes[int(test.target[row])],
                    said=classes[int(test.probabilities[row].argmax())],
                    probability=probability_text(float(value[row])),
                    jpeg=jpeg,
                    problem=problem,
                )
            )
        return tuple(mistakes)


def _picture(path: str | None, limits: ImageConfig) -> tuple[str | None, str]:
    if path is None:
        return None, "no file in the manifest"
    try:
        return thumbnail(Path(path), limits=limits), ""
    except ImageError:
        return None, "the file cannot be read any more"


def thumbnail(path: Path, *, limits: ImageConfig | None = None) -> str:
    """Return the image as a small JPEG in a data URI, upright, with no EXIF, comment or profile.

    Raises:
        ImageError: the image cannot, or must not, be decoded.

    Example:
        >>> thumbnail(photo)[:23]
        'data:image/jpeg;base64,'
    """
    image = open_image(path, limits=limits, draft_side=2 * SIDE)
    image.thumbnail((SIDE, SIDE))
    image.info = {}  # comments and EXIF would be written along
    stream = io.BytesIO()
    image.save(stream, format="JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
