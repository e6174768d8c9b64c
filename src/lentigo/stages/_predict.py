"""`lentigo predict`: images in, one row per image out; a bad file gets an error row and stops nothing.

A bundle is asked without torch, pandas and SciPy, so that one image costs a second and not ten.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from lentigo.errors import DataError
from lentigo.images import gather_images
from lentigo.model import Answer, columns_of, open_model, row_of
from lentigo.progress import Track, silent
from lentigo.storage import new_file, row_writer


@dataclass(frozen=True, slots=True)
class Predicted:
    """The result of a call of `predict`.

    Args:
        n_images: how many images were predicted.
        n_errors: how many of them could not be read.
        answers: one per image; empty when they were written to a file.
        n_refused: how many could be read but not assessed.

    Example:
        >>> predict(run, [photo]).n_errors
        0
    """

    n_images: int
    n_errors: int
    answers: tuple[Answer, ...] = ()
    n_refused: int = 0


def predict(
    model: str | Path,
    inputs: Any,
    *,
    out: str | Path | None = None,
    prevalence: float | None = None,
    max_pixels: int | None = None,
    track: Track = silent,
) -> Predicted:
    """Return the predictions of a run or a bundle for images, or write them to a CSV.

    The columns of the CSV are `image`, `target` (empty), one probability a class, `malignant_probability`,
    `threshold`, `decision`, `reasons` and `error`. With the true classes filled in as `target`, `lentigo evaluate`
    judges it.

    Args:
        model: a run folder or a bundle.
        inputs: an image or several, in a list or alone: paths of image files, folders (searched recursively) and tables
            with a `path` or `image_id` column, the bytes of image files, PIL images, arrays (H, W, 3) of uint8 in RGB,
            and data frames with a column `path`.
        out: the CSV to write; its folder is made. With it no answer is kept in memory.
        prevalence: share of malignant lesions where the answers are used; that of validation when omitted.
        max_pixels: a photograph with more gets an error row; the model's own limit by default.
        track: draws progress.

    Raises:
        DataError: there is no image among the inputs.
        TypeError: something else is among them.

    Example:
        >>> result = predict(run, [photo])
        >>> result.answers[0].decision in ("refer", "benign-looking")
        True
    """
    names, sources = gather_images(inputs)
    if not sources:
        raise DataError("no image to predict. Name image files, a folder of them, or a table with a path column.")
    opened = open_model(model).with_max_pixels(max_pixels)
    answers = opened.answers(sources, names=names, prevalence=prevalence, track=track)
    if out is None:
        kept = tuple(answers)
        n_errors, n_refused = sum(bool(one.error) for one in kept), sum(bool(one.reasons) for one in kept)
        return Predicted(len(kept), n_errors, kept, n_refused)
    with new_file(Path(out)) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        return _write(answers, stream, opened.classes, opened.decision.threshold(prevalence))


def _write(answers: Iterator[Answer], stream: TextIO, classes: tuple[str, ...], threshold: float) -> Predicted:
    n_images = n_errors = n_refused = 0
    write = row_writer(stream)
    write(columns_of(classes))
    for answer in answers:
        write(row_of(answer, classes, threshold))
        n_images, n_errors = n_images + 1, n_errors + bool(answer.error)
        n_refused += bool(answer.reasons)
    return Predicted(n_images, n_errors, n_refused=n_refused)
