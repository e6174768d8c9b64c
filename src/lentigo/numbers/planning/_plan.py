"""The plan of a study: what each aim needs, in lesions, in all and by subgroup."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lentigo.errors import ConfigError
from lentigo.numbers.planning._aims import aims_of, check_numbers
from lentigo.numbers.planning._sample_size import design_effect
from lentigo.numbers.planning._subgroups import PlannedSubgroup, SubgroupNeed, rarest

ICC_OF_LESION, ICC_OF_PATIENT = 0.5, 0.1  # where none is given


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one aim needs in each subgroup.

    Args:
        aim: "sensitivity 95% with an interval of 5 points".
        n_malignant: malignant lesions; 0 where the aim asks for none in particular.
        n_benign: benign lesions; 0 likewise.
        n_lesions: consecutive lesions, malignant and benign, that hold them at the prevalence.
        n_independent: cases before the design effect.
        source: formula and publication.

    Example:
        >>> Requirement("sensitivity", 304, 0, 4343, 304, "").n_malignant
        304
    """

    aim: str
    n_malignant: int
    n_benign: int
    n_lesions: int
    n_independent: int
    source: str


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """How many lesions a study needs.

    Args:
        prevalence: share of malignant lesions.
        confidence: of the intervals.
        design_effect: by which the cases are multiplied for several images a lesion.
        images_per_lesion: mean number.
        lesions_per_patient: mean number.
        n_groups: subgroups that each must reach the aims.
        requirements: one for each aim.
        assumed: what was taken because nothing else was given, as sentences.
        subgroups: what each needs, where shares are known; empty for equal ones.

    Example:
        >>> plan_study(sensitivity=0.95, width=0.05, prevalence=0.07).n_malignant
        304
    """

    prevalence: float
    confidence: float
    design_effect: float
    images_per_lesion: float
    lesions_per_patient: float
    n_groups: int
    requirements: tuple[Requirement, ...]
    assumed: tuple[str, ...] = ()
    subgroups: tuple[SubgroupNeed, ...] = ()

    @property
    def n_lesions_by_group(self) -> int:
        """Consecutive lesions that each subgroup needs: enough for every aim."""
        return max(one.n_lesions for one in self.requirements)

    @property
    def n_malignant_by_group(self) -> int:
        """Malignant ones that are expected among them."""
        return math.floor(self.n_lesions_by_group * self.prevalence + 1e-9)

    @property
    def n_benign_by_group(self) -> int:
        """Benign ones that are expected among them."""
        return self.n_lesions_by_group - self.n_malignant_by_group

    @property
    def n_malignant(self) -> int:
        """Malignant lesions in all."""
        if self.subgroups:
            return sum(need.n_malignant for need in self.subgroups)
        return self.n_groups * self.n_malignant_by_group

    @property
    def n_benign(self) -> int:
        """Benign lesions in all."""
        return self.n_lesions - self.n_malignant

    @property
    def n_lesions(self) -> int:
        """Lesions in all."""
        if self.subgroups:
            return sum(need.n_lesions for need in self.subgroups)
        return self.n_groups * self.n_lesions_by_group

    @property
    def n_patients(self) -> int:
        """Patients who have so many lesions."""
        return math.ceil(self.n_lesions / self.lesions_per_patient - 1e-9)

    @property
    def n_consecutive(self) -> int:
        """Lesions to photograph as they come until the rarest subgroup is expected to be complete."""
        return rarest(self.subgroups).n_consecutive if self.subgroups else self.n_lesions

    def json(self) -> dict[str, Any]:
        """Return the plan as JSON types."""
        names = ("n_malignant", "n_benign", "n_lesions")
        totals = {name: getattr(self, name) for name in (*names, "n_patients", "n_consecutive")}
        return {**asdict(self), **totals, **{f"{name}_by_group": getattr(self, f"{name}_by_group") for name in names}}


