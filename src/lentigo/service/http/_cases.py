"""A photograph with its answer: the records between the decision and the reply."""

import uuid
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lentigo.model import Answer, Explanation


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
