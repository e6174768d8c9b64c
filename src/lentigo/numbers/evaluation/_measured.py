"""What an evaluation knows about each set of images, for the headline of report, card and bundle."""

from collections.abc import Mapping

from lentigo.model import Kind, MeasuredFigures
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._evaluation import Evaluation

MOST_SOURCES = 20  # a headline names one; a bundle carries no more


def measured_by(evaluation: Evaluation) -> tuple[MeasuredFigures, ...]:
    """Return the three answers on the whole test (without a name) and by source, then figures on left-out sources."""
    found = []
    scores = evaluation.detail.answers if evaluation.detail is not None else None
    if scores is not None:
        found.append(MeasuredFigures("", evaluation.n_images, _defined(scores.overall)))
        for name, kinds in list(scores.by_source.items())[:MOST_SOURCES]:
            found.append(MeasuredFigures(name[:200], scores.n_by_source[name], _defined(kinds)))
    for one in evaluation.held_out_sources[:MOST_SOURCES]:
        sensitivity, specificity, cannot_assess = (
            Estimate.from_json(one[key]) if one.get(key) else None
            for key in ("sensitivity", "specificity", "cannot_assess")
        )
        name, n_images = str(one["source"])[:200], int(one["n"])
        found.append(MeasuredFigures(name, n_images, None, sensitivity, specificity, cannot_assess, is_left_out=True))
    return tuple(found)


def _defined(kinds: Mapping[str, Mapping[str, Estimate]]) -> dict[str, Kind]:
    return {kind: dict(shares) for kind, shares in kinds.items() if all(share.is_defined for share in shares.values())}
