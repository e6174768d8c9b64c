"""What a test list shares with the photographs outside it, and the figures on the images that share nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from lentigo.model.decision import Estimate

# The figures that stand beside each other; what they are called.
FIGURES: Final = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "brier": "Brier score",
}


@dataclass(frozen=True, slots=True, eq=False)
class SharedLesions:
    """How many evaluated images show a lesion (or patient) of which the table has further photographs.

    Args:
        unit: "lesion" or "patient".
        n_images: evaluated images that share one.
        n_groups: how many lesions they show.
        n_outside: photographs of these lesions that the table has outside the evaluated list.
        n_alone: evaluated images whose lesion stands nowhere else.
        alone: the figures on those, empty where they cannot be computed.

    Example:
        >>> SharedLesions(unit="lesion", n_images=617, n_groups=486, n_outside=1200, n_alone=886).n_alone
        886
    """

    unit: str
    n_images: int
    n_groups: int
    n_outside: int
    n_alone: int
    alone: Mapping[str, Estimate] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        figures = {name: figure.json() for name, figure in self.alone.items()}
        counts = {name: getattr(self, name) for name in ("n_images", "n_groups", "n_outside", "n_alone")}
        return {"unit": self.unit, **counts, "alone": figures}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the record that `json` returned."""
        alone = {name: Estimate.from_json(value) for name, value in payload["alone"].items()}
        return cls(**{**payload, "alone": alone})
