"""From decided probabilities to answers: whether a photograph can be assessed, and what is then answered about it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lentigo.model._answer import BENIGN_LOOKING, CANNOT_ASSESS, LOW_CONFIDENCE, REFER, Answer
from lentigo.model._bundle_record import BundleRecord
from lentigo.model._computation import FLOAT32
from lentigo.model._input_gate import RULES
from lentigo.model._ood_score import WORDS as ODD
from lentigo.model._outputs import Outputs
from lentigo.model.decision import Decision

if TYPE_CHECKING:
    from lentigo.model._runtime import Model


def answers_of(
    model: "Model",
    decided: Decision,
    outputs: Outputs,
    statistics: Sequence[NDArray[np.float32]],
    names: Sequence[str],
) -> list[Answer]:
    """Return the answers of photographs whose probabilities are decided already."""
    scores = _ood_scores(model, outputs)
    again = np.zeros(len(scores), bool) if outputs.again is None else outputs.again
    rule, computation = model.decision, model.computation
    terms = [] if rule.fusion is None else [term.name for term in rule.fusion.terms]
    return [
        decided_answer(
            model,
            name,
            decided,
            row,
            reasons=_reasons(model, measures, scores[row]),
            contributions={} if decided.added is None else dict(zip(terms, decided.added[row].tolist(), strict=True)),
            precision=FLOAT32 if again[row] else computation.precision,
            oddness=float(scores[row]),
            diagnosis="" if decided.called is None else model.classes[decided.called[row]],
            diagnosis_rule="" if rule.class_rule is None else rule.class_rule.words,
        )
        for row, (name, measures) in enumerate(zip(names, statistics, strict=True))
    ]


def decided_answer(
    model: "Model",
    name: str,
    decided: Decision,
    row: int,
    *,
    reasons: Sequence[str],
    contributions: Mapping[str, float],
    precision: str,
    **more: Any,
) -> Answer:
    """Return the answer in one row of a decision; `more` are further fields of it.

    Args:
        model: what decided.
        name: of the image, or of the lesion.
        decided: the decision.
        row: of the decision.
        reasons: why it cannot be assessed, other than by its probability.
        contributions: as in `Answer`.
        precision: likewise.
        more: likewise.
    """
    if not reasons and decided.is_close[row]:
        reasons = [LOW_CONFIDENCE]
    return Answer(
        name,
        dict(zip(model.classes, decided.probabilities[row].tolist(), strict=True)),
        float(decided.malignant[row]),
        CANNOT_ASSESS if reasons else REFER if decided.is_referred[row] else BENIGN_LOOKING,
        reasons=tuple(reasons),
        threshold=float(decided.threshold[row]),
        score=float(decided.score[row]),
        malignant_classes=model.decision.malignant_classes,
        runtime=model.computation.runtime,
        precision=precision,
        contributions=contributions,
        **more,
    )


def photograph_reasons(model: "Model", outputs: Outputs, statistics: Sequence[NDArray[np.float32]]) -> list[list[str]]:
    """Return why each photograph cannot be assessed by itself: input gate and out-of-distribution score."""
    scores = _ood_scores(model, outputs)
    return [_reasons(model, measures, scores[row]) for row, measures in enumerate(statistics)]


def reason_keys(record: BundleRecord) -> dict[str, str]:
    """Return short names, for programs, of all reasons for which a bundle cannot assess a photograph.

    Example:
        >>> from lentigo import open_model
        >>> reason_keys(open_model(bundle_folder).record)["out of focus"]
        'blurred'
    """
    keys = {rule.words: rule.key for rule in RULES if rule.key in record.gate.limits}
    if record.oddness is not None:
        keys[ODD] = "odd"
    if record.decision.low_confidence is not None:
        keys[LOW_CONFIDENCE] = "low_confidence"
    return keys


def _reasons(model: "Model", measures: NDArray[np.float32], score: np.float32) -> list[str]:
    """Return why the photograph itself cannot be assessed; empty without an input gate."""
    if model.about is None:
        return []
    reasons = list(model.about.gate.reasons(measures))
    if model.about.oddness is not None and score > model.about.oddness.limit:
        reasons.append(ODD)
    return reasons


def _ood_scores(model: "Model", outputs: Outputs) -> NDArray[np.float32]:
    if model.typical is None:
        return np.full(len(outputs.embedding), np.nan, np.float32)
    return model.typical.distances(outputs.embedding)