def plan_study(
    *,
    sensitivity: float,
    width: float,
    prevalence: float,
    specificity: float | None = None,
    auroc: float | None = None,
    confidence: float = 0.95,
    images_per_lesion: float = 1.0,
    icc: float | None = None,
    lesions_per_patient: float = 1.0,
    patient_icc: float | None = None,
    n_groups: int = 1,
    subgroups: Sequence[PlannedSubgroup] = (),
    margin: float | None = None,
    discordance: float | None = None,
    power: float = 0.8,
) -> StudyPlan:
    """Return how many lesions a study needs so that its intervals are as narrow as wanted.

    Args:
        sensitivity: expected.
        width: of every interval, from its lower to its upper end.
        prevalence: share of malignant lesions among those that will be photographed.
        specificity: expected; without it no number of benign lesions is asked for.
        auroc: expected; its interval is not planned without it.
        confidence: of the intervals.
        images_per_lesion: mean number of images of a lesion.
        icc: intraclass correlation of being right among the images of a lesion; 0.5 when left out.
        lesions_per_patient: mean number of lesions of a patient.
        patient_icc: intraclass correlation of being right among the lesions of a patient; 0.1 when left out.
        n_groups: subgroups that each must reach the aims.
        subgroups: the same with the share and prevalence of each, in place of `n_groups` and of `prevalence`.
        margin: greatest loss of sensitivity (and specificity) against another model on the same lesions.
        discordance: share of lesions that only one of the two models gets right; when left out, that of two models
            that err independently, which is more than two models of the same photographs have.
        power: chance that the comparison succeeds if both models are equally good.

    Raises:
        ConfigError: a number is out of its range.

    Example:
        >>> plan_study(sensitivity=0.95, width=0.05, prevalence=0.07, n_groups=2).n_lesions
        8686
    """
    check_numbers(sensitivity, width, prevalence, specificity, auroc, confidence, margin, discordance, power)
    if min(images_per_lesion, lesions_per_patient, n_groups) < 1:
        raise ConfigError("images per lesion, lesions per patient and groups must be at least 1.")
    if not (0 <= (icc or 0) <= 1 and 0 <= (patient_icc or 0) <= 1):
        raise ConfigError("correlations (ICC) must lie between 0 and 1.")
    effect = design_effect(images_per_lesion, ICC_OF_LESION if icc is None else icc)
    of_patient = functools.partial(
        _patient_effect, lesions_per_patient, ICC_OF_PATIENT if patient_icc is None else patient_icc
    )

    def needed(prevalence: float) -> tuple[Requirement, ...]:
        aims = aims_of(sensitivity, specificity, auroc, width, prevalence, confidence, margin, discordance, power)
        per_image = effect / images_per_lesion
        return tuple(_requirement(*aim, per_image, of_patient, prevalence) for aim in aims)

    assumed = []
    if images_per_lesion > 1 and icc is None:
        assumed.append(f"Correlation (ICC) of the images of a lesion: {ICC_OF_LESION}.")
    if lesions_per_patient > 1 and patient_icc is None:
        assumed.append(f"Correlation (ICC) of the lesions of a patient: {ICC_OF_PATIENT}.")
    if margin is not None and discordance is None:
        shares = {"sensitivity": sensitivity, "specificity": specificity}
        known = {side: 2 * share * (1 - share) for side, share in shares.items() if share is not None}
        independently = "Only one of the two models is right ({}): {:.1%}, as if they erred independently."
        assumed += [independently.format(side, apart) for side, apart in known.items()]
    groups = tuple(_subgroup_need(one, needed(one.prevalence)) for one in subgroups)
    return StudyPlan(
        prevalence, confidence, effect, images_per_lesion, lesions_per_patient, len(groups) or n_groups,
        needed(prevalence), tuple(assumed), groups,
    )  # fmt: skip


def _requirement(
    side: str, aim: str, n: int, source: str, per_image: float, of_patient: Callable[[float], float], prevalence: float
) -> Requirement:
    part = {"sensitivity": prevalence, "specificity": 1 - prevalence, "auroc": 1.0}[side]
    n_lesions = math.ceil(n * per_image * of_patient(part) - 1e-9)
    return Requirement(
        aim=aim,
        n_malignant=n_lesions if side == "sensitivity" else 0,
        n_benign=n_lesions if side == "specificity" else 0,
        n_lesions=math.ceil(n_lesions / part - 1e-9),
        n_independent=n,
        source=source,
    )


def _patient_effect(lesions_per_patient: float, icc: float, part: float) -> float:
    """Return the design effect of `part` of the lesions: a patient has that part of his lesions in it, at least one.

    Obuchowski (1998) and Genders et al. (2012), for sensitivity and specificity of several lesions of a patient.
    """
    return design_effect(max(1.0, lesions_per_patient * part), icc)


def _subgroup_need(subgroup: PlannedSubgroup, requirements: Sequence[Requirement]) -> SubgroupNeed:
    n_lesions = max(one.n_lesions for one in requirements)
    n_consecutive = math.ceil(n_lesions / subgroup.share - 1e-9)
    return SubgroupNeed(subgroup, math.floor(n_lesions * subgroup.prevalence + 1e-9), n_lesions, n_consecutive)
