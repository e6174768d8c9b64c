"""The record of a stress test and its file, stress.json."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from lentigo.errors import MetricError
from lentigo.model.decision import Estimate
from lentigo.storage import read_json, write_json

SCHEMA_VERSION: Final = 1
FIGURES: Final = ("sensitivity", "specificity", "auroc")
REFUSAL: Final = ("refused", "missed")  # of a model that may give no answer: a bundle
CELL_FIGURES: Final = (*FIGURES, *(f"{name}_change" for name in FIGURES), "flip_rate", "probability_change")


@dataclass(frozen=True, slots=True)
class StrengthResult:
    """What one corruption of one strength does.

    Args:
        strength: 1 to 5.
        amount: what that means ("5,000 K").
        sensitivity: at the stored threshold, of those answered.
        specificity: likewise.
        auroc: of malignant against benign.
        sensitivity_change: against the same images intact, below 0 for a loss; the interval is a paired one.
        specificity_change: likewise.
        auroc_change: likewise.
        flip_rate: share of images whose decision is another.
        probability_change: mean absolute change of the malignant probability.
        refused: share of images without an answer; None for a model that always answers.
        missed: share of all malignant images that are called benign-looking; None likewise.

    Example:
        >>> same = Estimate(0.0, math.nan, math.nan, n=9, reason="no change in any resample")
        >>> less = Estimate(-0.1, -0.2, -0.02, n=9)
        >>> StrengthResult(1, "5 hairs", same, same, same, same, less, same, same, same).loss.value
        0.1
    """

    strength: int
    amount: str
    sensitivity: Estimate
    specificity: Estimate
    auroc: Estimate
    sensitivity_change: Estimate
    specificity_change: Estimate
    auroc_change: Estimate
    flip_rate: Estimate
    probability_change: Estimate
    refused: Estimate | None = None
    missed: Estimate | None = None

    @property
    def worse(self) -> str:
        """Which loses more, "sensitivity" or "specificity"; sensitivity in a draw, or where specificity is unknown."""
        sensitivity, specificity = self.sensitivity_change.value, self.specificity_change.value
        return "specificity" if specificity < sensitivity or math.isnan(sensitivity) else "sensitivity"

    @property
    def loss(self) -> Estimate:
        """What the one that loses more has lost, in 0..1; below 0 where both have gained."""
        change: Estimate = getattr(self, f"{self.worse}_change")
        return Estimate(-change.value, -change.high, -change.low, change.n, change.reason)

    @property
    def is_certain(self) -> bool:
        """Whether the interval of the loss excludes zero."""
        return self.loss.has_interval and self.loss.low > 0

    def json(self) -> dict[str, Any]:
        """Return the cell as JSON types."""
        figures = {name: getattr(self, name).json() for name in CELL_FIGURES}
        extra = {name: share.json() for name in REFUSAL if (share := getattr(self, name)) is not None}
        return {"strength": self.strength, "amount": self.amount, **figures, **extra}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the cell that `json` wrote.

        Raises:
            KeyError: a field is missing.
        """
        names = [*CELL_FIGURES, *(name for name in REFUSAL if name in payload)]
        figures = {name: Estimate.from_json(payload[name]) for name in names}
        return cls(int(payload["strength"]), str(payload["amount"]), **figures)


