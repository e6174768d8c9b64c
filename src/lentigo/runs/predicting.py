"""`lentigo predict`: images in, one row an image out; a bad file gets an error row and stops nothing."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from lentigo.calibration import Calibration, OperatingPoint, check_prevalence, shift_probability, shift_rows
from lentigo.errors import DataError, ImageError
from lentigo.images import stream_pixels
from lentigo.predictions import ANSWER_COLUMNS
from lentigo.progress import Track, silent
from lentigo.runs.layout import Run
from lentigo.sources import find_images
from lentigo.storage import new_file

if TYPE_CHECKING:  # torch is loaded when a run is asked, not before
    from lentigo.modeling.classifier import Classifier

__all__ = ["Answer", "Predicted", "Predictor", "predict"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says about one image.

    Args:
        image: the id, or the path as it was given.
        probabilities: calibrated, one a class, summing to one; empty when the image cannot be read.
        malignant: their sum over the malignant classes, in 0..1; NaN when the image cannot be read.
        decision: `refer` at or above the threshold, `benign-looking` below it, `cannot assess` without an answer.
        error: why there is no answer; empty when there is one.
    """

    image: str
    probabilities: dict[str, float]
    malignant: float
    decision: str
    error: str = ""

    def sentence(self) -> str:
        """Return the answer as one line for a person."""
        if self.error:
            return f"{self.image}: cannot assess: {self.error}"
        ranked = sorted(self.probabilities.items(), key=lambda item: -item[1])
        differential = ", ".join(f"{name} {chance:.0%}" for name, chance in ranked[:3])
        return f"{self.image}: {self.decision}, malignant {self.malignant:.1%} ({differential})"

    def json(self) -> dict[str, Any]:
        """Return the answer as plain values."""
        return {
            "image": self.image,
            "probabilities": self.probabilities,
            "malignant_probability": self.malignant,
            "decision": self.decision,
            "error": self.error or None,
        }


