"""A trained run, ready to be asked: torch, and the same answers as its bundle gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lentigo.bundle.answer import BENIGN_LOOKING, REFER, SLACK, Answer, ask
from lentigo.bundle.mapping import check_prevalence, shift_odds, shift_threshold
from lentigo.calibration import Calibration, OperatingPoint
from lentigo.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.runs.layout import Run

if TYPE_CHECKING:  # torch is loaded when a run is asked, not before
    from lentigo.modeling.classifier import Classifier

__all__ = ["Predictor"]


@dataclass(frozen=True, slots=True)
class Predictor:
    """A trained run, ready to be asked.

    It has no input gate and no out-of-distribution score: those are fitted when it is exported.

    Args:
        classifier: the network.
        calibration: temperature and operating points, chosen on validation.
        batch_size: how many images go through the network at once.

    Example:
        >>> predictor = Predictor.load(run)
        >>> [answer.decision in ("refer", "benign-looking") for answer in predictor.answers([photo])]
        [True]
    """

    classifier: "Classifier"
    calibration: Calibration
    batch_size: int = 64

    @classmethod
    def load(cls, folder: str | Path) -> "Predictor":
        """Return the predictor of a run folder.

        Raises:
            CheckpointError: the folder is no finished run.
        """
        from lentigo.modeling.classifier import Classifier

        run = Run.open(Path(folder))
        run.refuse_unfinished()
        config = run.config()
        classifier = Classifier.load(run.checkpoints(), views=config.predict.views)
        return cls(classifier, run.calibration(), config.predict.batch_size)

    @property
    def operating_point(self) -> OperatingPoint:
        """The one that decides: the first."""
        return self.calibration.operating_points[0]

    @property
    def classes(self) -> tuple[str, ...]:
        """What the probabilities are of, in order."""
        return self.classifier.classes

    @property
    def is_malignant(self) -> NDArray[np.bool_]:
        """Which classes are malignant, shape (K,)."""
        return np.isin(self.classes, self.calibration.malignant_classes)

    def threshold(self, prevalence: float | None = None) -> float:
        """Return the malignant probability from which on to refer; with a prevalence it moves as probabilities do."""
        threshold = self.operating_point.threshold
        if prevalence is None:
            return threshold
        check_prevalence(prevalence)
        return shift_threshold(threshold, source=self.calibration.prevalence, target=prevalence)

    def answers(
        self,
        paths: Sequence[Path],
        *,
        names: Sequence[str] | None = None,
        prevalence: float | None = None,
        track: Track = silent,
    ) -> Iterator[Answer]:
        """Return an iterator over one answer an image, in order, in memory that does not grow with their number.

        Args:
            paths: the image files.
            names: what to call them; the paths when left out.
            prevalence: share of malignant lesions where the answers are used; that of validation when left out.
            track: draws progress.

        """
        if prevalence is not None:
            check_prevalence(prevalence)

        def judge(pixels: list[NDArray[np.uint8]], here: list[str]) -> list[Answer]:
            return self._judge(np.stack(pixels), here, prevalence)

        decode = self.classifier.preprocess.pixels
        return ask(paths, names, decode, judge, batch_size=self.batch_size, track=track)

    def _judge(self, pixels: NDArray[np.uint8], names: Sequence[str], prevalence: float | None) -> list[Answer]:
        rows = self.classifier.probabilities(pixels)
        unlabelled = np.full(len(rows), -1)
        said = self.calibration.apply(Predictions(np.arange(len(rows)).astype(str), unlabelled, rows, self.classes))
        is_called = said.malignant(self.calibration.malignant_classes) >= self.operating_point.threshold - SLACK
        shares = said.probabilities
        if prevalence is not None:
            shares = shift_odds(shares, self.is_malignant, source=self.calibration.prevalence, target=prevalence)
        malignant = np.minimum(shares[:, self.is_malignant].sum(axis=1), 1.0)
        threshold = self.threshold(prevalence)
        return [
            Answer(
                name,
                dict(zip(self.classes, row.tolist(), strict=True)),
                float(chance),
                REFER if called else BENIGN_LOOKING,
                threshold=threshold,
            )
            for name, row, chance, called in zip(names, shares, malignant, is_called, strict=True)
        ]
