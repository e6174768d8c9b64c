import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.config import Config
from lentigo.errors import ConfigError, MetricError, PredictionsError
from lentigo.numbers.evaluation import ComparedModel, compare, rank_models
from lentigo.numbers.predictions import Predictions
from lentigo.stages import Run, leaderboard
from lentigo.study.reporting import leaderboard_table

QUICK = Config().changed({"evaluate.n_resamples": 100})


def scored(strength, *, n=400, seed=0, name="model", classes=("benign", "malignant")):
    rng = np.random.default_rng(seed)
    target = (np.arange(n) % 3 == 0).astype(np.int64)
    noise = np.random.default_rng(99).normal(size=n) * 0.7 + rng.normal(size=n) * 0.7
    chance = 1 / (1 + np.exp(-(strength * (target - 0.3) + noise)))
    rows = np.column_stack([1 - chance, chance])
    return ComparedModel(
        name, Predictions(np.array([f"I{k}" for k in range(n)]), target, rows, classes), ("malignant",)
    )


def test_models_are_ranked_and_the_gap_to_the_best_is_that_of_a_comparison_of_two():
    models = [scored(1.0, seed=1, name="weak"), scored(3.0, seed=2, name="strong"), scored(2.9, seed=3, name="close")]
    board = rank_models(models, n_resamples=200)
    assert [entry.name for entry in board.entries][-1] == "weak"
    best = next(model for model in models if model.name == board.entries[0].name)
    pair = compare(best, models[0], n_resamples=200)
    weak = board.entries[-1]
    assert weak.behind == pair.figures["auroc"].difference
    assert weak.p_value == pytest.approx(pair.delong_p)
    assert [entry.standing for entry in board.entries] == ["best", "not shown to be worse", "worse"]


def test_tests_are_corrected_for_their_number_by_holm():
    models = [scored(2.0, seed=seed, name=str(seed)) for seed in range(6)]
    entries = rank_models(models, n_resamples=20).entries[1:]
    p = np.sort([entry.p_value for entry in entries])
    expected = np.maximum.accumulate(np.minimum(1, p * (5 - np.arange(5))))
    np.testing.assert_allclose(np.sort([entry.p_corrected for entry in entries]), expected)


def test_of_many_models_without_a_difference_hardly_one_is_called_worse():
    n_called = 0
    for seed in range(20):
        models = [scored(1.5, n=150, seed=20 * seed + k, name=str(k)) for k in range(1, 9)]
        n_called += any(entry.standing == "worse" for entry in rank_models(models, n_resamples=2).entries)
    assert n_called <= 6  # the best is chosen among them, so that 5 % is a little exceeded; uncorrected it is 16 of 20


def test_models_of_other_classes_are_ranked_by_side():
    three = scored(2.0, seed=1, name="three")
    rows = np.column_stack([three.said.probabilities[:, 0], three.said.probabilities[:, 1:] / 2,
                            three.said.probabilities[:, 1:] / 2])  # fmt: skip
    said = Predictions(three.said.image, np.where(three.said.target == 1, 2, 0), rows, ("NV", "BCC", "MEL"))
    board = rank_models([scored(1.0, name="two"), ComparedModel("three", said, ("BCC", "MEL"))], n_resamples=20)
    assert board.classes == ("benign", "malignant")
    assert board.entries[0].name == "three"


def test_one_model_other_images_and_one_side_are_refused():
    model = scored(1.0)
    with pytest.raises(MetricError, match="Name two or more"):
        rank_models([model])
    fewer = ComparedModel("fewer", model.said.select(np.arange(10)), ("malignant",))
    with pytest.raises(PredictionsError, match="do not have the same images"):
        rank_models([model, fewer])
    benign = ComparedModel("benign", model.said.select(model.said.target == 0), ("malignant",))
    with pytest.raises(MetricError, match="all malignant or all benign"):
        rank_models([benign, benign])


@pytest.fixture
def files(tmp_path):
    for k, strength in enumerate((1.0, 2.0, 3.0)):
        scored(strength, seed=k).said.write(tmp_path / f"m{k}.csv")
    return [tmp_path / f"m{k}.csv" for k in range(3)]


def invoke(*words):
    return CliRunner().invoke(group, [str(word) for word in words])


def test_the_command_prints_a_leaderboard_or_json_for_three_and_the_comparison_for_two(files):
    printed = invoke("compare", *files, "prevalence", "--set", "evaluate.n_resamples=100")
    assert printed.exit_code == 0, printed.output
    assert "p, Holm" in printed.output
    assert "corrects it for 3 comparisons" in " ".join(printed.output.split())
    payload = json.loads(invoke("compare", *files, "--json", "--set", "evaluate.n_resamples=100").stdout)
    assert payload["ranked_by"] == "auroc"
    assert payload["entries"][0]["standing"] == "best"
    assert "A - B" in invoke("compare", *files[:2], "--set", "evaluate.n_resamples=100").output
    assert invoke("compare", files[0]).exit_code == 2
    assert "--margin: only for two models" in invoke("compare", *files, "--margin", "0.02").output


def test_a_run_its_file_and_others_are_compared_over_the_lesions_of_the_run(run, tiny):
    file = Run.open(run).predictions_path("test")
    board = leaderboard([file, run, "always-benign"], config=tiny)
    assert board.entries[-1].name == "always-benign"
    assert board.resampling.unit == "patient"
    assert "AUROC" in leaderboard_table(board)


def test_a_bundle_needs_data_and_then_stands_beside_files_of_the_same_images(bundle_folder, phantom, tmp_path):
    with pytest.raises(ConfigError, match="--data FOLDER"):
        leaderboard([bundle_folder, bundle_folder, bundle_folder])
    from lentigo.data.sources import read_data

    manifest = read_data(phantom, task="binary").select(np.arange(24))
    chance = np.where(manifest.targets == 1, 0.8, 0.2)
    said = Predictions(
        manifest.table["image_id"].to_numpy(str),
        manifest.targets,
        np.column_stack([1 - chance, chance]),
        manifest.classes,
    )
    said.write(tmp_path / "reader.csv")
    table = pd.DataFrame(manifest.table)
    table.to_csv(tmp_path / "some.csv", index=False)
    board = leaderboard(
        [bundle_folder, tmp_path / "reader.csv", bundle_folder], data=tmp_path / "some.csv", leaks="allow", config=QUICK
    )
    assert board.n_images == 24
    assert {entry.name for entry in board.entries} == {str(bundle_folder), str(tmp_path / "reader.csv")}
