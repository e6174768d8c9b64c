"""The headline of a run, by the one rule that page, report and card follow (`lentigo.model._headline`)."""

from collections.abc import Mapping
from typing import Any

from lentigo.model import Headline, Kind, Measured
from lentigo.model.decision import Estimate
from lentigo.study.reporting._inputs import RunFacts


def headline_of(facts: RunFacts) -> Headline | None:
    """Return what is said first of a run; None where no threshold was chosen or a side is missing."""
    point, evaluation = facts.point, facts.inputs.evaluation
    if point is None or not (point["sensitivity"].is_defined and point["specificity"].is_defined):
        return None
    scores = evaluation.detail.answers if evaluation.detail is not None else None
    figures = point["sensitivity"], point["specificity"]
    own = Measured("", evaluation.n_images, _kinds(scores.overall) if scores else None, *figures)
    sources = (
        tuple(Measured(name, scores.n_by_source[name], _kinds(kinds)) for name, kinds in scores.by_source.items())
        if scores
        else ()
    )
    return Headline.of(
        own, sources, tuple(map(_left_out, evaluation.held_out_sources)), names_diagnoses=facts.names_diagnoses
    )


def _kinds(kinds: Mapping[str, Mapping[str, Estimate]]) -> dict[str, Kind]:
    return {kind: dict(shares) for kind, shares in kinds.items() if all(share.is_defined for share in shares.values())}


def _left_out(payload: Mapping[str, Any]) -> Measured:
    figures = [
        Estimate.from_json(payload[key]) if payload.get(key) else None
        for key in ("sensitivity", "specificity", "cannot_assess")
    ]
    return Measured(str(payload["source"]), int(payload["n"]), None, *figures)