@dataclass(frozen=True, slots=True)
class CorruptionResult:
    """What one corruption does at its five strengths.

    Args:
        key: its name in files.
        name: its name for people.
        cells: one a strength, the mildest first.

    Example:
        >>> same = Estimate(0.0, math.nan, math.nan, n=9, reason="no change in any resample")
        >>> CorruptionResult("hair", "hair", (StrengthResult(1, "5 hairs", *[same] * 8),)).mean_loss
        0.0
    """

    key: str
    name: str
    cells: tuple[StrengthResult, ...]

    @property
    def mean_loss(self) -> float:
        """The loss of the figure that loses more, never below 0, averaged over the strengths: what orders the rows."""
        return sum(max(0.0, cell.loss.value) for cell in self.cells) / len(self.cells)

    @property
    def mean_flips(self) -> float:
        """The share of changed decisions, averaged over the strengths."""
        return sum(cell.flip_rate.value for cell in self.cells) / len(self.cells)

    @property
    def worst(self) -> StrengthResult:
        """The strength that loses most; the milder one in a draw."""
        return max(self.cells, key=lambda cell: cell.loss.value)

    def json(self) -> dict[str, Any]:
        """Return the row as JSON types."""
        return {"key": self.key, "name": self.name, "strengths": [cell.json() for cell in self.cells]}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the row that `json` wrote.

        Raises:
            KeyError: a field is missing.
        """
        cells = tuple(map(StrengthResult.from_json, payload["strengths"]))
        return cls(str(payload["key"]), str(payload["name"]), cells)


@dataclass(frozen=True, slots=True)
class StressReport:
    """The results of a model on the same images after corruption.

    Args:
        endured: one per corruption, the most harmful first.
        clean: sensitivity, specificity and AUROC on the intact images.
        n_images: that were evaluated.
        n_malignant: of them.
        unit: what was resampled: "patient", "lesion" or "image".
        n_units: how many of them.
        threshold: on the calibrated malignant probability.
        n_resamples: of the bootstrap.
        confidence: of the intervals, in (0, 1).
        seed: of the sample, the corruptions and the resamples.
        provenance: model, data and where both come from.
        schema_version: of the file.

    Example:
        >>> StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0).schema_version
        1
    """

    endured: tuple[CorruptionResult, ...]
    clean: Mapping[str, Estimate]
    n_images: int
    n_malignant: int
    unit: str
    n_units: int
    threshold: float
    n_resamples: int
    confidence: float
    seed: int
    provenance: Mapping[str, Any] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def worst(self) -> CorruptionResult:
        """The most harmful corruption."""
        return self.endured[0]

    def json(self) -> dict[str, Any]:
        """Return the report as JSON types, its schema version first."""
        return {
            "schema_version": self.schema_version,
            "n_images": self.n_images,
            "n_malignant": self.n_malignant,
            "threshold": self.threshold,
            "resampling": {
                "unit": self.unit,
                "n_units": self.n_units,
                "n_resamples": self.n_resamples,
                "confidence": self.confidence,
            },
            "seed": self.seed,
            "clean": {name: figure.json() for name, figure in self.clean.items()},
            "corruptions": [row.json() for row in self.endured],
            "provenance": dict(self.provenance),
        }

    def write(self, path: str | Path) -> None:
        """Write stress.json, all of it or nothing.

        Example:
            >>> StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0).write(folder / "stress.json")
        """
        write_json(Path(path), self.json())

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the report in a stress.json.

        Raises:
            MetricError: the file is missing, incomplete or of another schema version.

        Example:
            >>> StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0).write(folder / "stress.json")
            >>> StressReport.read(folder / "stress.json").threshold
            0.5
        """
        payload = read_json(Path(path), error=MetricError)
        version = payload.get("schema_version")
        if version != SCHEMA_VERSION:
            raise MetricError(
                f"{path} has schema version {version}; this lentigo reads {SCHEMA_VERSION}. Run 'lentigo stress' again."
            )
        try:
            how = payload["resampling"]
            return cls(
                endured=tuple(map(CorruptionResult.from_json, payload["corruptions"])),
                clean={name: Estimate.from_json(figure) for name, figure in payload["clean"].items()},
                n_images=int(payload["n_images"]),
                n_malignant=int(payload["n_malignant"]),
                unit=str(how["unit"]),
                n_units=int(how["n_units"]),
                threshold=float(payload["threshold"]),
                n_resamples=int(how["n_resamples"]),
                confidence=float(how["confidence"]),
                seed=int(payload["seed"]),
                provenance=payload["provenance"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise MetricError(
                f"{path} is not a complete stress test ({error!r}). Run 'lentigo stress' again."
            ) from error
