import json
import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import ablate
from lentigo.numbers.evaluation._ablation import _verdict
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting import ablation_table


def drawn(*, n=600, seed=0, effect=0.0):
    """Image scores of a middling model, and a table whose age and site carry `effect` on the log odds."""
    rng = np.random.default_rng(seed)
    age, site = rng.normal(55, 15, n), rng.choice(["back", "face", "leg"], n)
    odds = -0.7 + effect * ((age - 55) / 15 + (site == "face"))
    target = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    chance = 1 / (1 + np.exp(-(1.5 * (target - 0.5) + rng.normal(size=n))))
    ids = np.array([f"I{k:04}" for k in range(n)])
    table = pd.DataFrame({
        "image_id": ids, "path": [f"/{name}.jpg" for name in ids], "age": age.round().clip(0, 110), "site": site,
        "target": np.where(target == 1, "malignant", "benign"), "patient_id": [f"P{k // 2}" for k in range(n)],
    })  # fmt: skip
    table.loc[::7, "age"] = np.nan
    said = Predictions(ids, target, np.column_stack([1 - chance, chance]), ("benign", "malignant"))
    return said, Manifest(table, origin="memory")


def tried(said, manifest, columns=("age", "site")):
    groups, unit = manifest.groups()
    return ablate(said, manifest, columns, malignant=("malignant",), groups=groups, unit=unit, n_resamples=100)


@pytest.mark.parametrize("seed", range(3))
def test_columns_that_carry_signal_add_and_are_told_apart_from_the_image(seed):
    found = tried(*drawn(seed=seed, effect=1.2))
    assert found.verdict == "add"
    assert found.sentence.startswith("age and site add to the image: +0.")
    assert found.auroc["both"].value > max(found.auroc["image alone"].value, found.auroc["columns alone"].value)
    assert found.gain_brier.value > 0


@pytest.mark.parametrize("seed", range(3))
def test_columns_without_signal_are_never_said_to_add(seed):
    found = tried(*drawn(seed=seed))
    assert found.verdict != "add"
    assert "o not use" in found.sentence
    assert found.auroc["columns alone"].low < 0.5 + 0.05


def test_a_large_set_decides_and_a_small_one_says_that_it_cannot():
    assert tried(*drawn(n=4000)).verdict == "add nothing"
    small = tried(*drawn(n=120, effect=0.3))
    assert small.verdict == "undecided"
    assert "images are too few" in small.sentence


def test_missing_values_are_counted_and_patients_are_resampled():
    found = tried(*drawn())
    assert found.n_missing == {"age": 86, "site": 0}
    assert (found.resampling.unit, found.resampling.n_units) == ("patient", 300)
    text = ablation_table(found)
    assert "both - image alone" in text
    assert "without a value: age 86, site 0" in text


def test_the_answer_itself_a_missing_column_and_an_empty_one_are_refused():
    said, manifest = drawn()
    with pytest.raises(ConfigError, match="'target' is the id or the diagnosis of an image"):
        tried(said, manifest, ["target"])
    with pytest.raises(ConfigError, match="'diagnosis_text' is the id or the diagnosis of an image"):
        tried(said, manifest, ["diagnosis_text"])
    with pytest.raises(ConfigError, match="no column 'sites'. Did you mean 'site'"):
        tried(said, manifest, ["sites"])
    with pytest.raises(ConfigError, match="is empty"):
        tried(said, Manifest(manifest.table.assign(sex=None), origin="memory"), ["sex"])


def test_the_command_takes_a_predictions_file_with_its_manifest(tmp_path):
    said, manifest = drawn(effect=1.2)
    said.write(tmp_path / "preds.csv")
    manifest.write(tmp_path / "manifest.csv")
    words = ["ablate", str(tmp_path / "preds.csv"), "--use", "age, site", "--set", "evaluate.n_resamples=100"]
    missing = CliRunner().invoke(group, words)
    assert "--groups manifest.csv" in str(missing.exception)
    ended = CliRunner().invoke(group, [*words, "--groups", str(tmp_path / "manifest.csv"), "--json"])
    assert ended.exit_code == 0, ended.exception
    assert json.loads(ended.stdout)["verdict"] == "add"


def test_too_few_for_an_interval_is_said_instead_of_an_interval_that_nobody_sees():
    _, sentence = _verdict(Estimate(0.117, math.nan, math.nan, n=38), ["age", "sex"])
    assert sentence.startswith("Undecided: age and sex change the AUROC by +0.117, but these images are too few for")
    assert "nan" not in sentence
