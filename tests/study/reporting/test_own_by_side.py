"""A run of many classes beside data of two sides: what the own test's figures are of is said."""

import numpy as np

from lentigo.config import EvaluateConfig
from lentigo.numbers.evaluation import LabelledPredictions, external_test
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting import external_table
from lentigo.study.reporting._sheets.external import _drop

SIDES = ("benign", "malignant")
CLASSES = ("MEL", "NV", "BKL")
FEW = EvaluateConfig(n_resamples=100)


def made(classes: tuple[str, ...], n: int = 60) -> Predictions:
    rng = np.random.default_rng(0)
    target = np.arange(n) % len(classes)
    rows = rng.dirichlet(np.ones(len(classes)), n) + 0.5 * np.eye(len(classes))[target]
    return Predictions(np.array([f"i{k}" for k in range(n)]), target, rows / rows.sum(axis=1, keepdims=True), classes)


def test_an_own_test_reduced_to_sides_is_said_to_be_other_than_the_run_s_evaluation() -> None:
    there = LabelledPredictions(made(SIDES), SIDES[1:])
    reduced = external_test(there, LabelledPredictions(made(CLASSES), ("MEL",)), mapping="by side", settings=FEW)
    same = external_test(there, there, mapping="same", settings=FEW)
    for words in (external_table, lambda found: _drop(found).tables[0].caption):
        said = " ".join(words(reduced).split())
        assert "Both columns are of benign against malignant" in said
        assert "accuracy, NLL and Brier score are other figures" in said
        assert "benign against malignant, because" not in " ".join(words(same).split())
