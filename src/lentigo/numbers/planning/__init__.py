"""How many lesions a study needs: for intervals of a width, and to show that a model is not worse than another."""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.numbers.planning._plan import Requirement, StudyPlan, plan_study
    from lentigo.numbers.planning._sample_size import (
        auroc_interval_size,
        design_effect,
        noninferiority_size,
        wald_size,
        wilson_size,
    )
    from lentigo.numbers.planning._subgroups import PlannedSubgroup, SubgroupNeed, parse_subgroups, rarest, subgroups_of

__all__ = [
    "PlannedSubgroup",
    "Requirement",
    "StudyPlan",
    "SubgroupNeed",
    "auroc_interval_size",
    "design_effect",
    "noninferiority_size",
    "parse_subgroups",
    "plan_study",
    "rarest",
    "subgroups_of",
    "wald_size",
    "wilson_size",
]

_WHERE = {
    "_plan": ("Requirement", "StudyPlan", "plan_study"),
    "_sample_size": ("auroc_interval_size", "design_effect", "noninferiority_size", "wald_size", "wilson_size"),
    "_subgroups": ("PlannedSubgroup", "SubgroupNeed", "parse_subgroups", "rarest", "subgroups_of"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
