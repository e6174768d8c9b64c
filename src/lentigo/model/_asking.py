"""Answers that do not come photograph by photograph: of rows of embeddings, and of all photographs of a patient."""

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
        n_rows = len(outputs.logits)
        yield from hold_outputs(outputs, [nothing] * n_rows, range(start, start + n_rows))


def answers_of_rows(
    model: "Model",
    embeddings: Embeddings,
    prevalence: float | None,
    columns: Sequence[Columns] | None,
    patients: Sequence[str] | None,
) -> Iterator[Answer]:
    """Yield one answer per row of embeddings; arguments as of `Model.predict_embeddings`."""
    if patients is not None and model.needs_patients:
        asked = held_rows(model, embeddings)
        yield from answers_beside_patient(model, asked, embeddings.image_id, columns, patients, prevalence)
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


def answers_beside_patient(
    model: "Model",
    asked: Iterable[HeldOutputs | Answer],
    names: Sequence[str],
    columns: Sequence[Columns] | None,
    patients: Sequence[str],
    prevalence: float | None,
) -> Iterator[Answer]:
    """Yield the answers of photographs that are judged beside the others of their patient, wherever these stand."""
    given = list(asked)
    seen = [one for one in given if isinstance(one, HeldOutputs)]
    answers: Iterator[Answer] = iter(())
    if seen:
        answers = iter(
            model.answers_from(
                join_outputs(seen),
                [one.statistics for one in seen],
                [names[one.place] for one in seen],
                prevalence=prevalence,
                columns=columns and [columns[one.place] for one in seen],
                patients=[patients[one.place] for one in seen],
            )
        )
    for one in given:
        yield one if isinstance(one, Answer) else next(answers)
