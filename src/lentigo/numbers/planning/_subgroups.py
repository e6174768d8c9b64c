"""The subgroups of a study: how common each is, and how often a lesion of it is malignant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lentigo.errors import ConfigError


@dataclass(frozen=True, slots=True)
class PlannedSubgroup:
    """One subgroup of the lesions that will be photographed.

    Args:
        name: "V-VI".
        share: of all lesions, above 0, at most 1.
        prevalence: share of malignant lesions among its own.

    Example:
        >>> PlannedSubgroup("V-VI", share=0.05, prevalence=0.03).share
        0.05
    """

    name: str
    share: float
    prevalence: float


def parse_subgroups(text: str, *, prevalence: float) -> int | tuple[PlannedSubgroup, ...]:
    """Return the number of subgroups, or subgroups of the same prevalence, as `--groups` names them.

    Args:
        text: "3", or "I-II=0.7,III-IV=0.25,V-VI=0.05".
        prevalence: of each of them.

    Raises:
        ConfigError: a share is not a number between 0 and 1, a name is used twice, or the shares do not add up to 1.

    Example:
        >>> [one.share for one in parse_subgroups("light=0.9,dark=0.1", prevalence=0.07)]
        [0.9, 0.1]
    """
    if "=" not in text:
        try:
            return int(text)
        except ValueError:
            raise ConfigError(
                f"--groups is '{text}'. Give a number, shares such as light=0.9,dark=0.1, or, with --data, a column."
            ) from None
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = (piece.strip() for piece in part.rpartition("="))
        try:
            shares[name] = float(share)
        except ValueError:
            raise ConfigError(f"the share of subgroup '{name}' is '{share}'. Give a number such as 0.05.") from None
    if len(shares) < len(text.split(",")) or "" in shares:
        raise ConfigError(f"--groups is '{text}'. Give each subgroup one name and one share.")
    return subgroups_of({name: (share, prevalence) for name, share in shares.items()})


def subgroups_of(shares: Mapping[str, tuple[float, float]]) -> tuple[PlannedSubgroup, ...]:
    """Return subgroups of (share, prevalence) by name.

    Raises:
        ConfigError: the shares do not add up to 1, or a share or prevalence is not between 0 and 1.

    Example:
        >>> subgroups_of({"men": (0.5, 0.1), "women": (0.5, 0.06)})[1].prevalence
        0.06
    """
    for name, (share, prevalence) in shares.items():
        if not (0 < share <= 1 and 0 < prevalence < 1):
            raise ConfigError(
                f"subgroup {name} has a share of {share:.4g} and a prevalence of {prevalence:.4g}. Both must lie "
                "between 0 and 1."
            )
    if abs(sum(share for share, _ in shares.values()) - 1) > 0.005:  # shares are typed with two decimals
        total = sum(share for share, _ in shares.values())
        raise ConfigError(f"the shares of the subgroups add up to {total:.4g}, not to 1. Name all subgroups.")
    return tuple(PlannedSubgroup(name, share, prevalence) for name, (share, prevalence) in shares.items())


@dataclass(frozen=True, slots=True)
class SubgroupNeed:
    """What one subgroup needs.

    Args:
        subgroup: its name, share and prevalence.
        n_malignant: malignant lesions.
        n_lesions: lesions of the subgroup, malignant and benign.
        n_consecutive: lesions of all subgroups, as they come, among which so many of this one are expected.

    Example:
        >>> SubgroupNeed(PlannedSubgroup("V-VI", 0.05, 0.07), 304, 4343, 86860).n_benign
        4039
    """

    subgroup: PlannedSubgroup
    n_malignant: int
    n_lesions: int
    n_consecutive: int

    @property
    def n_benign(self) -> int:
        """Benign lesions of the subgroup."""
        return self.n_lesions - self.n_malignant


def rarest(needs: Sequence[SubgroupNeed]) -> SubgroupNeed:
    """Return the subgroup that is complete last when lesions are photographed as they come.

    Example:
        >>> few, many = PlannedSubgroup("a", 0.1, 0.1), PlannedSubgroup("b", 0.9, 0.1)
        >>> rarest([SubgroupNeed(many, 3, 30, 34), SubgroupNeed(few, 3, 30, 300)]).subgroup.name
        'a'
    """
    return max(needs, key=lambda need: need.n_consecutive)