@dataclass(frozen=True, slots=True)
class Predicted:
    """What came of a call of `predict`.

    Args:
        n_images: how many images were asked about.
        n_errors: how many of them could not be read.
        answers: one an image; empty when they were written to a file.
    """

    n_images: int
    n_errors: int
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Predictor:
    """A trained run, ready to be asked.

    Args:
        classifier: the network.
        calibration: temperature and operating points, chosen on validation.
        batch_size: how many images go through the network at once.
        prevalence: share of malignant lesions where it is used; probabilities and threshold are shifted to it together,
            so that every decision stays; None for that of the validation images.

    Example:
        >>> predictor = Predictor.load(run)
        >>> [answer.decision in ("refer", "benign-looking") for answer in predictor.answers([photo])]
        [True]
    """

    classifier: "Classifier"
    calibration: Calibration
    batch_size: int = 64
    prevalence: float | None = None

    @classmethod
    def load(cls, folder: str | Path, *, prevalence: float | None = None) -> "Predictor":
        """Return the predictor of a run folder.

        Raises:
            CheckpointError: the folder is no finished run.
            MetricError: the prevalence is no share between 0 and 1.
        """
        if prevalence is not None:
            check_prevalence(prevalence)
        from lentigo.modeling.classifier import Classifier

        run = Run.open(Path(folder))
        config = run.config()
        classifier = Classifier.load(run.best_checkpoint(), views=config.predict.views)
        return cls(classifier, Calibration.read(run.calibration_path), config.predict.batch_size, prevalence)

    @property
    def operating_point(self) -> OperatingPoint:
        """The one that decides: the first."""
        return self.calibration.operating_points[0]

    @property
    def threshold(self) -> float:
        """The malignant probability from which an image is referred, at the predictor's prevalence."""
        if self.prevalence is None:
            return self.operating_point.threshold
        own = np.array([self.operating_point.threshold])
        return float(shift_probability(own, source=self.calibration.prevalence, target=self.prevalence)[0])

    def answers(
        self, paths: Sequence[Path], *, names: Sequence[str] | None = None, track: Track = silent
    ) -> Iterator[Answer]:
        """Yield one answer an image, in order, in memory that does not grow with their number."""
        labels = iter(names if names is not None else [str(path) for path in paths])
        batches = stream_pixels(paths, self.classifier.preprocess, batch_size=self.batch_size)
        for outcomes in track(batches, "Predicting", len(paths), unit=self.batch_size):
            readable = [outcome for outcome in outcomes if not isinstance(outcome, ImageError)]
            rows = iter(self._probabilities(np.stack(readable)) if readable else ())
            for outcome in outcomes:
                name = next(labels)
                if isinstance(outcome, ImageError):
                    yield Answer(name, {}, float("nan"), "cannot assess", str(outcome))
                else:
                    yield self._answer(name, next(rows))

    def _probabilities(self, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return self.calibration.probability_map.apply(self.classifier.probabilities(pixels))

    def _answer(self, name: str, row: np.ndarray[Any, np.dtype[np.float64]]) -> Answer:
        is_malignant = np.isin(self.classifier.classes, self.calibration.malignant_classes)
        malignant = float(row[is_malignant].sum())
        # decided before the shift: rounding there must not move an image over the threshold
        decision = "refer" if malignant >= self.operating_point.threshold else "benign-looking"
        if self.prevalence is not None:
            source = self.calibration.prevalence
            row = shift_rows(row[np.newaxis], is_malignant, source=source, target=self.prevalence)[0]
            # as the threshold is shifted, so that rounding treats both alike
            malignant = float(shift_probability(np.array([malignant]), source=source, target=self.prevalence)[0])
        return Answer(name, dict(zip(self.classifier.classes, row.tolist(), strict=True)), malignant, decision)


def predict(
    model: str | Path,
    inputs: Sequence[str | Path],
    *,
    out: str | Path | None = None,
    prevalence: float | None = None,
    track: Track = silent,
) -> Predicted:
    """Return what a trained run says about images, or write it to a CSV.

    The columns of the CSV are `image`, `target` (empty), one probability a class, `malignant_probability`,
    `threshold`, `decision` and `error`. With the true classes filled in as `target`, `lentigo evaluate` judges it.

    Args:
        model: a run folder.
        inputs: image files, folders (searched to the bottom), or tables with a `path` or `image_id` column.
        out: the CSV to write; its folder is made. With it no answer is kept in memory.
        prevalence: share of malignant lesions where the images come from, for the probabilities; decisions do not
            change.
        track: draws progress.

    Raises:
        DataError: there is no image among the inputs.

    Example:
        >>> result = predict(run, [photo])
        >>> result.answers[0].decision in ("refer", "benign-looking")
        True
    """
    names, paths = find_images(inputs)
    if not paths:
        raise DataError("no image to predict. Name image files, a folder of them, or a table with a path column.")
    predictor = Predictor.load(model, prevalence=prevalence)
    answers = predictor.answers(paths, names=names, track=track)
    if out is None:
        kept = tuple(answers)
        return Predicted(len(kept), sum(bool(answer.error) for answer in kept), kept)
    with new_file(Path(out)) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        return _write(answers, stream, predictor)


def _write(answers: Iterator[Answer], stream: TextIO, predictor: Predictor) -> Predicted:
    n_images = n_errors = 0
    classes = predictor.classifier.classes
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["image", "target", *classes, *ANSWER_COLUMNS])
    threshold = repr(predictor.threshold)
    for answer in answers:
        numbers = [repr(answer.probabilities[name]) if answer.probabilities else "" for name in classes]
        malignant = repr(answer.malignant) if answer.probabilities else ""
        writer.writerow([answer.image, "", *numbers, malignant, threshold, answer.decision, answer.error])
        n_images, n_errors = n_images + 1, n_errors + bool(answer.error)
    return Predicted(n_images, n_errors)
