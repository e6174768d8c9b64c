"""The record of subgroups: what each reaches, whether they differ, and the worst of them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._attributes import UNGROUPED
from lentigo.numbers.metrics import CLAIMS, say
from lentigo.wording import percent_text

Figure = Literal["sensitivity", "specificity"]


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The images that share one value.

    Args:
        value: "female".
        n_images: images.
        n_units: lesions or patients they come from.
        n_malignant: malignant images.
        sensitivity: at the operating point that decides; undefined, with the reason, where too few are malignant.
        specificity: at that point; undefined where too few are benign.
        auroc: malignant against benign; undefined where too few are either.

    Example:
        >>> few = Estimate.undefined("too few: 2 malignant images")
        >>> Subgroup("scalp", 20, 18, 2, few, Estimate(0.9, 0.8, 1, 18), few).sensitivity.is_defined
        False
    """

    value: str
    n_images: int
    n_units: int
    n_malignant: int
    sensitivity: Estimate
    specificity: Estimate
    auroc: Estimate

    @property
    def is_judged(self) -> bool:
        """Whether at least one figure is given."""
        return any(figure.is_defined for figure in (self.sensitivity, self.specificity, self.auroc))


@dataclass(frozen=True, slots=True)
class Disparity:
    """Whether a figure differs between the subgroups of one attribute.

    Args:
        figure: which.
        n_groups: subgroups compared: recorded, and with enough cases.
        difference: highest less lowest; NaN with fewer than two.
        p_value: that the subgroups do not differ, from shuffles over lesions or patients; NaN where untestable.
        p_corrected: the same after Holm's correction over all attributes and figures.

    Example:
        >>> Disparity("sensitivity", 2, 0.04, 0.03, 0.36).is_significant
        False
    """

    figure: Figure
    n_groups: int
    difference: float
    p_value: float
    p_corrected: float

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p-value is below 0.05."""
        return self.p_corrected < 0.05


@dataclass(frozen=True, slots=True)
class SubgroupTable:
    """The subgroups of one attribute.

    Args:
        key: "age".
        name: "age", as people call it.
        groups: in order, "not recorded" last.
        disparities: of sensitivity and specificity.

    Example:
        >>> SubgroupTable("sex", "sex", (), ()).key
        'sex'
    """

    key: str
    name: str
    groups: tuple[Subgroup, ...]
    disparities: tuple[Disparity, ...]


@dataclass(frozen=True, slots=True)
class Subgroups:
    """All subgroups at the operating point that decides.

    Args:
        point: its name; None where none was chosen and 0.5 decides.
        threshold: on the calibrated malignant probability.
        min_images: a subgroup with fewer is not judged.
        min_cases: nor is a sensitivity of fewer malignant images, or a specificity of fewer benign ones.
        tables: one an attribute that tells the images apart.
        missing: the other attributes, and why.

    Example:
        >>> Subgroups("sensitivity_95", 0.2, 20, 10, (), {"sex": "not recorded"}).worst is None
        True
    """

    point: str | None
    threshold: float
    min_images: int
    min_cases: int
    tables: tuple[SubgroupTable, ...]
    missing: Mapping[str, str]

    @property
    def worst(self) -> tuple[SubgroupTable, Subgroup] | None:
        """The recorded subgroup with the lowest sensitivity, and its table; None where no two can be compared.

        Of equal ones it is the one whose interval reaches lowest: the first in the table would be any.
        """
        return min(self._compared, key=lambda pair: _from_below(pair[1].sensitivity), default=None)

    @property
    def are_equal(self) -> bool:
        """Whether all compared subgroups have the same sensitivity, so that none of them is the lowest."""
        return len({group.sensitivity.value for _, group in self._compared}) == 1

    @property
    def n_compared(self) -> int:
        """Number of subgroups the worst was picked from."""
        return len(self._compared)

    @property
    def _compared(self) -> list[tuple[SubgroupTable, Subgroup]]:
        """The subgroups that have another one of their attribute beside them: men are not compared with an age."""
        tables = [(table, comparable(table, "sensitivity")) for table in self.tables]
        return [(table, group) for table, groups in tables if len(groups) > 1 for group in groups]

    def difference_in_words(self, whole: Estimate | None) -> str:
        """Return whether the groups of the worst one's attribute differ, for the end of a sentence.

        Args:
            whole: sensitivity of all images; None where there is no operating point.
        """
        if self.worst is None:
            return "no two groups can be compared"
        table, _ = self.worst
        test = next(one for one in table.disparities if one.figure == "sensitivity")
        if math.isnan(test.p_corrected):
            return "the groups are too small to test whether they differ"
        p_text = f"{test.p_corrected:.2g}"
        if test.is_significant:
            return CLAIMS["groups alike"].fails.format(p=p_text)
        groups = [group for group in comparable(table, "sensitivity") if group.sensitivity.has_interval]
        if whole is None or not groups:
            return f"no difference in sensitivity is shown (corrected p = {p_text})"
        lowest = min(groups, key=lambda group: group.sensitivity.low)
        low = lowest.sensitivity
        gap = Estimate(low.value - whole.value, low.low - whole.value, low.high - whole.value, whole.n)
        reach = f"a sensitivity of {percent_text(lowest.sensitivity.low)} in {table.name.split(' (')[0]} {lowest.value}"
        return say("groups alike", gap, p=p_text, reach=reach)[1]

    def json(self) -> dict[str, Any]:
        """Return the subgroups as JSON types."""
        worst = self.worst
        return {
            "point": self.point,
            "threshold": self.threshold,
            "min_images": self.min_images,
            "min_cases": self.min_cases,
            "worst": worst and {"attribute": worst[0].key, "value": worst[1].value},
            "tables": [
                {
                    "key": table.key,
                    "name": table.name,
                    "groups": [_pack(group) for group in table.groups],
                    "disparities": [_pack(one) for one in table.disparities],
                }
                for table in self.tables
            ],
            "missing": dict(self.missing),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the subgroups that `json` wrote."""
        tables = tuple(
            SubgroupTable(
                key=table["key"],
                name=table["name"],
                groups=tuple(Subgroup(**dict(_unpack(group))) for group in table["groups"]),
                disparities=tuple(Disparity(**dict(_unpack(one))) for one in table["disparities"]),
            )
            for table in payload["tables"]
        )
        plain = {name: payload[name] for name in ("point", "threshold", "min_images", "min_cases", "missing")}
        return cls(**plain, tables=tables)


def _from_below(figure: Estimate) -> tuple[float, float]:
    return figure.value, figure.low if figure.has_interval else 0.0


def comparable(table: SubgroupTable, figure: Figure) -> list[Subgroup]:
    """Return the judged subgroups whose value is known: what is missing or uncertain is not a group of people.

    Example:
        >>> comparable(SubgroupTable("sex", "sex", (), ()), "sensitivity")
        []
    """
    return [group for group in table.groups if group.value not in UNGROUPED and getattr(group, figure).is_defined]


def _pack(record: Subgroup | Disparity) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in record.__slots__}
    return {name: value.json() if isinstance(value, Estimate) else value for name, value in values.items()}


def _unpack(payload: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in payload.items():
        if isinstance(value, dict):
            yield name, Estimate.from_json(value)
        else:
            yield name, float("nan") if value is None else value
