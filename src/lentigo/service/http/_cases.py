"""A photograph with its answer: the records between the decision and the reply, and how a request is decided."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model import Answer, Explanation, HeldOutputs, Model, answers_by_lesion, answers_of_held
from lentigo.model.decision import Columns

LESION: Final = "lesion"  # what the answer about one is called


@dataclass(frozen=True, slots=True, eq=False)
class AnsweredCase:
    """One photograph, answered.

    Args:
        answer_id: 32 hex digits that name this answer in the logs.
        answer: what the bundle says.
        embedding: what the network saw, shape (D,); None where the photograph cannot be decoded.
    """

    answer_id: str
    answer: Answer
    embedding: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LesionCase:
    """Several photographs of one lesion, answered once.

    Args:
        case: the lesion's answer.
        photographs: each by itself, in order.
        kinds: of each photograph; empty where nobody says.
    """

    case: AnsweredCase
    photographs: tuple[AnsweredCase, ...]
    kinds: tuple[str, ...]

    @property
    def is_used(self) -> tuple[bool, ...]:
        """Whether each photograph counts: those that cannot be read or assessed do not."""
        return tuple(one.answer.is_assessable for one in self.photographs)


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedCase:
    """One photograph, answered and explained.

    Args:
        case: the answer.
        explanation: why.
    """

    case: AnsweredCase
    explanation: Explanation


def new_id() -> str:
    """Return 32 hex digits that no other answer has."""
    return uuid.uuid4().hex


def decide_cases(
    model: Model,
    held: Sequence[HeldOutputs | Answer],
    names: Sequence[str],
    *,
    prevalence: float | None,
    columns: Sequence[Columns],
    is_patient: bool,
) -> list[AnsweredCase]:
    """Return the photographs of one request, decided together; those of one patient beside each other."""
    patients = ["patient"] * len(held) if is_patient else None
    answers = answers_of_held(model, held, names, prevalence=prevalence, columns=columns, patients=patients)
    return [
        AnsweredCase(new_id(), answer, None if isinstance(one, Answer) else one.embedding)
        for one, answer in zip(held, answers, strict=True)
    ]


def decide_lesion(
    model: Model,
    held: Sequence[HeldOutputs | Answer],
    names: Sequence[str],
    kinds: Sequence[str],
    *,
    prevalence: float | None,
    columns: Sequence[Columns],
) -> LesionCase:
    """Return the one answer that the photographs of a lesion get together, and each by itself."""
    photographs = decide_cases(model, held, names, prevalence=prevalence, columns=columns, is_patient=False)
    (answer,) = answers_by_lesion(model, held, [LESION] * len(held), kinds, columns=columns, prevalence=prevalence)
    return LesionCase(AnsweredCase(new_id(), answer), tuple(photographs), tuple(kinds))
