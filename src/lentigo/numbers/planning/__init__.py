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

__all__ = [
    "Requirement",
    "StudyPlan",
    "auroc_interval_size",
    "design_effect",
    "noninferiority_size",
    "plan_study",
    "wald_size",
    "wilson_size",
]

_WHERE = {
    "_plan": ("Requirement", "StudyPlan", "plan_study"),
    "_sample_size": ("auroc_interval_size", "design_effect", "noninferiority_size", "wald_size", "wilson_size"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
