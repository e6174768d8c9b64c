"""Answers of outputs that were held until all photographs of a request or patient were seen, and of embeddings."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lentigo.model._answer import Answer
from lentigo.model._beside import HeldOutputs, hold_outputs, join_outputs
from lentigo.model._embeddings import Embeddings, refuse_width
from lentigo.model.decision import Columns

if TYPE_CHECKING:
    from lentigo.model._runtime import Model


def held_rows(model: "Model", embeddings: Embeddings) -> Iterator[HeldOutputs]:
    """Yield what a model says of each row of embeddings, undecided."""
    refuse_width(embeddings.width, model.embedding_width, model.name)
    nothing = np.zeros(0, np.float32)  # there is no photograph to measure
    for start in range(0, len(embeddings.image_id), model.batch_size):
        outputs = model.network.run(embeddings.matrix[start : start + model.batch_size])
        yield from hold_outputs(outputs, [nothing] * len(outputs.logits))


def answers_of_rows(
    model: "Model",
    embeddings: Embeddings,
    prevalence: float | None,
    columns: Sequence[Columns] | None,
    patients: Sequence[str] | None,
) -> Iterator[Answer]:
    """Yield one answer per row of embeddings; arguments as of `Model.predict_embeddings`."""
    if patients is not None and model.needs_patients:
        held = held_rows(model, embeddings)
        yield from answers_of_held(
            model, held, embeddings.image_id, prevalence=prevalence, columns=columns, patients=patients
        )
        return
    for start in range(0, len(embeddings.image_id), model.batch_size):
        some = slice(start, start + model.batch_size)
        names = embeddings.image_id[some]
        yield from model.answers_from(
            model.network.run(embeddings.matrix[some]),
            [np.zeros(0, np.float32)] * len(names),
            names,
            prevalence=prevalence,
            columns=columns and columns[some],
        )


def answers_of_held(
    model: "Model",
    held: Iterable[HeldOutputs | Answer],
    names: Sequence[str],
    *,
    prevalence: float | None = None,
    columns: Sequence[Columns] | None = None,
    patients: Sequence[str] | None = None,
) -> Iterator[Answer]:
    """Yield one answer per photograph, in order; all of them are decided together, and once.

    Args:
        model: whose network said it.
        held: what it said of each photograph, or the answer about one that cannot be read.
        names: of all of them.
        prevalence: as for `Model.answers`.
        columns: likewise, one per photograph.
        patients: likewise; a photograph is decided beside the others of its patient, wherever these stand.
    """
    given = list(held)
    places = [place for place, one in enumerate(given) if isinstance(one, HeldOutputs)]
    seen = [one for one in given if isinstance(one, HeldOutputs)]
    answers: Iterator[Answer] = iter(())
    if seen:
        answers = iter(
            model.answers_from(
                join_outputs(seen),
                [one.statistics for one in seen],
                [names[place] for place in places],
                prevalence=prevalence,
                columns=columns and [columns[place] for place in places],
                patients=patients and [patients[place] for place in places],
            )
        )
    for one in given:
        yield one if isinstance(one, Answer) else next(answers)
