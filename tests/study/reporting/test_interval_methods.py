"""The methods of intervals that are named are those in use: all of them with many patients, few with a few."""

import numpy as np
import pytest

from lentigo.model.decision import Estimate, OperatingPoint
from lentigo.numbers.evaluation import Evaluation, evaluate
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting._interval_methods import interval_methods


def evaluated(n_patients: int, each: int) -> Evaluation:
    rng = np.random.default_rng(1)
    target = np.tile([1, 0], n_patients * each // 2)
    malignant = 1 / (1 + np.exp(-rng.normal(2.0 * target - 1, 1)))
    names = np.arange(len(target)).astype(str)
    said = Predictions(names, target, np.stack([1 - malignant, malignant], axis=1), ("NV", "MEL"))
    patients = np.repeat(np.arange(n_patients), each)
    point = OperatingPoint("sensitivity_95", 0.4, 0.95, Estimate(0.95, 0.9, 1, 9), Estimate(0.7, 0.6, 0.8, 9), 9, 9)
    return evaluate(said, malignant=["MEL"], groups=patients, unit="patient", operating_points=[point], n_resamples=100)


def test_many_patients_are_resampled_in_all_ways() -> None:
    assert interval_methods(evaluated(60, 4)) == (
        "bootstrap (BCa; Wilson by effective size for proportions; jackknife t for slope and intercepts; "
        "test inversion for ECE), 100 resamples of 60 patients, stratified by class"
    )
    assert interval_methods(evaluated(60, 4), of_probabilities=False) == (
        "bootstrap (BCa; Wilson by effective size for proportions), 100 resamples of 60 patients, stratified by class"
    )


@pytest.mark.parametrize("n_patients", [3, 6])
def test_few_patients_are_not_said_to_be_resampled(n_patients: int) -> None:
    """Of 13 images of 3 patients a table named BCa, the jackknife and test inversion, and used none of them."""
    said = interval_methods(evaluated(n_patients, 4))
    assert said == f"Wilson by effective size for proportions, of {n_patients} patients, too few to resample"
