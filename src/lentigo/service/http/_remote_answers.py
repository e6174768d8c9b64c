"""What a client gets: the answers of the wire (docs/serving.md) as records; NaN where the wire has null."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lentigo.model import Answer


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """One answer of the service.

    Args:
        answer_id: names it in the audit log, and for outcomes.
        answer: as a bundle on this machine would have given it.
        stands_out: distance from the patient's other lesions; NaN but for `Client.patient`.
    """

    answer_id: str
    answer: Answer
    stands_out: float = math.nan


@dataclass(frozen=True, slots=True)
class RemotePatient:
    """Answers about several lesions of one patient.

    Args:
        answers: in the order of the photographs.
        odd_one_out: index of the one that clearly stands out; None where none does.
    """

    answers: tuple[RemoteAnswer, ...]
    odd_one_out: int | None


@dataclass(frozen=True, slots=True)
class RemoteLesion:
    """The answer about several photographs of one lesion.

    Args:
        answer: about the lesion.
        photographs: each with image, image_type, is_used, reasons, error, error_code, in order.
        rule: that joined them.
    """

    answer: RemoteAnswer
    photographs: tuple[Mapping[str, Any], ...]
    rule: str


@dataclass(frozen=True, slots=True)
class RemoteExplanation:
    """Why the service answers as it does.

    Args:
        answer: what is explained.
        explained_class: class of the map: for a referral the most probable malignant one, otherwise the most probable.
        method: how the map was made.
        sanity: how far it can be believed: score, insertion, deletion, in_lesion, on_border, is_doubtful.
        similar_cases: each with image_id, diagnosis, similarity, picture.
        map_png: data URI; RGBA.
        map_box: left, top, width and height of what the map covers, as fractions of the upright photograph.
        map_words: what the map is worth, in a sentence; empty from services of before there was this field.
    """

    answer: RemoteAnswer
    explained_class: str
    method: str
    sanity: Mapping[str, float | None]
    similar_cases: tuple[Mapping[str, Any], ...]
    map_png: str
    map_box: tuple[float, ...]
    map_words: str = ""


def answer_of(payload: Mapping[str, Any]) -> RemoteAnswer:
    """Return an answer of the wire."""
    answer = Answer(
        image=payload["image"],
        probabilities=payload["probabilities"],
        malignant=_number(payload["malignant_probability"]),
        decision=payload["decision"],
        error=payload["error"] or "",
        reasons=tuple(payload["reasons"]),
        threshold=_number(payload["threshold"]),
        oddness=_number(payload["out_of_distribution_score"]),
        error_code=payload["error_code"] or "",
        runtime=payload.get("runtime") or "",  # which services did not always say
        precision=payload.get("precision") or "",
        diagnosis=payload.get("diagnosis") or "",
        diagnosis_rule=payload.get("diagnosis_rule") or "",
        contributions=payload.get("contributions") or {},
    )
    stands_out = payload.get("stands_out") or {}
    return RemoteAnswer(payload["answer_id"], answer, _number(stands_out.get("distance")))


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
