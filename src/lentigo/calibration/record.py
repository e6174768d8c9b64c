"""The record of a calibration and its file, calibration.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.calibration.operating_point import OperatingPoint, fit_operating_point
from lentigo.calibration.temperature import apply_temperature, fit_temperature
from lentigo.errors import MetricError, PredictionsError, name_offenders
from lentigo.metrics.bootstrap import Resampler
from lentigo.metrics.calibration import expected_calibration_error, negative_log_likelihood, top_label
from lentigo.predictions import Predictions
from lentigo.storage import read_json, write_json

__all__ = ["SCHEMA_VERSION", "Calibration"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Calibration:
    """A temperature and operating points, and the validation predictions they come from.

    Args:
        temperature: divides the logits of the network.
        operating_points: thresholds on the malignant probability *after* the temperature.
        classes: class names in the order of the network's outputs.
        malignant_classes: those of them that are malignant.
        nll_before: negative log likelihood on validation as predicted, in nats.
        nll_after: the same after the temperature.
        ece_before: top-label ECE (15 equal-mass bins) on validation as predicted.
        ece_after: the same after the temperature.
        n_images: labelled validation images.
        source_sha256: of the predictions file, 64 hex digits; None when they came from memory.
        intervals: how the intervals of the operating points were made.
        schema_version: of the file.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
        >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
        >>> fitted = Calibration.fit(said, malignant=["MEL"])
        >>> fitted.operating_points[0].name
        'sensitivity_95'
    """

    temperature: float
    operating_points: tuple[OperatingPoint, ...]
    classes: tuple[str, ...]
    malignant_classes: tuple[str, ...]
    nll_before: float
    nll_after: float
    ece_before: float
    ece_after: float
    n_images: int
    source_sha256: str | None = None
    intervals: str = "Wilson, every image independent"
    schema_version: int = SCHEMA_VERSION

    @classmethod
    def fit(
        cls,
        predictions: Predictions,
        *,
        malignant: Sequence[str],
        target_sensitivities: Sequence[float] = (0.95,),
        source_sha256: str | None = None,
        groups: npt.NDArray[np.generic] | None = None,
        unit: str = "image",
        n_resamples: int = 2000,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> Self:
        """Return the calibration that fits validation predictions best.

        Args:
            predictions: on validation images, as the model made them; those without a target are left out.
            malignant: the malignant ones of the classes.
            target_sensitivities: one operating point each, in (0, 1].
            source_sha256: of the predictions file.
            groups: (N,) lesion or patient of each image, for bootstrap intervals over them; None for Wilson's.
            unit: what a group is ("lesion", "patient").
            n_resamples: number of bootstrap resamples, when there are groups.
            confidence: coverage of the intervals, in (0, 1).
            seed: of the resamples.

        Raises:
            MetricError: validation does not hold both malignant and benign images.
            PredictionsError: a malignant class is not one of the predictions' classes.

        Example:
            >>> rows = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
            >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 1, 1]), rows, ("NV", "MEL"))
            >>> Calibration.fit(said, malignant=["MEL"]).n_images
            3
        """
        is_labelled = predictions.target >= 0
        said = predictions.labelled()
        is_malignant = said.is_malignant(malignant)
        _refuse_one_side(is_malignant, malignant)
        temperature = fit_temperature(said.probabilities, said.target)
        after = _rescaled(said, temperature)
        resampler = None
        if groups is not None:
            drawn_by = is_malignant.astype(np.int64)
            resampler = Resampler.of(drawn_by, np.asarray(groups)[is_labelled], n_resamples=n_resamples, seed=seed)
        return cls(
            temperature=temperature,
            operating_points=tuple(
                fit_operating_point(
                    is_malignant,
                    after.malignant(malignant),
                    target_sensitivity=wanted,
                    resampler=resampler,
                    unit=unit,
                    confidence=confidence,
                )
                for wanted in target_sensitivities
            ),
            classes=said.classes,
            malignant_classes=tuple(name for name in said.classes if name in malignant),
            nll_before=negative_log_likelihood(said.probabilities, said.target),
            nll_after=negative_log_likelihood(after.probabilities, said.target),
            ece_before=expected_calibration_error(*top_label(said.probabilities, said.target)),
            ece_after=expected_calibration_error(*top_label(after.probabilities, said.target)),
            n_images=len(said),
            source_sha256=source_sha256,
            intervals=_describe_intervals(resampler, unit, confidence),
        )

    def apply(self, predictions: Predictions) -> Predictions:
        """Return the predictions with calibrated probabilities.

        Raises:
            PredictionsError: their classes, or the order of them, are not those the calibration was fitted on.

        Example:
            >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
            >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
            >>> Calibration.fit(said, malignant=["MEL"]).apply(said).classes
            ('NV', 'MEL')
        """
        if predictions.classes != self.classes:
            raise PredictionsError(
                f"The calibration is for the classes {', '.join(self.classes)}; "
                f"the predictions have {', '.join(predictions.classes)}. Calibrate on predictions of the same model."
            )
        return _rescaled(predictions, self.temperature)

    def write(self, path: str | Path) -> None:
        """Write calibration.json, all of it or nothing.

        Example:
            >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
            >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
            >>> Calibration.fit(said, malignant=["MEL"]).write(folder / "calibration.json")
        """
        write_json(Path(path), self.json())

    def json(self) -> dict[str, Any]:
        """Return the calibration as JSON types, its schema version first."""
        return {
            "schema_version": self.schema_version,
            "temperature": self.temperature,
            "operating_points": [point.json() for point in self.operating_points],
            "classes": list(self.classes),
            "malignant_classes": list(self.malignant_classes),
            "nll_before": self.nll_before,
            "nll_after": self.nll_after,
            "ece_before": self.ece_before,
            "ece_after": self.ece_after,
            "n_images": self.n_images,
            "source_sha256": self.source_sha256,
            "intervals": self.intervals,
        }

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the calibration in a calibration.json.

        Raises:
            MetricError: the file is missing, incomplete or of another schema version.

        Example:
            >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
            >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
            >>> Calibration.fit(said, malignant=["MEL"]).write(folder / "calibration.json")
            >>> Calibration.read(folder / "calibration.json").malignant_classes
            ('MEL',)
        """
        payload = read_json(Path(path), error=MetricError)
        version = payload.get("schema_version")
        if version != SCHEMA_VERSION:
            raise MetricError(
                f"{path} has schema version {version}; this lentigo reads {SCHEMA_VERSION}. "
                "Run 'lentigo calibrate' again."
            )
        try:
            return cls(
                temperature=float(payload["temperature"]),
                operating_points=tuple(map(OperatingPoint.from_json, payload["operating_points"])),
                classes=tuple(payload["classes"]),
                malignant_classes=tuple(payload["malignant_classes"]),
                n_images=int(payload["n_images"]),
                source_sha256=payload["source_sha256"],
                intervals=str(payload["intervals"]),
                nll_before=float(payload["nll_before"]),
                nll_after=float(payload["nll_after"]),
                ece_before=float(payload["ece_before"]),
                ece_after=float(payload["ece_after"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise MetricError(
                f"{path} is no complete calibration ({error!r}). Run 'lentigo calibrate' again."
            ) from error


def _rescaled(said: Predictions, temperature: float) -> Predictions:
    return Predictions(said.image, said.target, apply_temperature(said.probabilities, temperature), said.classes)


def _refuse_one_side(is_malignant: npt.NDArray[np.bool_], malignant: Sequence[str]) -> None:
    n_malignant = int(is_malignant.sum())
    if 0 < n_malignant < is_malignant.size:
        return
    missing = "malignant" if n_malignant == 0 else "benign"
    raise MetricError(
        f"The {is_malignant.size} labelled validation images hold no {missing} one "
        f"(malignant are: {name_offenders(malignant) or 'none of the classes'}). "
        "A threshold needs both: cut a validation set with both, by 'lentigo split' for one."
    )


def _describe_intervals(resampler: Resampler | None, unit: str, confidence: float) -> str:
    if resampler is None:
        return f"{confidence:.0%} Wilson, every image independent"
    return f"{confidence:.0%} percentile bootstrap, {resampler.n_resamples} resamples of {resampler.n_clusters} {unit}s"
