import json

import numpy as np
import pandas as pd

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.numbers.evaluation import evaluate_whole
from lentigo.numbers.evaluation._contrasts import excised_of
from lentigo.numbers.evaluation._detail import DecisionFigures
from lentigo.numbers.predictions import Predictions


def judged(*, histology=True, n=240):
    """Melanomas and nevi of two sources; excised nevi look half-way to melanomas, others do not."""
    rng = np.random.default_rng(0)
    target = np.arange(n) % 4 == 0
    excised = target | (rng.random(n) < 0.4)
    score = 1 / (1 + np.exp(-rng.normal(np.where(target, 1.5, np.where(excised, 0.7, -2.0)), 1.0)))
    names = np.array([f"i{k}" for k in range(n)])
    said = Predictions(names, target.astype(int), np.column_stack([1 - score, score]), ("NV", "MEL"))
    table = pd.DataFrame(
        {"image_id": names, "path": [f"/{name}" for name in names], "target": np.where(target, "MEL", "NV")}
    )
    table["source"] = np.where(np.arange(n) < n // 2, "here", "there")
    if histology:
        table["dx_type"] = np.where(excised, "histo", "follow_up")
    return evaluate_whole(
        said, malignant=["MEL"], manifest=Manifest(table, origin="memory"), settings=EvaluateConfig(n_resamples=100)
    ).detail


def test_excised_nevi_of_one_source_stand_beside_the_flattering_whole():
    found = judged().contrasts.found
    assert [one.name for one in found] == ["all nevi", "excised nevi of here", "excised nevi of there"]
    whole, *hard = found
    assert (whole.n_melanomas, whole.n_nevi) == (60, 180)
    assert all(one.auroc.value < whole.auroc.value - 0.05 for one in hard)
    assert whole.auroc.has_interval


def test_without_histology_only_the_whole_is_told():
    assert [one.name for one in judged(histology=False).contrasts.found] == ["all nevi"]


def test_contrasts_survive_the_file_and_a_file_of_before_has_none():
    payload = json.loads(json.dumps(judged().json()))
    assert DecisionFigures.from_json(payload).contrasts == judged().contrasts
    del payload["contrasts"]
    assert DecisionFigures.from_json(payload).contrasts is None


def test_histology_goes_by_its_names():
    table = pd.DataFrame({"dx_type": ["histo", "Histopathology", "follow_up", None]})
    assert excised_of(table).tolist() == [True, True, False, False]
