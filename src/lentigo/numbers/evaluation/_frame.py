"""An evaluation as a data frame: one row a figure, for whoever goes on in pandas, R or a spreadsheet."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from lentigo.model.decision import Estimate

if TYPE_CHECKING:
    from lentigo.numbers.evaluation._detail import DecisionFigures
    from lentigo.numbers.evaluation._evaluation import Evaluation

COLUMNS = ("part", "of", "figure", "value", "low", "high", "n", "reason")


def frame_of(evaluation: "Evaluation") -> pd.DataFrame:
    """Return the figures of an evaluation, one a row."""
    rows = [
        (part, name, figure, estimate.value, estimate.low, estimate.high, estimate.n, estimate.reason or "")
        for part, name, figure, estimate in _figures(evaluation)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _figures(evaluation: "Evaluation") -> Iterator[tuple[str, str, str, Estimate]]:
    for figure, estimate in evaluation.metrics.items():
        yield "overall", "", figure, estimate
    for part, scores_of in (("class", evaluation.per_class), ("mean over classes", evaluation.averages)):
        for name, scores in scores_of.items():
            yield from ((part, name, figure, estimate) for figure, estimate in _estimates(scores))
    for point in evaluation.operating_points:
        yield from (("operating point", point.name, figure, estimate) for figure, estimate in point.estimates())
    if evaluation.detail is not None:
        yield from _of_detail(evaluation.detail)


def _of_detail(detail: "DecisionFigures") -> Iterator[tuple[str, str, str, Estimate]]:
    if detail.at_prevalence is not None:
        where = f"{detail.at_prevalence.prevalence:.4g}"
        for there in detail.at_prevalence.points:
            name = f"{there.name} at {where}"
            yield from (("at prevalence", name, figure, estimate) for figure, estimate in there.estimates())
    if detail.subgroups is not None:
        for table in detail.subgroups.tables:
            for group in table.groups:
                for figure in ("sensitivity", "specificity", "auroc"):
                    yield "subgroup", f"{table.key}: {group.value}", figure, getattr(group, figure)


def _estimates(scores: Mapping[str, Any]) -> Iterator[tuple[str, Estimate]]:
    return ((figure, value) for figure, value in scores.items() if isinstance(value, Estimate))
