"""What the network said of photographs, held until all are seen that are decided together; and that decision."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lentigo.model._answer import Answer
from lentigo.model._outputs import Outputs
from lentigo.model.decision import Columns

if TYPE_CHECKING:
    from lentigo.model._runtime import Model


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutputs:
    """What the network said of one photograph, kept until all are seen that it is decided together with.

    Args:
        logits: shape (K,).
        embedding: shape (D,).
        statistics: the measures of the gate.
        again: whether a lower precision left it to float32.
    """

    logits: NDArray[np.floating[Any]]
    embedding: NDArray[np.float32]
    statistics: NDArray[np.float32]
    again: bool = False


def hold_outputs(outputs: Outputs, statistics: Sequence[NDArray[np.float32]]) -> list[HeldOutputs]:
    """Return what is kept of one batch; copies, so that the batch itself is freed."""
    again = [False] * len(statistics) if outputs.again is None else outputs.again.tolist()
    parts = zip(outputs.logits, outputs.embedding, statistics, again, strict=True)
    return [HeldOutputs(logits.copy(), embedding.copy(), *more) for logits, embedding, *more in parts]


def join_outputs(parts: Sequence[HeldOutputs]) -> Outputs:
    """Return the outputs of kept photographs as one batch."""
    rows = [np.stack([getattr(one, name) for one in parts]) for name in ("logits", "embedding", "again")]
    return Outputs(rows[0], None, rows[1], rows[2])


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
