"""A photograph with its answer, the record between network and reply; and what a patient's others change in it."""

import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.model import Answer, Explanation, HeldOutputs, Model, join_outputs
from lentigo.model.decision import Columns


@dataclass(frozen=True, slots=True, eq=False)
class AnsweredCase:
    """One photograph, answered.

    Args:
        answer_id: 32 hex digits that name this answer in the logs.
        answer: what the bundle says.
        embedding: what the network saw, shape (D,); None where the photograph cannot be decoded.
        logits: what it said of the image alone, shape (K,); None likewise.
        statistics: the measures of the gate; None likewise.
    """

    answer_id: str
    answer: Answer
    embedding: NDArray[np.float32] | None = None
    logits: NDArray[np.floating[Any]] | None = None
    statistics: NDArray[np.float32] | None = None


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


def decide_beside_patient(
    model: Model,
    cases: list[AnsweredCase],
    names: Sequence[str],
    columns: Sequence[Columns],
    prevalence: float | None,
) -> list[AnsweredCase]:
    """Return the cases of one patient, each decided beside the others."""
    parts = [
        HeldOutputs(place, case.logits, case.embedding, case.statistics)
        for place, case in enumerate(cases)
        if case.logits is not None and case.embedding is not None and case.statistics is not None
    ]
    if not parts:
        return cases
    answers = model.answers_from(
        join_outputs(parts),
        [one.statistics for one in parts],
        [names[one.place] for one in parts],
        prevalence=prevalence,
        columns=[columns[one.place] for one in parts],
        patients=["patient"] * len(parts),
    )
    decided = dict(zip((one.place for one in parts), answers, strict=True))
    return [
        dataclasses.replace(case, answer=decided[place]) if place in decided else case
        for place, case in enumerate(cases)
    ]
