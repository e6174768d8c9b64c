"""Answers for rows of embeddings."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lentigo.model._answer import Answer
from lentigo.model._embeddings import Embeddings, refuse_width
from lentigo.model._held_outputs import HeldOutputs, answers_of_held, hold_outputs
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
