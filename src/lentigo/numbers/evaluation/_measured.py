"""What an evaluation knows about each set of images, for the headline of report, card and bundle."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
    return (*found, *measured_elsewhere(evaluation.held_out_sources))


def measured_elsewhere(entries: Sequence[Mapping[str, Any]]) -> tuple[MeasuredFigures, ...]:
    """Return the figures of each held-out source, from what `held_out_figures` made of it."""
    found = []
    for one in entries[:MOST_SOURCES]:
        sensitivity, specificity, cannot_assess = (
            Estimate.from_json(one[key]) if one.get(key) else None
            for key in ("sensitivity", "specificity", "cannot_assess")
        )
        name, n_images = str(one["source"])[:200], int(one["n"])
        found.append(MeasuredFigures(name, n_images, None, sensitivity, specificity, cannot_assess, is_left_out=True))
    return tuple(found)


def how_held_out(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return which networks the figures on held-out sources are of, in words; none of them is the finished one.

    Example:
        >>> how_held_out([{"by": "finetune", "start": "imagenet", "epochs": 3, "size": 128}])
        'by networks trained on the others alone, from imagenet, 3 epochs at 128 px'
    """
    if not entries:
        return ""
    first, start = entries[0], Path(str(entries[0].get("start", "")))
    networks = "logistic heads on frozen features" if first.get("by") == "probe" else "networks"
    epochs, size = first.get("epochs"), first.get("size")
    trained = f", {epochs} {'epoch' if epochs == 1 else 'epochs'} at {size} px" if epochs and size else ""
    return f"by {networks} trained on the others alone, from {start.name or 'unknown weights'}{trained}"[:200]


def _defined(kinds: Mapping[str, Mapping[str, Estimate]]) -> dict[str, Kind]:
    return {kind: dict(shares) for kind, shares in kinds.items() if all(share.is_defined for share in shares.values())}
