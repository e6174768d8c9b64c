"""A photograph with its answer, the record between network and reply; what others of a patient or lesion change."""

import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model import Answer, DecodedImage, Explanation, HeldOutputs, Model, answers_by_lesion, join_outputs
from lentigo.model.decision import Columns

LESION: Final = "lesion"  # what the answer about one is called


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


@dataclass(frozen=True, slots=True, eq=False)
class DecodedPhoto:
    """A photograph on its way to the network.

    Args:
        seen: decoded and fitted.
        name: as the sender calls it.
        prevalence: as for `Model.predict`.
        columns: what is known beside it.
    """

    seen: DecodedImage
    name: str
    prevalence: float | None
    columns: Columns


def answer_batch(model: Model, questions: Sequence[DecodedPhoto]) -> list[AnsweredCase]:
    """Return the answers for one batch, which may differ in prevalence."""
    outputs = model.network.run(np.stack([question.seen.pixels for question in questions]))
    answers = model.answers_from(
        outputs,
        [question.seen.statistics for question in questions],
        [question.name for question in questions],
        prevalence=[question.prevalence for question in questions],
        columns=[question.columns for question in questions],
    )
    parts = zip(answers, outputs.embedding, outputs.logits, questions, strict=True)
    return [
        AnsweredCase(new_id(), one, seen.copy(), said.copy(), asked.seen.statistics) for one, seen, said, asked in parts
    ]


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
    parts = _held(cases)
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


def decide_lesion(
    model: Model,
    cases: Sequence[AnsweredCase],
    kinds: Sequence[str],
    columns: Sequence[Columns],
    prevalence: float | None,
) -> AnsweredCase:
    """Return the one answer that the photographs of a lesion get together."""
    parts = {one.place: one for one in _held(cases)}
    (answer,) = answers_by_lesion(
        model,
        [parts.get(place, case.answer) for place, case in enumerate(cases)],
        [LESION] * len(cases),
        kinds,
        columns=columns,
        prevalence=prevalence,
    )
    return AnsweredCase(new_id(), answer)


def _held(cases: Sequence[AnsweredCase]) -> list[HeldOutputs]:
    """Return what the network said of the photographs that could be decoded."""
    return [
        HeldOutputs(place, case.logits, case.embedding, case.statistics)
        for place, case in enumerate(cases)
        if case.logits is not None and case.embedding is not None and case.statistics is not None
    ]
