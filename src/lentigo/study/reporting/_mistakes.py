"""The most confident mistakes, to be looked at: missed malignant images, then false alarms, then wrong diagnoses."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._pictures import Thumbnails
from lentigo.study.reporting._words import apart_from

SHOWN: Final = 12
SIDE: Final = 232


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


def galleries(facts: RunFacts, *, with_pictures: bool = True) -> list[Gallery]:
    """Return the galleries of test images, the surest mistake first in each.

    Args:
        facts: of the report.
        with_pictures: whether to decode the images; without, only ids and numbers are given.
    """
    flagged, probability = facts.is_flagged, facts.probability
    missed = _worst(facts.is_malignant & ~flagged, probability)
    alarms = _worst(~facts.is_malignant & flagged, -probability)
    inputs = facts.inputs
    album = Thumbnails.of(inputs.manifest, side=SIDE, limits=inputs.config.image, with_pictures=with_pictures)
    pages = _Pages(facts, album)
    found = [
        Gallery(
            "missed",
            "Malignant, not flagged",
            "False negatives, the lowest malignant probability first. These are the costly mistakes.",
            "malignant",
            missed.size,
            pages.of(missed[:SHOWN], probability),
        ),
        Gallery(
            "alarms",
            "Benign, flagged",
            "False positives, the highest malignant probability first.",
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
                "The most probable diagnosis is wrong; most confident first, without the images shown above.",
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
    facts: RunFacts
    album: Thumbnails

    def of(self, rows: npt.NDArray[np.int64], value: npt.NDArray[np.float64]) -> tuple[Mistake, ...]:
        test, classes = self.facts.test, self.facts.classes
        mistakes = []
        for row in rows.tolist():
            picture = self.album.picture(str(test.image[row]))
            mistakes.append(
                Mistake(
                    image=picture.image,
                    truth=classes[int(test.target[row])],
                    said=classes[int(test.probabilities[row].argmax())],
                    probability=apart_from(float(value[row]), self.facts.threshold),
                    jpeg=picture.jpeg,
                    problem=picture.problem,
                )
            )
        return tuple(mistakes)
