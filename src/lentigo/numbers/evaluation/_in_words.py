"""An evaluation in a sentence or two, with its worst subgroup."""

from collections.abc import Sequence

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._detail import DecisionFigures
from lentigo.numbers.evaluation._point_scores import OperatingPointScores
from lentigo.numbers.evaluation._subgroup_record import Subgroups, SubgroupTable
from lentigo.wording import counted, figure_text


def headline(detail: DecisionFigures | None, operating_points: Sequence[OperatingPointScores]) -> str:
    """Return what the evaluation says in a sentence or two, the worst subgroup in it; empty without subgroups.

    Args:
        detail: of the evaluation.
        operating_points: what each threshold reaches.

    Example:
        >>> headline(None, [])
        ''
    """
    groups = detail.subgroups if detail else None
    if groups is None:
        return ""
    whole = next((point for point in operating_points if point.name == groups.point), None)
    start = f"At a threshold of {groups.threshold:.4g}"
    if whole is not None:
        start += f" ({groups.point}): sensitivity {_show(whole.sensitivity)}, specificity {_show(whole.specificity)}"
    worst = groups.worst
    if worst is None:
        return f"{start}. No subgroup can be compared with another: {_why_none(groups)}."
    table, group = worst
    whose = f"Lowest of {groups.n_compared} subgroups that can be compared:"
    if groups.are_equal:
        whose = f"All {groups.n_compared} subgroups that can be compared have one sensitivity; least certain is that of"
    return (
        f"{start}. {whose} {_short(table)} {group.value}, sensitivity "
        f"{_show(group.sensitivity)} (n = {counted(group.n_malignant, 'malignant image')}); "
        f"{groups.difference_in_words(None if whole is None else whole.sensitivity)}."
    )


def _why_none(groups: Subgroups) -> str:
    if groups.tables:
        return f"fewer than two of a kind have {groups.min_images} images and {groups.min_cases} malignant ones"
    return "the manifest has no column that separates the images into groups"


def _short(table: SubgroupTable) -> str:
    return table.name.split(" (")[0]


def _show(figure: Estimate) -> str:
    if not figure.is_defined:
        return "n/a"
    value, low, high = (figure_text(each, 2) for each in (figure.value, figure.low, figure.high))
    return f"{value} [{low}, {high}]" if figure.has_interval else value
