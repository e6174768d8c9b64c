"""What a test list shares with the photographs outside it, and the figures on the images that share nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from lentigo.metrics.estimate import Estimate

__all__ = ["SharedLesions", "format_shared"]

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


def format_shared(shared: SharedLesions, whole: Mapping[str, Estimate], n_images: int) -> str:
    """Return the block for a terminal: the counts in a sentence, and both columns of figures.

    Args:
        shared: what was found.
        whole: the figures of all evaluated images.
        n_images: how many these are.
    """
    unit = shared.unit
    if not shared.n_images:
        return f"no {unit} of these images has photographs outside them in the table"
    title = (
        f"{shared.n_images:,} of {n_images:,} images ({100 * shared.n_images / n_images:.1f} %) show one of "
        f"{shared.n_groups:,} {unit}s\nthat have {shared.n_outside:,} further photographs outside this list"
    )
    if not shared.alone:
        return f"{title}\n  the {shared.n_alone:,} other images are too few for figures of their own"
    names = {key: label for key, label in FIGURES.items() if key in shared.alone and key in whole}
    label, cell = max(map(len, names.values())), 24
    head = f"  {'':{label}}  {f'all {n_images:,} images':{cell}}  {shared.n_alone:,} whose {unit} is nowhere else"
    rows = [f"  {text:{label}}  {_show(whole[key]):{cell}}  {_show(shared.alone[key])}" for key, text in names.items()]
    return "\n".join([title, head, *rows])


def _show(figure: Estimate) -> str:
    if not figure.is_defined:
        return "n/a"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]" if figure.has_interval else f"{figure.value:.3f}"
