"""The smaller records that bundle.json is made of; each knows how it is written and how it is checked."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Final

from lentigo.errors import BundleError
from lentigo.model._json_reader import Fields

ASKS_FOR: Final = ("pixels", "embeddings")
STORAGES: Final = ("float32", "float16", "int8")
COMMERCIAL: Final = ("yes", "no", "unknown")
_LARGE: Final = 1e6  # a difference of answers beyond this is a damaged record, not a measurement


class _FieldsRecord:
    """A record whose JSON is its fields."""

    __slots__ = ()

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True, slots=True)
class NetworkRecord(_FieldsRecord):
    """What model.onnx holds.

    Args:
        backbone: its name in timm.
        n_networks: whose logits are averaged.
        views: 8 averages over flips and quarter turns, 1 does not.
        storage: of the weights.
        embedding_size: D.
        map_side: side of the class-activation maps in cells; 0 where there are none.
        map_reason: why there are none; empty where there are.
        asks_for: "pixels", or "embeddings", which are then its embedding as well.
    """

    backbone: str
    n_networks: int
    views: int
    storage: str
    embedding_size: int
    map_side: int
    map_reason: str
    asks_for: str = "pixels"

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types; bundles that ask for pixels read as they always have."""
        return {
            name: value for name, value in dataclasses.asdict(self).items() if (name, value) != ("asks_for", "pixels")
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> "NetworkRecord":
        """Return the network that `json` wrote."""
        return cls(
            backbone=fields.text("backbone", longest=200),
            n_networks=fields.integer("n_networks", low=1, high=100),
            views={1: 1, 8: 8}.get(fields.integer("views", low=1, high=8))
            or fields.refuse("has neither 1 nor 8 views"),
            storage=fields.choice("storage", STORAGES),
            embedding_size=fields.integer("embedding_size", low=1, high=100_000),
            map_side=fields.integer("map_side", low=0, high=512),
            map_reason=fields.text("map_reason", longest=500),
            asks_for=fields.choice("asks_for", ASKS_FOR) if fields.has("asks_for") else "pixels",
        )


@dataclass(frozen=True, slots=True)
class Parity(_FieldsRecord):
    """The largest differences between torch and the bundle, measured before the bundle got its name.

    Args:
        n_images: compared.
        logits: largest difference of a logit, as a share of the largest logit.
        probabilities: of a calibrated probability.
        maps: of a map, as a share of the largest value; 0 without maps.
        auroc_lost: of validation AUROC against float32; None where not measured (float32 itself).
        sensitivity_lost: of validation sensitivity at the stored threshold; None as above.
        decisions_changed: share of validation images on the other side of the threshold; None as above.
    """

    n_images: int
    logits: float
    probabilities: float
    maps: float
    auroc_lost: float | None = None
    sensitivity_lost: float | None = None
    decisions_changed: float | None = None

    @classmethod
    def from_fields(cls, fields: Fields) -> "Parity":
        """Return the parity that `json` wrote."""
        n_images = fields.integer("n_images", low=1, high=10**9)
        measured = [fields.number(key, low=0, high=_LARGE) for key in ("logits", "probabilities", "maps")]
        lost = (
            fields.number_or_nan(key, low=-_LARGE, high=_LARGE)
            for key in ("auroc_lost", "sensitivity_lost", "decisions_changed")
        )
        return cls(n_images, *measured, *(None if math.isnan(value) else value for value in lost))


@dataclass(frozen=True, slots=True)
class ReducedPrecision(_FieldsRecord):
    """What a lower precision changes, measured on validation images when the bundle was made.

    Args:
        runtime: that computed.
        runtime_version: of it.
        precision: bfloat16.
        n_images: compared with float32.
        logits: largest error of the malignant log-odds.
        oddness: largest error of the out-of-distribution score, as a share of its limit; 0 without such a score.
        n_again: images near a border, which are computed again in float32.
        n_changed_alone: images on the other side of a border if nothing were computed again.
        n_changed: the same of the cascade.
    """

    runtime: str
    runtime_version: str
    precision: str
    n_images: int
    logits: float
    oddness: float
    n_again: int
    n_changed_alone: int
    n_changed: int

    @classmethod
    def from_fields(cls, fields: Fields) -> "ReducedPrecision":
        """Return the record that `json` wrote."""
        n_images = fields.integer("n_images", low=1, high=10**9)
        return cls(
            runtime=fields.text("runtime", longest=40),
            runtime_version=fields.text("runtime_version", longest=40),
            precision=fields.text("precision", longest=40),
            n_images=n_images,
            logits=fields.number("logits", low=0, high=_LARGE),
            oddness=fields.number("oddness", low=0, high=_LARGE),
            n_again=fields.integer("n_again", low=0, high=n_images),
            n_changed_alone=fields.integer("n_changed_alone", low=0, high=n_images),
            n_changed=fields.integer("n_changed", low=0, high=n_images),
        )


@dataclass(frozen=True, slots=True)
class References(_FieldsRecord):
    """Reference cases from the training data.

    Args:
        n_cases: how many.
        picture_side: of the small pictures; 0 without pictures.
        picture_licence: under which the owner shows them; empty without pictures.
    """

    n_cases: int
    picture_side: int
    picture_licence: str

    def __post_init__(self) -> None:
        if self.picture_side and not self.picture_licence.strip():
            raise BundleError("the bundle holds pictures of reference cases without a licence. Export it again.")

    @classmethod
    def from_fields(cls, fields: Fields) -> "References":
        """Return the record that `json` wrote."""
        return cls(
            fields.integer("n_cases", low=1, high=1_000_000),
            fields.integer("picture_side", low=0, high=256),
            fields.text("picture_licence", longest=500),
        )


@dataclass(frozen=True, slots=True)
class LicensedSource(_FieldsRecord):
    """Something the weights were made from, and its licence.

    Args:
        what: data or initial weights.
        licence: its name, or why it is not known.
        is_commercial: one of `COMMERCIAL`.
    """

    what: str
    licence: str
    is_commercial: str

    @classmethod
    def from_fields(cls, fields: Fields) -> "LicensedSource":
        """Return the source that `json` wrote."""
        named = fields.text("what", longest=500), fields.text("licence", longest=500)
        return cls(*named, fields.choice("is_commercial", COMMERCIAL))


@dataclass(frozen=True, slots=True)
class Licence(_FieldsRecord):
    """The permitted use of the weights.

    Args:
        use: one or two sentences.
        is_commercial: one of `COMMERCIAL`: the strictest of the sources, research use aside.
        sources: data and initial weights.
    """

    use: str
    is_commercial: str
    sources: tuple[LicensedSource, ...]

    @classmethod
    def from_fields(cls, fields: Fields) -> "Licence":
        """Return the licence that `json` wrote."""
        use, is_commercial = fields.text("use"), fields.choice("is_commercial", COMMERCIAL)
        return cls(use, is_commercial, fields.records("sources", LicensedSource.from_fields, most=100))
