"""Who the figures hold for: sensitivity, specificity and AUROC of each subgroup on test, the worst of them in words."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import Disparity, Evaluation, Subgroup, Subgroups, SubgroupTable
from lentigo.study.reporting._words import FormattedEstimate, join, show_score, show_share
from lentigo.wording import counted


@dataclass(frozen=True, slots=True)
class SubgroupRow:
    """One subgroup.

    Args:
        value: "female".
        n_images: images.
        n_malignant: malignant ones.
        cells: sensitivity, specificity and AUROC as text.
        sensitivity: to be drawn.
        is_worst: whether its sensitivity is the lowest of all subgroups.

    Example:
        >>> SubgroupRow("female", 120, 40, (), Estimate(0.9, 0.8, 1.0, n=40), is_worst=False).n_images
        120
    """

    value: str
    n_images: int
    n_malignant: int
    cells: tuple[FormattedEstimate, ...]
    sensitivity: Estimate
    is_worst: bool


@dataclass(frozen=True, slots=True)
class SubgroupBlock:
    """The subgroups of one attribute.

    Args:
        name: "sex".
        rows: those with enough images.
        few: the others, with their images, as text; empty for none.
        tests: whether they differ, in words; empty where it cannot be tested.

    Example:
        >>> SubgroupBlock("sex", (), "", "").rows
        ()
    """

    name: str
    rows: tuple[SubgroupRow, ...]
    few: str
    tests: str


@dataclass(frozen=True, slots=True)
class SubgroupSection:
    """The section on subgroups.

    Example:
        >>> SubgroupSection("", (), "").blocks
        ()
    """

    lead: str
    blocks: tuple[SubgroupBlock, ...]
    missing: str

    @property
    def has_rows(self) -> bool:
        """Whether any group has figures."""
        return any(block.rows for block in self.blocks)

    @property
    def has_tests(self) -> bool:
        """Whether any groups could be tested for a difference."""
        return any(block.tests for block in self.blocks)


def subgroup_section(evaluation: Evaluation) -> SubgroupSection | None:
    """Return the section, or None for an evaluation that did not ask for subgroups."""
    groups = _groups(evaluation)
    if groups is None:
        return None
    return SubgroupSection(
        lead=worst_subgroup(evaluation) or "No subgroup can be compared with another.",
        blocks=tuple(block_of(table, groups) for table in groups.tables),
        missing=_missing(groups),
    )


def worst_subgroup(evaluation: Evaluation) -> str:
    """Return the subgroup with the lowest sensitivity in a sentence, with how it was found; empty where none can be."""
    groups = _groups(evaluation)
    if groups is None or groups.worst is None:
        return ""
    table, group = groups.worst
    points = evaluation.operating_points
    among = f"the lowest of {counted(groups.n_compared, 'group')} that can be compared"
    if groups.are_equal:
        among = f"as in all {counted(groups.n_compared, 'group')} that can be compared, here the least certain"
    return (
        f"{_short(table).capitalize()} {group.value}: sensitivity {show_share(group.sensitivity)} on "
        f"{counted(group.n_malignant, 'malignant image')}, {among}; "
        f"{groups.difference_in_words(points[0].sensitivity if points else None)}."
    )


def _groups(evaluation: Evaluation) -> Subgroups | None:
    return evaluation.detail.subgroups if evaluation.detail is not None else None


def block_of(table: SubgroupTable, groups: Subgroups) -> SubgroupBlock:
    """Return the subgroups of one attribute, as the report shows them."""
    worst = groups.worst[1] if groups.worst else None
    few = [f"{group.value} ({group.n_images:,})" for group in table.groups if not group.is_judged]
    return SubgroupBlock(
        name=table.name,
        rows=tuple(_row(group, is_worst=group is worst) for group in table.groups if group.is_judged),
        few=join(few),
        tests="; ".join(_tests(table.disparities)),
    )


def _row(group: Subgroup, *, is_worst: bool) -> SubgroupRow:
    cells = (show_share(group.sensitivity), show_share(group.specificity), show_score(group.auroc, digits=2))
    return SubgroupRow(group.value, group.n_images, group.n_malignant, cells, group.sensitivity, is_worst)


def _tests(disparities: tuple[Disparity, ...]) -> Iterator[str]:
    for test in disparities:
        if not math.isnan(test.p_corrected):
            points = counted(round(100 * test.difference), "point")
            between = f"{counted(test.n_groups, 'group')} that can be compared"
            yield f"{test.figure} differs by up to {points} between {between}, corrected p = {test.p_corrected:.2g}"


def _missing(groups: Subgroups) -> str:
    by_reason: dict[str, list[str]] = {}
    for key, reason in groups.missing.items():
        by_reason.setdefault(reason, []).append(key.replace("_", " "))
    return "; ".join(f"{join(keys)} ({reason})" for reason, keys in by_reason.items())


def _short(table: SubgroupTable) -> str:
    return table.name.split(" (", maxsplit=1)[0]
