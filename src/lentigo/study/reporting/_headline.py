"""The headline of a run, by the one rule that page, report and card follow (`lentigo.model.ModelHeadline`)."""

import dataclasses

from lentigo.model import MeasuredFigures, ModelHeadline
from lentigo.numbers.evaluation import measured_by
from lentigo.study.reporting._inputs import RunFacts


def headline_of(facts: RunFacts) -> ModelHeadline | None:
    """Return the headline of a run; None where no threshold was chosen, or there are no malignant or benign images."""
    point, evaluation = facts.point, facts.inputs.evaluation
    if point is None or not (point.sensitivity.is_defined and point.specificity.is_defined):
        return None
    measured = measured_by(evaluation)
    whole = next((one for one in measured if not one.name), MeasuredFigures("", evaluation.n_images))
    named = [one for one in measured if one.name]
    return ModelHeadline.of(
        dataclasses.replace(whole, sensitivity=point.sensitivity, specificity=point.specificity),
        tuple(one for one in named if not one.is_left_out),
        tuple(one for one in named if one.is_left_out),
        names_diagnoses=facts.names_diagnoses,
        by_photograph=facts.by_photograph,
    )
