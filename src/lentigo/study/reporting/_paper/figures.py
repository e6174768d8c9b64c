"""Which figures an evaluation has, and their files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from lentigo.numbers.evaluation import CohortCount, Evaluation
from lentigo.numbers.predictions import Predictions
from lentigo.storage import write_text
from lentigo.study.reporting._cohort import Flow, flow_of
from lentigo.study.reporting._consequences import net_benefit_drawing
from lentigo.study.reporting._discrimination import precision_recall_drawing, roc_drawing
from lentigo.study.reporting._drawing import Drawing
from lentigo.study.reporting._inputs import ReportInputs, RunFacts
from lentigo.study.reporting._learning import losses_drawing, penalties_drawing, scores_drawing
from lentigo.study.reporting._paper.captions import FILE, captions_of, captions_text
from lentigo.study.reporting._paper.drawings import confusion_drawing, flow_drawing, forest_drawing
from lentigo.study.reporting._paper.saving import Format, save_drawing
from lentigo.study.reporting._probabilities import reliability_drawing

_NAMES: Final = {
    "reliability-after": "reliability",
    "net-benefit": "decision-curve",
    "losses": "learning-loss",
    "scores": "learning-scores",
    "penalties": "learning-penalty",
}
"""Files are called by what a paper calls them; in the page the names keep ids apart."""


@dataclass(frozen=True, slots=True, eq=False)
class PaperInputs:
    """What the figures and tables of a paper are made of.

    Args:
        evaluation: with its detail.
        is_malignant: (N,) truth.
        probability: (N,) malignant probability, as it was evaluated.
        history: of a run, one record an epoch; empty for predictions alone.
        cohort: of an external test, who the images show, counted when the data were at hand.
        facts: of a run; None for predictions alone, which have no training, cohort or flow.

    Example:
        >>> PaperInputs.__slots__[0]
        'evaluation'
    """

    evaluation: Evaluation
    is_malignant: npt.NDArray[np.bool_]
    probability: npt.NDArray[np.float64]
    history: Sequence[Mapping[str, Any]] = ()
    facts: RunFacts | None = None
    cohort: tuple[CohortCount, ...] = ()

    @classmethod
    def of_run(cls, inputs: ReportInputs) -> Self:
        """Return those of a run, from what its report shows."""
        facts = RunFacts.of(inputs)
        return cls(inputs.evaluation, facts.is_malignant, facts.probability, inputs.history, facts)

    @classmethod
    def of_predictions(
        cls, evaluation: Evaluation, predictions: Predictions, cohort: tuple[CohortCount, ...] = ()
    ) -> Self:
        """Return those of predictions, all labelled, their evaluation, and who the images show where it was counted."""
        malignant = evaluation.malignant_classes
        truth, probability = predictions.is_malignant(malignant), predictions.malignant(malignant)
        return cls(evaluation, truth, probability, cohort=cohort)

    @property
    def flow(self) -> Flow | None:
        """The way of the images of a run."""
        return None if self.facts is None else flow_of(self.facts)


def drawings_of(inputs: PaperInputs) -> list[Drawing]:
    """Return the figures that the inputs have, ready to be drawn."""
    evaluation, truth, probability = inputs.evaluation, inputs.is_malignant, inputs.probability
    drawings: list[Drawing] = []
    if truth.any() and not truth.all():
        drawings += [
            roc_drawing(evaluation, truth, probability),
            precision_recall_drawing(evaluation, truth, probability),
        ]
    drawings.append(reliability_drawing(truth, probability, evaluation.resampling.confidence, calibrated=True))
    detail = evaluation.detail
    if detail is not None and detail.at_prevalence is not None:
        drawings.append(net_benefit_drawing(detail.at_prevalence))
    drawings.append(confusion_drawing(evaluation))
    forest = None if detail is None or detail.subgroups is None else forest_drawing(detail.subgroups, evaluation)
    drawings += [] if forest is None else [forest]
    if any("epoch" in record for record in inputs.history):
        keep = "best" if inputs.facts is None else inputs.facts.inputs.config.train.keep
        drawings += [losses_drawing(inputs.history, keep), scores_drawing(inputs.history, keep)]
    elif any("penalty" in record for record in inputs.history):
        drawings.append(penalties_drawing(inputs.history))
    drawings += [] if inputs.flow is None else [flow_drawing(inputs.flow)]
    return [replace(drawing, name=_NAMES.get(drawing.name, drawing.name)) for drawing in drawings]


def write_figures(inputs: PaperInputs, folder: Path, *, formats: tuple[Format, ...], columns: int) -> list[str]:
    """Return the names of the files written into a folder that exists: the figures, and their captions."""
    drawings = drawings_of(inputs)
    names = [name for drawing in drawings for name in save_drawing(drawing, folder, formats, columns=columns)]
    write_text(folder / FILE, captions_text(captions_of(drawings, inputs)))
    return [*names, FILE]
