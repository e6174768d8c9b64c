"""The record of a calibration and its file, calibration.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.config import CalibrateConfig
from lentigo.errors import BundleError, LeakageError, MetricError, PredictionsError
from lentigo.model.decision import ClassRule, DecisionRule, LowConfidenceBand, OperatingPoint, ProbabilityMap
from lentigo.numbers.calibration._calibration_file import PLAIN, READABLE, SCHEMA_VERSION, fields_of, map_as_json
from lentigo.numbers.calibration._choosing import Candidate, find_map
from lentigo.numbers.calibration._class_rule import fit_class_rule
from lentigo.numbers.calibration._conformal import Conformal
from lentigo.numbers.calibration._held_out import as_wanted, demanded_in_each
from lentigo.numbers.calibration._operating_points import describe_intervals, fit_operating_points, refuse_one_side
from lentigo.numbers.calibration._selective import ChosenBand, choose_band
from lentigo.numbers.calibration._source_temperature import LeftOutSource
from lentigo.numbers.metrics import Resampler, expected_calibration_error, negative_log_likelihood, top_label
from lentigo.numbers.predictions import Predictions
from lentigo.storage import read_json, sha256_of_names, write_json


@dataclass(frozen=True, slots=True)
class Calibration:
    """What validation decided: the change of probabilities, operating points, the low-confidence band, conformal sets.

    Args:
        probability_map: from the network's probabilities to calibrated ones.
        operating_points: thresholds on the calibrated malignant probability; the first one decides.
        classes: class names in the order of the network's outputs.
        malignant_classes: those of them that are malignant.
        nll_before: negative log likelihood on validation as predicted, in nats.
        nll_after: the same after calibration.
        ece_before: top-label ECE (15 equal-mass bins) on validation as predicted.
        ece_after: the same after calibration.
        n_images: labelled validation images.
        prevalence: share of them that is malignant: where the calibrated probabilities hold.
        candidates: how each method did on folds it was not fitted on; empty when the method was given.
        left_out: sources that the temperature was fitted for beside validation.
        low_confidence: the band around the first threshold in which a decision is too close to call.
        conformal: thresholds of class-conditional conformal sets.
        class_rule: which class is called; None for the most probable one.
        source_sha256: of the predictions file, 64 hex digits; None when they came from memory.
        images_sha256: of the sorted ids of the images, 64 hex digits; None in a file of schema version 1.
        intervals: how the intervals of the operating points were made.
        schema_version: of the file.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
        >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
        >>> fitted = Calibration.fit(said, malignant=["MEL"])
        >>> fitted.operating_points[0].name
        'sensitivity_95'
    """

    probability_map: ProbabilityMap
    operating_points: tuple[OperatingPoint, ...]
    classes: tuple[str, ...]
    malignant_classes: tuple[str, ...]
    nll_before: float
    nll_after: float
    ece_before: float
    ece_after: float
    n_images: int
    prevalence: float
    candidates: tuple[Candidate, ...] = ()
    left_out: tuple[LeftOutSource, ...] = ()
    low_confidence: ChosenBand | None = None
    conformal: Conformal | None = None
    class_rule: ClassRule | None = None
    source_sha256: str | None = None
    images_sha256: str | None = None
    intervals: str = "Wilson, every image independent"
    schema_version: int = SCHEMA_VERSION

    @property
    def temperature(self) -> float:
        """What divides the logits; NaN where another method than a temperature was chosen."""
        return self.probability_map.temperature

    @property
    def rule(self) -> DecisionRule:
        """The decision rule of this calibration."""
        band = self.low_confidence
        return DecisionRule(
            classes=self.classes,
            malignant_classes=self.malignant_classes,
            probability_map=self.probability_map,
            operating_points=self.operating_points,
            low_confidence=band and LowConfidenceBand(band.low, band.high, band.expected_share),
            prevalence=self.prevalence,
            class_rule=self.class_rule,
        )

    @classmethod
    def fit(
        cls,
        predictions: Predictions,
        *,
        malignant: Sequence[str],
        settings: CalibrateConfig | None = None,
        target_sensitivities: Sequence[float] | None = None,
        source_sha256: str | None = None,
        groups: npt.NDArray[np.generic] | None = None,
        unit: str = "image",
        left_out: Mapping[str, Predictions] | None = None,
        kept_in: npt.NDArray[np.str_] | None = None,
        fewest: int = 1,
        n_resamples: int = 2000,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> Self:
        """Return the calibration that fits validation predictions best.

        Args:
            predictions: on validation images, as the model made them; those without a target are left out.
            malignant: the malignant ones of the classes.
            settings: which method, which operating points, how wide a band, which error of conformal sets.
            target_sensitivities: one operating point each, in (0, 1]; those of `settings` when left out.
            source_sha256: of the predictions file.
            groups: (N,) lesion or patient of each image, for bootstrap intervals over them; None for Wilson's.
            unit: what a group is ("lesion", "patient").
            left_out: predictions on sources by networks that had not learned from them; the method is then one
                temperature for all of them and validation.
            kept_in: (N,) source of each image, empty where unknown: the sensitivities are kept in each of them. None to
                keep them over all images.
            fewest: malignant images of a source in which they are kept.
            n_resamples: number of bootstrap resamples, when there are groups.
            confidence: coverage of the intervals, in (0, 1).
            seed: of the resamples and of the folds on which methods are compared.

        Raises:
            MetricError: validation does not hold both malignant and benign images.
            PredictionsError: a malignant class is not one of the predictions' classes.

        Example:
            >>> rows = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
            >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 1, 1]), rows, ("NV", "MEL"))
            >>> Calibration.fit(said, malignant=["MEL"]).n_images
            3
        """
        settings = settings or CalibrateConfig()
        said = predictions.labelled()
        own = None if groups is None else np.asarray(groups)[predictions.target >= 0]
        is_malignant = said.is_malignant(malignant)
        refuse_one_side(is_malignant, malignant)
        found, candidates, sources = find_map(said, settings.method, groups=own, left_out=left_out, seed=seed)
        after = _changed(said, found)
        resampler = None
        if own is not None:
            resampler = Resampler.of(is_malignant.astype(np.int64), own, n_resamples=n_resamples, seed=seed)
        probability = after.malignant(malignant)
        wanted = target_sensitivities or settings.sensitivities
        demanded, source = wanted, None
        if kept_in is not None:
            source = np.asarray(kept_in)[predictions.target >= 0]
            demanded = [demanded_in_each(one, is_malignant, probability, source, fewest=fewest) for one in wanted]
        points = fit_operating_points(
            is_malignant,
            probability,
            settings=settings,
            target_sensitivities=demanded,
            resampler=resampler,
            unit=unit,
            confidence=confidence,
        )
        if kept_in is not None:
            points = as_wanted(points, wanted, "every source")
        return cls(
            probability_map=found,
            operating_points=points,
            classes=said.classes,
            malignant_classes=tuple(name for name in said.classes if name in malignant),
            nll_before=negative_log_likelihood(said.probabilities, said.target),
            nll_after=negative_log_likelihood(after.probabilities, said.target),
            ece_before=expected_calibration_error(*top_label(said.probabilities, said.target)),
            ece_after=expected_calibration_error(*top_label(after.probabilities, said.target)),
            n_images=len(said),
            prevalence=float(is_malignant.mean()),
            candidates=candidates,
            left_out=sources,
            low_confidence=choose_band(
                is_malignant,
                probability,
                threshold=points[0].threshold,
                target_missed=settings.missed,
                most_deferred=settings.most_deferred,
                kept_in=source,
                fewest=fewest,
            ),
            conformal=Conformal.fit(
                after.probabilities, said.target, said.classes, error=settings.conformal_error, groups=own, unit=unit
            ),
            class_rule=fit_class_rule(
                after.probabilities,
                said.target,
                said.classes,
                settings=settings,
                groups=said.image if own is None else own,
                unit=unit,
                confidence=confidence,
                seed=seed,
            ),
            source_sha256=source_sha256,
            images_sha256=sha256_of_names(said.image.tolist()),
            intervals=describe_intervals(resampler, unit, confidence),
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
        return _changed(predictions, self.probability_map)

    def refuse_own_images(self, predictions: Predictions, *, sha256: str | None = None) -> None:
        """Raise where predictions are those that this calibration was fitted on: its thresholds were chosen there.

        Args:
            predictions: about to be evaluated.
            sha256: of their file.

        Raises:
            LeakageError: they are the same file, or predictions on the same images.

        Example:
            >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
            >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
            >>> Calibration.fit(said, malignant=["MEL"]).refuse_own_images(said.select(np.array([0])))
        """
        is_same_file = sha256 is not None and sha256 == self.source_sha256
        if is_same_file or self.images_sha256 == sha256_of_names(predictions.labelled().image.tolist()):
            what = "file" if is_same_file else "images"
            raise LeakageError(
                f"These predictions are the {what} on which calibration and thresholds were chosen, so every result "
                "would be too optimistic. Evaluate on test images."
            )

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
            **map_as_json(self.probability_map),
            "candidates": [candidate.json() for candidate in self.candidates],
            "left_out": [source.json() for source in self.left_out],
            "operating_points": [point.json() for point in self.operating_points],
            "low_confidence": self.low_confidence and self.low_confidence.json(),
            "conformal": self.conformal and self.conformal.json(),
            **({"class_rule": self.class_rule.json()} if self.class_rule is not None else {}),
            **{name: list(getattr(self, name)) for name in ("classes", "malignant_classes")},
            **{name: getattr(self, name) for name in PLAIN},
        }

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the calibration in a calibration.json, of this schema version or the one before.

        Raises:
            MetricError: the file is missing, incomplete or of another schema version.

        Example:
            >>> Calibration.read(run / "calibration.json").malignant_classes
            ('malignant',)
        """
        payload = read_json(Path(path), error=MetricError)
        version = payload.get("schema_version")
        if version not in READABLE:
            raise MetricError(
                f"{path} has schema version {version}; this lentigo reads {' and '.join(map(str, READABLE))}. "
                "Run 'lentigo calibrate' again."
            )
        try:
            return cls(**fields_of(payload))
        except (KeyError, TypeError, ValueError, MetricError, BundleError) as error:
            raise MetricError(
                f"{path} is not a complete calibration ({error!r}). Run 'lentigo calibrate' again."
            ) from error


def _changed(said: Predictions, found: ProbabilityMap) -> Predictions:
    return Predictions(said.image, said.target, found.apply(said.probabilities), said.classes)
