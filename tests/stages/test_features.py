"""Training on embeddings, from a table to a bundle."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import norm

import lentigo
from lentigo.cli import group
from lentigo.config import load_config
from lentigo.errors import ConfigError, DataError, LentigoError, ModelError
from lentigo.model import open_model, read_embeddings
from lentigo.stages import Run, export, predict, train

QUICK = ("evaluate.n_resamples=100",)
STEP = 0.8  # of each of four numbers from benign to malignant


def make_data(folder, *, n=600, noise=False, seed=0, n_lesions=None):
    """A table and embeddings with a known best AUROC, which is returned; no photographs."""
    rng = np.random.default_rng(seed)
    is_malignant = rng.random(n) < 0.4
    values = rng.normal(size=(n, 8))
    values[:, :4] += 0 if noise else STEP * is_malignant[:, None]
    ids = [f"I{k:04}" for k in range(n)]
    folder.mkdir(parents=True, exist_ok=True)
    table = {"image_id": ids, "target": np.where(is_malignant, "malignant", "benign"), "patient_id": np.arange(n) // 2}
    pd.DataFrame(table).to_csv(folder / "table.csv", index=False)
    named = pd.DataFrame(values.astype(np.float32), columns=[f"e{k}" for k in range(8)]).assign(image_id=ids)
    named.to_parquet(folder / "emb.parquet")
    return float(norm.cdf(STEP * 2 / np.sqrt(2)))


def quick(*overrides):
    return load_config("features", overrides=[*QUICK, *overrides])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded") / "data"
    make_data(folder)
    return folder


@pytest.fixture(scope="module")
def featured(data, tmp_path_factory):
    """A finished run that learned from embeddings."""
    return train(
        data / "table.csv", tmp_path_factory.mktemp("embedded-runs") / "run", features=data / "emb.parquet",
        features_origin="phantom network", features_licence="CC BY-NC 4.0", config=quick("train.folds=3"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def bundle(featured, tmp_path_factory):
    return export(featured.folder, tmp_path_factory.mktemp("embedded-bundles") / "bundle", n_references=50)


def test_a_run_on_embeddings_has_everything_that_a_run_has(featured):
    assert featured.is_finished
    for path in (featured.report_path, featured.card_path, featured.checklist_path, featured.audit_path):
        assert path.is_file()
    manifest = featured.manifest().table
    assert manifest.groupby("patient_id")["split"].nunique().max() == 1
    assert featured.calibration().n_images == (manifest["split"] != "test").sum()  # out of fold
    audit = featured.audit()
    assert "images.absent" in [finding.code for finding in audit.findings]


def test_origin_and_licence_go_into_run_report_card_and_bundle(featured, bundle):
    assert featured.config().features.origin == "phantom network"
    card = featured.card_path.read_text()
    assert "phantom network" in card
    assert "CC BY-NC 4.0" in card
    assert "resnet18" not in card + featured.checklist_path.read_text()
    licence = bundle.record.licence
    assert licence.is_commercial == "no"
    assert any("phantom network" in source.what for source in licence.sources)
    assert "embeddings, 8 numbers per image, of phantom network" in bundle.card


def test_run_and_bundle_answer_alike_and_the_bundle_knows_what_is_unlike_training(featured, bundle, data):
    answers = [predict(model, features=data / "emb.parquet").answers for model in (featured.folder, bundle.folder)]
    said = [[answer.malignant for answer in some] for some in answers]
    np.testing.assert_allclose(said[0], said[1], atol=1e-6)
    far = read_embeddings(data / "emb.parquet")
    far.matrix[:] += 50
    assert {answer.decision for answer in bundle.predict_embeddings(far)} == {"cannot assess"}


@pytest.fixture
def without_report(monkeypatch):
    """No report is drawn: a second that no other test needs."""
    monkeypatch.setattr("lentigo.stages._train_features.report_run", lambda run, **_: None)


def loaded_after(program):
    checked = "print(sorted({'torch', 'pandas', 'sklearn', 'scipy'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", f"import sys; {program}; {checked}"], capture_output=True, text=True)
    return ended.stdout.strip() or ended.stderr


def test_a_bundle_of_embeddings_is_asked_without_the_lab(bundle, data, tmp_path):
    found = read_embeddings(data / "emb.parquet")
    np.savez(tmp_path / "emb.npz", image_id=np.array(found.image_id), embedding=found.matrix)
    asked = f"predict({str(bundle.folder)!r}, features={str(tmp_path / 'emb.npz')!r}, out={str(tmp_path / 'p.csv')!r})"
    assert loaded_after(f"from lentigo.stages import predict; {asked}") == "[]"
    assert len(pd.read_csv(tmp_path / "p.csv")) == 600


def test_training_on_embeddings_never_loads_torch():
    modules = "import lentigo.cli._train, lentigo.stages._train_features, lentigo.stages._features_backend"
    assert "torch" not in loaded_after(modules)


def test_pixels_and_embeddings_are_not_taken_for_each_other(featured, bundle, bundle_folder, data, photo):
    for model in (featured.folder, bundle.folder):
        with pytest.raises(ModelError, match=r"predicts from embeddings \(8 numbers per image\), not from photographs"):
            predict(model, photo)
    with pytest.raises(ModelError, match="predicts from photographs, not from embeddings"):
        predict(bundle_folder, features=data / "emb.parquet")
    with pytest.raises(DataError, match="cannot be predicted together"):
        predict(bundle.folder, photo, features=data / "emb.parquet")
    for command in (["serve", bundle.folder], ["explain", bundle.folder, photo, "--out", "x"],
                    ["evaluate", bundle.folder, "--data", data], ["stress", bundle.folder, data, "--out", "x"],
                    ["compare", bundle.folder, featured.folder, "--data", data]):  # fmt: skip
        ended = CliRunner().invoke(group, [str(word) for word in command])
        assert "predicts from embeddings" in str(ended.exception), command


def test_embeddings_of_another_width_are_refused(bundle, data, tmp_path):
    pd.read_parquet(data / "emb.parquet").drop(columns="e7").to_parquet(tmp_path / "narrow.parquet")
    with pytest.raises(DataError, match="7 numbers per image, and .* was trained on 8"):
        predict(bundle.folder, features=tmp_path / "narrow.parquet")


def test_a_representation_that_holds_the_truth_is_used_to_within_a_hundredth_of_the_best(tmp_path, without_report):
    best = make_data(tmp_path, n=4000, seed=3)
    run = train(tmp_path / "table.csv", tmp_path / "run", features=tmp_path / "emb.parquet", config=quick())
    said = lentigo.Predictions.read(run.predictions_path("test"))
    # the best ranking of these very test images is known, so that the luck of the draw cancels
    values = read_embeddings(tmp_path / "emb.parquet", said.image.tolist()).matrix[:, :4].sum(axis=1)
    from lentigo.numbers.metrics import auroc

    truth = said.is_malignant(("malignant",))
    assert auroc(truth, values) == pytest.approx(best, abs=0.03)
    assert auroc(truth, said.malignant(("malignant",))) == pytest.approx(auroc(truth, values), abs=0.01)


def test_noise_is_reported_as_useless_and_too_few_images_as_not_deciding(tmp_path):
    for n, words in ((2500, "This representation is useless here"), (120, "do not show that this representation")):
        folder = tmp_path / str(n)
        make_data(folder, n=n, noise=True)
        run = train(folder / "table.csv", folder / "run", features=folder / "emb.parquet", config=quick())
        assert words in run.card_path.read_text()


def test_a_useful_representation_is_not_called_useless(featured):
    assert "useless" not in featured.report_path.read_text()
    assert "Not shown to be better than chance" not in featured.report_path.read_text()


def test_equal_embeddings_stay_on_one_side_of_the_split(data, tmp_path, without_report):
    table, embedded = pd.read_csv(data / "table.csv"), pd.read_parquet(data / "emb.parquet")
    embedded.iloc[300:, :8] = embedded.iloc[:300, :8].to_numpy()  # 300 pictures twice, under other patients
    table["target"] = np.tile(table["target"][:300], 2)
    embedded.to_parquet(tmp_path / "emb.parquet")
    table.to_csv(tmp_path / "table.csv", index=False)
    run = train(tmp_path / "table.csv", tmp_path / "run", features=tmp_path / "emb.parquet", config=quick())
    split = run.manifest().table["split"].to_numpy()
    assert (split[:300] == split[300:]).all()
    assert run.audit().n_pairs == 300


def test_boosting_is_a_choice_and_its_bundle_answers_as_the_run(data, tmp_path):
    config = quick("features.classifier=boosting", "features.rounds=20")
    run = train(data / "table.csv", tmp_path / "run", features=data / "emb.parquet", config=config)
    made = export(run.folder, tmp_path / "bundle", n_references=0)
    said = [[a.malignant for a in predict(model, features=data / "emb.parquet").answers]
            for model in (run.folder, made.folder)]  # fmt: skip
    np.testing.assert_allclose(said[0], said[1], atol=1e-5)
    assert "The number of rounds with the least validation loss" in run.checklist_path.read_text()
    assert "boosted trees on embeddings" in run.report_path.read_text()


def test_an_interrupted_run_is_finished_with_the_same_numbers(featured, data, tmp_path):
    import shutil

    folder = tmp_path / "run"
    shutil.copytree(featured.folder, folder)
    for path in (Run(folder).calibration_path, Run(folder).evaluation_path, Run(folder).predictions_path("val")):
        path.unlink()
    resumed = train(None, folder, resume=True)
    assert resumed.predictions_path("val").read_bytes() == featured.predictions_path("val").read_bytes()
    manifest = pd.read_csv(Run(folder).manifest_path)
    manifest.iloc[1:].to_csv(Run(folder).manifest_path, index=False)
    with pytest.raises(LentigoError, match="have changed since it was started"):
        train(None, folder, resume=True)


@pytest.mark.parametrize(
    ("override", "words"),
    [("train.teacher=x", "train.teacher"), ("train.held_out_sources=probe", "train.fold_by=source")],
)
def test_settings_for_pixels_are_refused(override, words, data, tmp_path):
    with pytest.raises(ConfigError, match=words):
        train(data / "table.csv", tmp_path / "run", features=data / "emb.parquet", config=quick(override))


def test_the_recipe_without_embeddings_names_the_option(data, tmp_path):
    with pytest.raises(ConfigError, match="--features emb.parquet"):
        train(data / "table.csv", tmp_path / "run", config=quick())


def test_the_command_asks_for_the_origin_and_takes_no_other_recipe_for_it(data, tmp_path, caplog, without_report):
    words = ["train", data / "table.csv", "--features", data / "emb.parquet", "--out", tmp_path / "run", "--json"]
    ended = CliRunner().invoke(group, [str(word) for word in [*words, "--set", *QUICK]], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    assert "State it with --features-origin" in caplog.text
    assert json.loads(ended.stdout)["evaluation"]["metrics"]["auroc"]["value"] > 0.8
    config = Run(tmp_path / "run").config()
    assert (config.recipe, config.features.origin) == ("features", "not stated")


def test_photographs_that_are_there_are_audited_and_shown(phantom, tmp_path):
    from lentigo.data.sources import read_data

    manifest = read_data(phantom, task="binary")
    rng = np.random.default_rng(0)
    values = rng.normal(size=(len(manifest), 3)) + manifest.targets[:, None] * 2
    np.savez(tmp_path / "emb.npz", image_id=manifest.table["image_id"].to_numpy(str), embedding=values)
    run = train(phantom, tmp_path / "run", features=tmp_path / "emb.npz", config=quick("data.task=binary"))
    assert "images.absent" not in [finding.code for finding in run.audit().findings]
    assert "data:image/jpeg" in run.report_path.read_text()


def test_a_bundle_of_pixels_says_nothing_new_in_its_file(bundle_folder):
    assert "asks_for" not in open_model(bundle_folder).record.network.json()


def test_images_need_not_be_there_and_a_path_outside_the_folder_is_refused_all_the_same(tmp_path):
    from lentigo.data.sources import Choices, read_data

    rows = {"image_id": ["a", "b"], "target": ["benign", "malignant"], "path": ["x/a.jpg", None]}
    pd.DataFrame(rows).to_csv(tmp_path / "table.csv", index=False)
    found = read_data(tmp_path / "table.csv", choices=Choices(needs_images=False))
    assert found.table["path"].tolist() == [str(tmp_path / "x" / "a.jpg"), str(tmp_path / "b")]
    pd.DataFrame({**rows, "path": ["../a.jpg", None]}).to_csv(tmp_path / "table.csv", index=False)
    with pytest.raises(DataError, match="path leads outside the table's folder"):
        read_data(tmp_path / "table.csv", choices=Choices(needs_images=False))
