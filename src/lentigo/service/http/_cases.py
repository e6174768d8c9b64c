"""A photograph with its answer: the records between the decision and the reply, and how a request is decided."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lentigo.model import Answer, Explanation, HeldOutputs, Model, answers_of_held
from lentigo.model.decision import Columns


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
