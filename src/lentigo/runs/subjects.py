"""What can be stressed, a run or a bundle: pixels in, calibrated predictions out."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from lentigo.bundle.files import RECORD, is_bundle
from lentigo.config import Config
from lentigo.errors import ConfigError, LentigoError, suggest
from lentigo.images import Preprocess
from lentigo.models import place_of, refuse_no_model
from lentigo.predictions import Predictions
from lentigo.runs.asking import Predictor
from lentigo.runs.layout import Run, taxonomy_of_bundle
from lentigo.storage import sha256_of
from lentigo.taxonomy import Taxonomy

if TYPE_CHECKING:  # onnxruntime is loaded when a bundle is stressed, not before
    from lentigo.bundle.runtime import Bundle

__all__ = ["Refusing", "Stressed", "Subject", "open_subject"]

Pixels = npt.NDArray[np.uint8]


class Subject(Protocol):
    """A model that can be stressed."""

    @property
    def preprocess(self) -> Preprocess:
        """From a picture to the pixels it is asked with."""
        ...

    @property
    def malignant_classes(self) -> tuple[str, ...]:
        """Those of its classes that are malignant."""
        ...

    def predictions(self, pixels: Pixels) -> Predictions:
        """Return calibrated predictions on fitted pixels (N, size, size, 3), any N; ids are row numbers."""
        ...


@runtime_checkable
class Refusing(Protocol):
    """A model that may give no answer: a bundle, with its input gate, its score and its band."""

    def judge(self, pixels: Pixels, size: tuple[int, int]) -> tuple[Predictions, npt.NDArray[np.bool_]]:
        """Return what `predictions` does, and which photographs get no answer; `size` is that of the photograph."""
        ...


@dataclass(frozen=True, slots=True)
class Stressed:
    """A model opened to be stressed.

    Args:
        subject: that answers.
        run: its run folder; None for a bundle.
        config: the run's settings; the defaults for a bundle.
        taxonomy: the side of each diagnosis.
        thresholds: on the calibrated malignant probability, by name of the operating point; the first decides.
        provenance: of the model, for the record.
    """

    subject: Subject
    run: Run | None
    config: Config
    taxonomy: Taxonomy
    thresholds: dict[str, float]
    provenance: dict[str, Any]

    def point(self, name: str | None) -> tuple[str, float]:
        """Return name and threshold of an operating point, the first when None.

        Raises:
            LentigoError: there is none of that name.
        """
        name = next(iter(self.thresholds)) if name is None else name
        if name not in self.thresholds:
            known = ", ".join(self.thresholds)
            near = suggest(name, list(self.thresholds))
            raise LentigoError(f"the model has no operating point '{name}'.{near} It has: {known}.")
        return name, self.thresholds[name]


def open_subject(model: str | Path, *, views: int | None, config: Config | None = None) -> Stressed:
    """Return a run, a bundle or the shipped one, ready to be stressed.

    Args:
        model: a run folder, a bundle's, or "lentigo".
        views: 1 or 8 of each picture; the model's own when None.
        config: for a bundle: aliases of diagnoses, resamples and confidence; a run has its own.

    Raises:
        CheckpointError: it is no model.
        ConfigError: other views are asked of a bundle, whose network has its own inside.
    """
    refuse_no_model(model)
    return _bundle(place_of(model), views, config or Config()) if is_bundle(Path(model)) else _run(Path(model), views)


def _run(folder: Path, views: int | None) -> Stressed:
    run = Run.open(folder)
    config, predictor = run.config(), Predictor.load(folder)
    chosen = views or config.predict.views
    predictor = dataclasses.replace(predictor, classifier=dataclasses.replace(predictor.classifier, views=chosen))
    return Stressed(
        _RunSubject(predictor),
        run,
        config,
        run.taxonomy(),
        {point.name: point.threshold for point in predictor.calibration.operating_points},
        {
            "model": run.folder.resolve().name,
            "views": chosen,
            "views_of_model": config.predict.views,
            "calibration_sha256": sha256_of(run.calibration_path),
        },
    )


def _bundle(folder: Path, views: int | None, config: Config) -> Stressed:
    from lentigo.bundle.runtime import Bundle

    bundle = Bundle.load(folder)
    own = bundle.record.network.views
    if views not in {None, own}:
        raise ConfigError(f"the network of {folder.name} has {own} view(s) of each picture inside: leave --views out.")
    return Stressed(
        _BundleSubject(bundle),
        None,
        config,
        taxonomy_of_bundle(bundle.record, config),
        {point.name: point.threshold for point in bundle.record.operating_points},
        {
            "model": bundle.record.name,
            "views": own,
            "views_of_model": own,
            "bundle_sha256": sha256_of(folder / RECORD),
        },
    )


@dataclass(frozen=True, slots=True)
class _RunSubject:
    predictor: Predictor

    @property
    def preprocess(self) -> Preprocess:
        return self.predictor.classifier.preprocess

    @property
    def malignant_classes(self) -> tuple[str, ...]:
        return self.predictor.calibration.malignant_classes

    def predictions(self, pixels: Pixels) -> Predictions:
        classifier, step = self.predictor.classifier, self.predictor.batch_size
        said = [classifier.probabilities(pixels[start : start + step]) for start in range(0, len(pixels), step)]
        return self.predictor.calibration.apply(_unlabelled(np.concatenate(said), classifier.classes))


@dataclass(frozen=True, slots=True)
class _BundleSubject:
    bundle: "Bundle"

    @property
    def preprocess(self) -> Preprocess:
        return Preprocess(self.bundle.record.image)

    @property
    def malignant_classes(self) -> tuple[str, ...]:
        return self.bundle.record.malignant_classes

    def predictions(self, pixels: Pixels) -> Predictions:
        network, step = self.bundle.network, self.bundle.batch_size
        logits = [network.run(pixels[start : start + step]).logits for start in range(0, len(pixels), step)]
        return _unlabelled(self.bundle.record.calibration.apply(np.concatenate(logits)), self.bundle.classes)

    def judge(self, pixels: Pixels, size: tuple[int, int]) -> tuple[Predictions, npt.NDArray[np.bool_]]:
        from lentigo.bundle.answer import CANNOT_ASSESS
        from lentigo.bundle.look import content_box, look_at
        from lentigo.bundle.session import Outputs

        image, step = self.bundle.record.image, self.bundle.batch_size
        box = content_box(*size, image.size, image.fit)
        looks = [look_at(one[box], min(size)) for one in pixels]
        parts = [self.bundle.network.run(pixels[start : start + step]) for start in range(0, len(pixels), step)]
        logits, embedding = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("logits", "embedding")
        )
        answers = self.bundle.answers_from(Outputs(logits, None, embedding), looks, [""] * len(pixels))
        said = _unlabelled(self.bundle.record.calibration.apply(logits), self.bundle.classes)
        return said, np.array([answer.decision == CANNOT_ASSESS for answer in answers])


def _unlabelled(rows: npt.NDArray[np.float64], classes: tuple[str, ...]) -> Predictions:
    return Predictions(np.arange(len(rows)).astype(np.str_), np.full(len(rows), -1), rows, classes)
