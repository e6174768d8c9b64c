"""The record of predictions: what a model said about each image, and what is true of it where that is known."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from lentigo.errors import PredictionsError, name_offenders, suggest
from lentigo.numbers.predictions._checks import (
    check_classes,
    check_images,
    check_probabilities,
    check_shapes,
    check_targets,
)
from lentigo.numbers.predictions._reading import read_parts
from lentigo.storage import new_file, row_writer
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """The prediction of a model for each image, and the true class if it is known.

    The arrays are copied and made read-only.

    Args:
        image: (N,) image ids, each once.
        target: (N,) int64 index into `classes`; -1 where the diagnosis is unknown.
        probabilities: (N, K) float64 in [0, 1]; each row sums to one within 1e-6.
        classes: the K class names, in the order of the columns.

    Raises:
        PredictionsError: an array breaks this contract; the text names the images.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6]])
        >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
        >>> said.malignant(["MEL"])
        array([0.1, 0.6])
    """

    image: npt.NDArray[np.str_]
    target: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "image", _frozen(self.image, np.dtype(np.str_)))
        object.__setattr__(self, "target", _frozen(self.target, np.dtype(np.int64)))
        object.__setattr__(self, "probabilities", _frozen(self.probabilities, np.dtype(np.float64)))
        object.__setattr__(self, "classes", tuple(self.classes))
        check_classes(self.classes)
        check_shapes(self.image, self.target, self.probabilities, self.classes)
        check_images(self.image)
        check_targets(self.image, self.target, self.classes)
        check_probabilities(self.image, self.target, self.probabilities)

    def __len__(self) -> int:
        return len(self.image)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        r"""Return the predictions in a CSV file.

        The columns are `image` (or `image_id`, `image_name`, `isic_id`), `target` (a class name, or empty where
        unknown; the whole column may be absent, as in an ISIC submission) and one column per class, or one probability
        column (`malignant`, `prob`, `y_score`). A trailing `.jpg`, `.jpeg` or `.png` is taken off an image id. What is
        assumed about a file is logged.

        Raises:
            PredictionsError: the file is missing, is no such table, or its values break the contract of the record.

        Example:
            >>> _ = (folder / "preds.csv").write_text("image,target,NV,MEL\nISIC_1.jpg,NV,0.75,0.25\n")
            >>> Predictions.read(folder / "preds.csv").image.tolist()
            ['ISIC_1']
        """
        found, said = cls.read_with_notes(path)
        for sentence in said:
            logger.warning("%s: %s", path, sentence)
        return found

    @classmethod
    def read_with_notes(cls, path: str | Path, taxonomy: Taxonomy | None = None) -> tuple[Self, tuple[str, ...]]:
        r"""Return the predictions in a CSV file, and a sentence for each thing that was assumed about it.

        Args:
            path: the file.
            taxonomy: spellings and sides of targets that are not a class of the file.

        Raises:
            PredictionsError: see `read`.

        Example:
            >>> _ = (folder / "preds.csv").write_text("image,malignant\nISIC_1,0.25\n")
            >>> Predictions.read_with_notes(folder / "preds.csv")[1]
            ("column 'malignant' is taken as the probability of malignant",)
        """
        parts, said = read_parts(Path(path), taxonomy)
        return cls(*parts), said

    def write(self, path: str | Path) -> None:
        r"""Write the CSV file: image, target and one column per class; all of it or nothing.

        Example:
            >>> said = Predictions(np.array(["a"]), np.array([-1]), np.array([[0.1, 0.9]]), ("NV", "MEL"))
            >>> said.write(folder / "preds.csv")
            >>> (folder / "preds.csv").read_text()
            'image,target,NV,MEL\na,,0.1,0.9\n'
        """
        names = ("", *self.classes)
        with new_file(Path(path)) as partial, partial.open("w", newline="", encoding="utf-8") as stream:
            write = row_writer(stream)
            write(["image", "target", *self.classes])
            for image, target, row in zip(
                self.image.tolist(), self.target.tolist(), self.probabilities.tolist(), strict=True
            ):
                write([image, names[target + 1], *map(repr, row)])

    def malignant(self, malignant_classes: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the (N,) probability that an image is malignant: the sum over the malignant classes.

        Raises:
            PredictionsError: a name is not one of the classes.

        Example:
            >>> said = Predictions(np.array(["a"]), np.array([0]), np.array([[0.5, 0.25, 0.25]]), ("NV", "MEL", "BCC"))
            >>> said.malignant(["MEL", "BCC"])
            array([0.5])
        """
        # three float64 that sum to one may do so as 1 + 2e-16: a probability stays one
        summed: npt.NDArray[np.float64] = self.probabilities[:, self._columns(malignant_classes)].sum(axis=1)
        return np.minimum(summed, 1.0)

    def is_malignant(self, malignant_classes: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return (N,) whether an image's target is one of the malignant classes.

        Raises:
            PredictionsError: a name is not one of the classes, or an image has no target.

        Example:
            >>> said = Predictions(np.array(["a"]), np.array([1]), np.array([[0.5, 0.5]]), ("NV", "MEL"))
            >>> said.is_malignant(["MEL"])
            array([ True])
        """
        unknown = self.image[self.target < 0]
        if unknown.size:
            raise PredictionsError(
                f"{counted(unknown.size, 'image has', 'images have')} no target: {name_offenders(unknown)}. "
                "Exclude them with Predictions.labelled()."
            )
        return np.isin(self.target, self._columns(malignant_classes))

    def labelled(self) -> Self:
        """Return the images whose target is known.

        Example:
            >>> said = Predictions(np.array(["a", "b"]), np.array([1, -1]), np.full((2, 2), 0.5), ("NV", "MEL"))
            >>> said.labelled().image.tolist()
            ['a']
        """
        return self.select(self.target >= 0)

    def select(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Self:
        """Return some of the images: a (N,) mask, or row numbers in the order wanted.

        Example:
            >>> said = Predictions(np.array(["a", "b"]), np.array([1, 0]), np.full((2, 2), 0.5), ("NV", "MEL"))
            >>> said.select(np.array([1, 0])).image.tolist()
            ['b', 'a']
        """
        return type(self)(self.image[rows], self.target[rows], self.probabilities[rows], self.classes)

    def _columns(self, names: Sequence[str]) -> list[int]:
        unknown = [name for name in names if name not in self.classes]
        if unknown:
            raise PredictionsError(
                f"{name_offenders(unknown)}: no such class.{suggest(unknown[0], self.classes)} "
                f"The classes are: {', '.join(self.classes)}."
            )
        return [self.classes.index(name) for name in dict.fromkeys(names)]


def _frozen(values: npt.ArrayLike, dtype: np.dtype) -> npt.NDArray:  # type: ignore[type-arg]
    array = np.array(values, dtype=dtype, order="C")
    array.setflags(write=False)
    return array
