import numpy as np
import pandas as pd

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.numbers.evaluation import evaluate_whole
from lentigo.numbers.predictions import Predictions
from lentigo.stages._failures import MOST, where_it_fails


def evaluated(n=400):
    rng = np.random.default_rng(0)
    target = np.arange(n) % 4 == 0
    score = 1 / (1 + np.exp(-rng.normal(np.where(target, 1.0, -1.0), 1.0)))
    names = np.array([f"i{k}" for k in range(n)])
    said = Predictions(names, target.astype(int), np.column_stack([1 - score, score]), ("NV", "MEL"))
    table = pd.DataFrame(
        {"image_id": names, "path": [f"/{name}" for name in names], "target": np.where(target, "MEL", "NV")}
    )
    table["source"] = np.where(np.arange(n) < n // 2, "here", "there")
    table["sex"] = np.where(np.arange(n) % 3 == 0, "female", "male")
    table["dx_type"] = "histo"
    manifest = Manifest(table, origin="memory")
    return evaluate_whole(said, malignant=["MEL"], manifest=manifest, settings=EvaluateConfig(n_resamples=100))


def test_a_bundle_keeps_groups_with_counts_and_melanoma_against_excised_nevi_of_one_source():
    found = where_it_fails(evaluated())
    n_malignant = sum(1 for k in range(0, 400, 4) if k % 3 == 0)
    assert found[f"by sex: female (134 images, {n_malignant} malignant), sensitivity"].has_interval
    assert found["by nevi: melanoma (50) against excised nevi of here (150), AUROC"].is_defined
    assert not any("by source" in name for name in found)  # a bundle has these under names of their own
    assert len(found) <= MOST
    assert all(name.startswith("by ") for name in found)
