"""One answer per lesion: its photographs asked, those that can be assessed joined, and decided once."""

import dataclasses
import math
from collections.abc import Iterable, Sequence

import numpy as np

from lentigo.errors import ModelError
from lentigo.model._answer import CANNOT_ASSESS, Answer
from lentigo.model._assessment import decided_answer, photograph_reasons
from lentigo.model._held_outputs import HeldOutputs, join_outputs
from lentigo.model._image_columns import with_context
from lentigo.model._outputs import Outputs
from lentigo.model._runtime import Model
from lentigo.model.decision import Columns, LesionRule, join_photographs, log_probabilities, softmax


def lesion_rule_of(model: Model) -> LesionRule:
    """Return how a bundle joins the photographs of a lesion.

    Raises:
        ModelError: it is a run, or a bundle whose validation lesions had one photograph each.
    """
    rule = None if model.about is None else model.about.lesion
    if rule is None:
        raise ModelError(
            f"{model.name} has no rule for several photographs of a lesion: that is a bundle of a run whose validation "
            "lesions (lesion_id) have several. Predict photograph by photograph instead."
        )
    return rule


def answers_by_lesion(
    model: Model,
    asked: Iterable[HeldOutputs | Answer],
    lesion: Sequence[str],
    kind: Sequence[str],
    *,
    columns: Sequence[Columns] | None = None,
    patients: Sequence[str] | None = None,
    prevalence: float | None = None,
) -> list[Answer]:
    """Return one answer per lesion, named by it, in the order in which lesions are first seen.

    Photographs that cannot be read or assessed are left out of the joining; where none is left, the lesion cannot be
    assessed.

    Args:
        model: a bundle.
        asked: what its network said of each photograph, or why one cannot be read, in order.
        lesion: of each photograph.
        kind: of each photograph, such as dermoscopic.
        columns: as for `Model.answers`, one per photograph.
        patients: likewise.
        prevalence: likewise.
    """
    rule, given = lesion_rule_of(model), list(asked)
    seen = [(place, one) for place, one in enumerate(given) if isinstance(one, HeldOutputs)]
    at, held = [place for place, _ in seen], [one for _, one in seen]
    places = {name: k for k, name in enumerate(dict.fromkeys(lesion))}
    photographs: list[list[int]] = [[] for _ in places]
    found = [Answer(name, {}, math.nan, CANNOT_ASSESS) for name in places]
    for one, name in zip(given, lesion, strict=True):
        if isinstance(one, Answer):
            found[places[name]] = dataclasses.replace(one, image=name)
    if not held:
        return found
    outputs = join_outputs(held)
    known = with_context(
        model.decision,
        outputs,
        columns and [columns[place] for place in at],
        patients and [patients[place] for place in at],
    )
    logits, added = outputs.logits, np.zeros((len(held), 0))
    terms: tuple[str, ...] = ()
    if (fusion := model.decision.fusion) is not None:
        logits, added = fusion.fuse(logits, model.decision.is_malignant, known)
        terms = tuple(term.name for term in fusion.terms)
    reasons = photograph_reasons(model, outputs, [one.statistics for one in held])
    for row, place in enumerate(at):
        photographs[places[lesion[place]]].append(row)
    for name, rows in zip(places, photographs, strict=True):
        usable = [row for row in rows if not reasons[row]]
        if not usable:
            why = tuple(dict.fromkeys(reason for row in rows for reason in reasons[row]))
            if rows:
                found[places[name]] = Answer(name, {}, math.nan, CANNOT_ASSESS, reasons=why)
            continue
        kinds = np.unique([kind[at[row]] for row in usable], return_inverse=True)[1]
        shares = join_photographs(
            softmax(logits[usable]), np.zeros(len(usable), np.int64), kinds, rule.rule, model.decision.is_malignant
        )
        nothing = np.zeros((1, 0), np.float32)
        decided = rule.decision.decide(Outputs(log_probabilities(shares), None, nothing), prevalence)
        found[places[name]] = decided_answer(
            model,
            name,
            decided,
            0,
            reasons=(),
            contributions=dict(zip(terms, added[usable].mean(axis=0).tolist(), strict=True)),
            precision=model.computation.precision,
        )
    return found
