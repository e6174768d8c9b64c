"""`lentigo predict`: images in, one row per image out; a bad file gets an error row and stops nothing.

A bundle is asked without torch, pandas and SciPy, so that one image costs a second and not ten.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from lentigo.errors import ConfigError, DataError
from lentigo.images import gather_images
from lentigo.model import (
    Answer,
    Computation,
    HeldOutputs,
    Model,
    answers_by_lesion,
    columns_of,
    held_rows,
    lesion_rule_of,
    one_per_image,
    open_model,
    row_of,
)
from lentigo.progress import Track, silent
from lentigo.storage import new_file, row_writer, write_text

logger = logging.getLogger(__name__)
SPIN_FROM: Final = 32  # images

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Predicted:
    """The result of a call of `predict`.

    Args:
        n_images: how many images were predicted.
        n_errors: how many of them could not be read.
        answers: one per image; empty when they were written to a file.
        n_refused: how many could be read but not assessed.
        n_again: how many a lower precision left to float32.
        computation: the runtime and the precision.

    Example:
        >>> predict(run, [photo]).n_errors
        0
    """

    n_images: int
    n_errors: int
    answers: tuple[Answer, ...] = ()
    n_refused: int = 0
    n_again: int = 0
    computation: Computation = field(default_factory=Computation)


def predict(
    model: str | Path,
    inputs: Any = None,
    *,
    features: Paths | None = None,
    out: str | Path | None = None,
    html: str | Path | None = None,
    with_pictures: bool = True,
    prevalence: float | None = None,
    columns: Mapping[str, object] | Sequence[Mapping[str, object]] | str | Path | None = None,
    by_lesion: bool = False,
    max_pixels: int | None = None,
    runtime: str | None = None,
    precision: str | None = None,
    track: Track = silent,
) -> Predicted:
    """Return the predictions of a run or a bundle for images, or write them to a CSV.

    The columns of the CSV are `image`, `target` (empty), one probability per class, `malignant_probability`,
    `threshold`, `decision`, `reasons` and `error`; `called` where the model has a rule for classes, `contributions`
    where it uses columns beside the image. With the true classes filled in as `target`, `lentigo evaluate` evaluates
    it.

    Args:
        model: a run folder or a bundle.
        inputs: an image or several, in a list or alone: paths of image files, folders (searched recursively) and tables
            with a `path` or `image_id` column, the bytes of image files, PIL images, arrays (H, W, 3) of uint8 in RGB,
            and data frames with a column `path`.
        features: files of embeddings in place of photographs, for a model that was trained on embeddings.
        out: the CSV to write; its folder is made. With it no answer is kept in memory.
        html: a page to write, with one row per image and its photograph, to be sorted in the browser.
        with_pictures: whether the page embeds the photographs.
        prevalence: share of malignant lesions where the answers are used; that of validation when omitted.
        columns: for a model that uses columns beside the image: {"age": 63, "sex": "female"} for all images, one such
            mapping per image, or a table with `image_id`. By default they are read from the tables among `inputs`,
            with `patient_id` for a model that uses the patient's other photographs. Unknown values count as the
            average.
        by_lesion: one answer per lesion (`lesion_id` of the tables, kinds of photograph by `image_type`), for a bundle
            whose validation lesions had several photographs; `image` then is the lesion.
        max_pixels: a photograph with more gets an error row; the model's own limit by default.
        runtime: that computes a bundle's network: onnxruntime (default), or openvino where that is installed. A run is
            computed by torch.
        precision: float32 (default), or with openvino bfloat16, which computes again in float32 whatever is near a
            border.
        track: draws progress.

    Raises:
        ConfigError: the runtime does not compute such a model, or not in that precision; there are too many images for
            a page; the model does not use such columns.
        DataError: the inputs contain no image, or embeddings are given as well.
        ModelError: the model predicts from the other kind of input.
        TypeError: something else is among them.

    Example:
        >>> result = predict(run, [photo])
        >>> result.answers[0].decision in ("refer", "benign-looking")
        True
    """
    if inputs is not None and features is not None:
        raise DataError("images and embeddings cannot be predicted together. Give one of them.")
    if by_lesion and html is not None:
        raise ConfigError("the page shows photographs, not lesions. Leave --html or --by-lesion out.")
    sources: Sequence[Path | bytes | None]
    if features is None:
        names, given = ([], []) if inputs is None else gather_images(inputs)
        # threads that wait actively between the steps of the network double the processor time of one image
        opened = open_model(model, backend=runtime, precision=precision, spin=len(given) >= SPIN_FROM)
        if not given:
            opened.refuse_photographs()
            raise DataError("no image to predict. Name image files, a folder of them, or a table with a path column.")
        if opened.kind == "run":
            logger.info("A run decides by the threshold; a bundle also says which images it cannot assess.")
        opened = opened.with_max_pixels(max_pixels)
        known, patients = _columns_and_patients(opened, columns, inputs, names, by_lesion=by_lesion)
        if by_lesion:
            held = opened.held(given, names=names, track=track)
            return _lesions(opened, held, names, (columns, inputs), (known, patients), prevalence, out)
        answers, sources = (
            opened.answers(given, names=names, prevalence=prevalence, columns=known, patients=patients, track=track),
            given,
        )
    else:
        from lentigo.model import read_embeddings

        opened, embeddings = open_model(model, backend=runtime, precision=precision), read_embeddings(features)
        known, patients = _columns_and_patients(opened, columns, None, embeddings.image_id, by_lesion=by_lesion)
        if by_lesion:
            asked = held_rows(opened, embeddings)
            names = list(embeddings.image_id)
            return _lesions(opened, asked, names, (columns, None), (known, patients), prevalence, out)
        answers = opened.predict_embeddings(embeddings, prevalence=prevalence, columns=known, patients=patients)
        sources = [None] * len(embeddings.image_id)
    shown = sources if with_pictures else [None] * len(sources)
    with _listed(opened, answers, shown, html, prevalence=prevalence) as listed:
        return _gathered(listed, out, opened, opened.decision.threshold(prevalence))


def _lesions(
    model: Model,
    asked: Iterable[HeldOutputs | Answer],
    names: Sequence[str],
    tables: tuple[Any, Any],
    beside: tuple[Any, Sequence[str] | None],
    prevalence: float | None,
    out: str | Path | None,
) -> Predicted:
    """Return one answer per lesion, or write them to a CSV."""
    from lentigo.stages._column_tables import read_lesions

    rule = lesion_rule_of(model)
    lesion, kind = read_lesions(list(tables), names)
    known = one_per_image(beside[0], len(names), model.decision, model.name)
    answers = answers_by_lesion(model, asked, lesion, kind, columns=known, patients=beside[1], prevalence=prevalence)
    return _gathered(iter(answers), out, model, rule.decision.threshold(prevalence))


def _columns_and_patients(
    model: Model, columns: Any, inputs: Any, names: Sequence[str], *, by_lesion: bool
) -> tuple[Any, Sequence[str] | None]:
    """Return what is known beside the images, and their patients; nothing for a model of images alone.

    Raises:
        ConfigError: columns are given to a model of images alone.
    """
    fusion = model.decision.fusion
    is_table = isinstance(columns, str | Path)
    if columns is not None and not is_table:
        return columns, None
    if fusion is None:
        if is_table and not by_lesion:
            raise ConfigError(f"{model.name} uses the image alone. Leave the columns out.")
        return None, None
    from lentigo.stages._column_tables import columns_by_image

    known, patients = columns_by_image(columns if is_table else inputs, names, fusion)
    if known is None:
        logger.warning(
            "%s uses %s beside the image. Without a table that has them they count as unknown (--columns TABLE).",
            model.name, ", ".join(term.name for term in fusion.terms),
        )  # fmt: skip
    return known, patients


@contextlib.contextmanager
def _listed(
    model: Model,
    answers: Iterator[Answer],
    sources: Sequence[Path | bytes | None],
    html: str | Path | None,
    *,
    prevalence: float | None,
) -> Iterator[Iterator[Answer]]:
    """Yield the same answers, of which each becomes a row of the page that is written at the end.

    A row without a source has no picture.
    """
    if html is None:
        yield answers
        return
    from lentigo.study.reporting import refuse_many, render_answers, row_of_answer

    refuse_many(len(sources))
    limits, rows = model.preprocess.settings, []

    def noted() -> Iterator[Answer]:
        for answer, source in zip(answers, sources, strict=True):
            rows.append(row_of_answer(answer, source, limits=limits))
            yield answer

    yield noted()
    threshold = model.decision.threshold(prevalence)
    with_pictures = any(source is not None for source in sources)
    write_text(html, render_answers(rows, model=model.name, threshold=threshold, with_pictures=with_pictures))


def _gathered(answers: Iterator[Answer], out: str | Path | None, model: Model, threshold: float) -> Predicted:
    if out is None:
        kept = tuple(answers)
        n_errors, n_refused = sum(bool(one.error) for one in kept), sum(bool(one.reasons) for one in kept)
        return Predicted(len(kept), n_errors, kept, n_refused, model.count_again(kept), model.computation)
    with new_file(Path(out)) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        return _write(answers, stream, model, threshold)


def _write(answers: Iterator[Answer], stream: TextIO, model: Model, threshold: float) -> Predicted:
    is_called = model.decision.class_rule is not None
    n_images = n_errors = n_refused = n_again = 0
    write = row_writer(stream)
    is_fused = model.decision.fusion is not None
    write(columns_of(model.classes, is_called=is_called, is_fused=is_fused))
    for answer in answers:
        write(row_of(answer, model.classes, threshold, is_called=is_called, is_fused=is_fused))
        n_images, n_errors = n_images + 1, n_errors + bool(answer.error)
        n_refused += bool(answer.reasons)
        n_again += model.count_again((answer,))
    return Predicted(n_images, n_errors, n_refused=n_refused, n_again=n_again, computation=model.computation)
