"""What is known of a model on one set of images: the figures that its headline is made of, as a bundle keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from lentigo.model._json_reader import Fields
from lentigo.model.decision import Estimate

ANSWERS: Final = ("refer", "benign-looking", "cannot assess")
KINDS: Final = ("malignant", "benign", "melanoma")

Kind = dict[str, Estimate]  # by answer


@dataclass(frozen=True, slots=True)
class MeasuredFigures:
    """What is known about a model on one set of images.

    Args:
        name: of the source; empty for the whole test.
        n_images: of it; 0 where unknown.
        kinds: by kind of image, the share of each answer; empty where only the figures below are known.
        sensitivity: malignant images at or above the threshold; None where unknown.
        specificity: benign images below it; None where unknown.
        cannot_assess: share of all images without an answer; None where unknown.
        is_left_out: whether no network was trained on the source.

    Example:
        >>> MeasuredFigures("isic2017", 595).json()["n_images"]
        595
    """

    name: str = ""
    n_images: int = 0
    kinds: Mapping[str, Kind] | None = None
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None
    cannot_assess: Estimate | None = None
    is_left_out: bool = False

    @property
    def found(self) -> Estimate | None:
        """The share of malignant images that are referred, or at or above the threshold where only that is known."""
        return self.kinds["malignant"]["refer"] if self.kinds and "malignant" in self.kinds else self.sensitivity

    def json(self) -> dict[str, Any]:
        """Return the figures as JSON types."""
        kinds = {kind: {name: share.json() for name, share in one.items()} for kind, one in (self.kinds or {}).items()}
        figures = {name: one and one.json() for name in _FIGURES for one in (getattr(self, name),)}
        return {
            "name": self.name, "n_images": self.n_images, "is_left_out": self.is_left_out, "kinds": kinds, **figures,
        }  # fmt: skip

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Return the figures that `json` wrote into a bundle."""
        return cls(
            name=fields.text("name", longest=200),
            n_images=fields.integer("n_images", low=0, high=10**9),
            kinds=fields.table("kinds", _kind, most=len(KINDS)) or None,
            sensitivity=fields.optional("sensitivity", Estimate.from_fields),
            specificity=fields.optional("specificity", Estimate.from_fields),
            cannot_assess=fields.optional("cannot_assess", Estimate.from_fields),
            is_left_out=fields.flag("is_left_out"),
        )


_FIGURES: Final = ("sensitivity", "specificity", "cannot_assess")


def _kind(fields: Fields) -> Kind:
    return {answer: fields.record(answer, Estimate.from_fields) for answer in ANSWERS}


def of_old_names(metrics: Mapping[str, Estimate]) -> tuple[MeasuredFigures, ...]:
    """Return the figures of sources that bundles of before keep as metrics: "sensitivity, isic2017 (595 images)".

    Example:
        >>> found, = of_old_names({"sensitivity, isic2017 (1,595 images)": Estimate(0.8, 0.7, 0.9, n=100)})
        >>> found.name, found.n_images
        ('isic2017', 1595)
    """
    found: dict[tuple[str, str], dict[str, Estimate]] = {}
    for name, figure in metrics.items():
        what, _, place = name.partition(", ")
        source, _, size = place.rpartition(" (")
        if what in _FIGURES and source and size.endswith(" images)"):
            found.setdefault((source, size.removesuffix(" images)").replace(",", "")), {})[what] = figure
    return tuple(
        MeasuredFigures(
            source,
            int(size) if size.isdigit() else 0,
            sensitivity=figures.get("sensitivity"),
            specificity=figures.get("specificity"),
        )
        for (source, size), figures in found.items()
    )
