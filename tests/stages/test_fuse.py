"""Columns and patient context beside the image of a run: used where they are shown to add, on to the answers."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import lentigo
from lentigo.cli import group
from lentigo.config import load_config
from lentigo.errors import CheckpointError, ConfigError
from lentigo.model._patient_context import SCORE
from lentigo.numbers.predictions import Predictions
from lentigo.stages import Run, export, fuse, predict, train
from lentigo.stages import _fuse as fuse_stage
from lentigo.stages import _train_features as train_stage
from lentigo.study.auditing import _without_images as audit_stage


def draw(folder, *, n=1200, seed=0, age=0.0, context=0.0, a_patient=6):
    """Embeddings of a middling image, a table with an age that carries `age` on the log odds, and patients.

    With `context`, an image says how malignant it is only in comparison: each patient has a level of its own.
    """
    rng = np.random.default_rng(seed)
    years, noise = rng.normal(55, 15, n).round().clip(1, 99), rng.normal(size=n)
    patient = np.arange(n) // a_patient
    malignant = rng.random(n) < 1 / (1 + np.exp(-(age * (years - 55) / 15 - 0.7)))
    level = context * rng.normal(size=n // a_patient)[patient]
    values = np.column_stack([1.5 * malignant + level + noise, rng.normal(size=(n, 3))]).astype(np.float32)
    ids = [f"I{k:05}" for k in range(n)]
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "emb.npz", image_id=np.array(ids), values=values)
    sex = rng.choice(["female", "male"], n)
    years = np.where(rng.random(n) < 0.1, np.nan, years)
    table = {"image_id": ids, "target": np.where(malignant, "malignant", "benign"), "age": years, "sex": sex}
    pd.DataFrame({**table, "patient_id": [f"P{k}" for k in patient]}).to_csv(folder / "table.csv", index=False)
    return folder


def trained(folder, **how):
    settings = ["evaluate.n_resamples=100", "train.folds=3", "evaluate.second_look=0"]
    config = load_config("features", overrides=settings)
    return train(folder / "table.csv", folder / "run", features=folder / "emb.npz", config=config, **how)


@pytest.fixture(scope="module", autouse=True)
def _quick():
    """No report and no search for shortcuts: boosted trees on age and sex, which nothing here is about."""
    with pytest.MonkeyPatch.context() as patch:
        for stage in (fuse_stage, train_stage):
            patch.setattr(stage, "report_run", lambda *_, **__: None)
        patch.setattr(audit_stage, "measure_shortcuts", lambda *_, **__: ())
        yield


@pytest.fixture(scope="module")
def with_age(tmp_path_factory):
    """A run whose table has an age that carries signal; it uses age and sex."""
    return trained(draw(tmp_path_factory.mktemp("aged"), age=1.2), use=["age", "sex"])


@pytest.fixture(scope="module")
def aged_bundle(with_age, tmp_path_factory):
    return export(with_age.folder, tmp_path_factory.mktemp("aged-bundle") / "bundle", n_references=0)


def test_columns_that_carry_signal_are_used_and_the_test_is_predicted_better(with_age):
    assert with_age.rule().fusion.asked == ("age", "sex")
    assert "add to the image: +0." in with_age.beside_in_words()
    scores = {}
    for name in ("test", "test-image"):
        said = Predictions.read(with_age.folder / "predictions" / f"{name}.csv")
        scores[name] = lentigo.evaluate(said, malignant=["malignant"], n_resamples=100).metrics["auroc"].value
    assert scores["test"] > scores["test-image"] + 0.02
    evaluation = lentigo.Evaluation.read(with_age.evaluation_path)
    assert evaluation.metrics["auroc"].value == pytest.approx(scores["test"])
    assert evaluation.provenance["uses"] == ["age", "sex"]


def test_thresholds_rest_on_scores_out_of_fold_and_not_on_the_fit_that_is_deployed(with_age):
    said = Predictions.read(with_age.predictions_path("val"))
    alone = Predictions.read(with_age.image_predictions_path("val"))
    known = fuse_stage.columns_of(with_age, with_age.manifest(), alone, with_age.fusion(), ["malignant"])
    side = np.array([False, True])
    logits, _ = with_age.fusion().fuse(np.log(alone.probabilities), side, known)
    fitted = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
    gap = np.abs(fitted - said.probabilities[:, 1])
    assert 0 < gap.max() < 0.1  # five fits without the image's fold, not the one on all


def test_a_run_and_its_bundle_answer_alike_from_a_table_under_other_names(with_age, aged_bundle, tmp_path):
    table = pd.read_csv(with_age.folder.parent / "table.csv", dtype=str).rename(columns={"age": "Age_Approx"})
    table.drop(columns="target").to_csv(tmp_path / "new.csv", index=False)
    features = with_age.folder.parent / "emb.npz"
    answers = [
        predict(model, features=features, columns=tmp_path / "new.csv").answers
        for model in (with_age.folder, aged_bundle.folder)
    ]
    for mine, theirs in zip(*answers, strict=True):
        assert mine.malignant == pytest.approx(theirs.malignant, abs=1e-4)
        assert mine.contributions == pytest.approx(theirs.contributions)
    said = Predictions.read(with_age.predictions_path("test"))
    calibrated = with_age.calibration().apply(said)
    found = {one.image: one.malignant for one in answers[0]}
    assert [found[image] for image in said.image.tolist()] == pytest.approx(calibrated.probabilities[:, 1], abs=1e-5)


def test_the_csv_has_what_each_column_added_and_reads_back_as_predictions(with_age, aged_bundle, tmp_path):
    source = with_age.folder.parent
    words = [
        "predict",
        str(aged_bundle.folder),
        "--features",
        str(source / "emb.npz"),
        "--out",
        str(tmp_path / "p.csv"),
    ]
    ended = CliRunner().invoke(group, [*words, "--columns", str(source / "table.csv")])
    assert ended.exit_code == 0, ended.exception
    with (tmp_path / "p.csv").open(newline="") as stream:
        row = next(csv.DictReader(stream))
    assert row["contributions"].startswith("age ")
    assert Predictions.read(tmp_path / "p.csv").classes == ("benign", "malignant")


def test_values_that_the_model_does_not_know_are_counted_and_stop_nothing(with_age, aged_bundle, tmp_path, caplog):
    table = pd.read_csv(with_age.folder.parent / "table.csv", dtype=str).assign(sex="divers")
    table.drop(columns=["target", "age"]).to_csv(tmp_path / "new.csv", index=False)
    found = predict(aged_bundle.folder, features=with_age.folder.parent / "emb.npz", columns=tmp_path / "new.csv")
    assert {tuple(one.contributions.values()) for one in found.answers} == {(0.0, 0.0)}
    assert "'divers' (1,200)" in caplog.text
    assert "No table has age" in caplog.text
    caplog.clear()
    predict(aged_bundle.folder, features=with_age.folder.parent / "emb.npz")
    assert "count as unknown (--columns TABLE)" in caplog.text


def test_the_card_of_the_bundle_shows_every_curve_and_the_gain(aged_bundle):
    assert "beside the image it uses: age, sex; AUROC on validation +0." in aged_bundle.card
    assert "sex, in logits: female " in aged_bundle.card
    assert aged_bundle.record.scores is not None


def test_columns_without_signal_are_left_out_and_nothing_changes(tmp_path, caplog):
    caplog.set_level("INFO")
    run = trained(draw(tmp_path / "d", n=600))
    before = [run.predictions_path(split).read_bytes() for split in ("val", "test")]
    found = fuse(run.folder, ["age", "sex"])
    assert not found.is_used
    assert "left out" in found.sentences[0]
    assert found.sentences[0] in caplog.text
    assert [run.predictions_path(split).read_bytes() for split in ("val", "test")] == before
    assert run.rule().fusion is None
    assert export(run.folder, tmp_path / "b", n_references=0).record.json().get("fusion") is None
    used = fuse(run.folder, ["age"], anyway=True)
    assert used.is_used
    assert "nothing shows that the model with them is better than the image alone" in used.fusion.note
    assert "--use-anyway" in export(run.folder, tmp_path / "c", n_references=0).card
    assert not fuse(run.folder, []).is_used  # the image alone again
    assert [run.predictions_path(split).read_bytes() for split in ("val", "test")] == before
    assert not run.fusion_path.exists()


def test_a_small_set_is_undecided_and_stops_no_training(tmp_path):
    run = trained(draw(tmp_path / "d", n=60, a_patient=2), use=["age"])
    assert run.beside_in_words().startswith("Undecided")
    assert run.rule().fusion is None


def test_patient_context_that_carries_signal_is_used_in_the_bundle_and_at_the_patients_photographs(tmp_path):
    source = draw(tmp_path / "d", n=1200, context=3.0, a_patient=12)
    run = trained(source, use=["patient_context"])
    assert run.fusion().has_context
    assert run.fusion().asked == ()
    bundle = export(run.folder, tmp_path / "b", n_references=0)
    features = source / "emb.npz"
    beside = predict(bundle.folder, features=features, columns=source / "table.csv").answers
    alone = predict(bundle.folder, features=features).answers
    truth = pd.read_csv(source / "table.csv")["target"] == "malignant"
    assert {one.contributions[SCORE] for one in alone} == {0.0}
    areas = [lentigo.evaluate(_said(answers, truth), malignant=["malignant"], n_resamples=100).metrics["auroc"].value
             for answers in (beside, alone)]  # fmt: skip
    assert areas[0] > areas[1] + 0.05


def _said(answers, truth):
    rows = np.array([[1 - one.malignant, one.malignant] for one in answers])
    return Predictions(
        np.array([one.image for one in answers]), truth.to_numpy().astype(int), rows, ("benign", "malignant")
    )


def test_what_cannot_be_used_is_said_before_anything_is_trained(tmp_path):
    source = draw(tmp_path / "d", n=60, a_patient=1)
    for columns, words in [
        (["diagnosis"], "is the id or the diagnosis of an image"),
        (["agee"], "no column 'agee'. Did you mean 'age'"),
        (["patient_context"], "no patient with 3 photographs"),
    ]:
        with pytest.raises(ConfigError, match=words):
            trained(source, use=columns)
        assert not (source / "run").exists()


def test_fused_members_make_no_ensemble_and_damage_is_told(with_age, tmp_path):
    from lentigo.stages._manifest_columns import refuse_fused_members

    with pytest.raises(ConfigError, match="cannot be a member of an ensemble"):
        refuse_fused_members([with_age, with_age])
    folder = tmp_path / "run"
    folder.mkdir()
    payload = json.loads(with_age.fusion_path.read_text())
    payload["fusion"]["slope"] = -1
    (folder / "fusion.json").write_text(json.dumps(payload))
    with pytest.raises(CheckpointError, match="Run 'lentigo fuse' again"):
        Run(folder).fusion()


def test_the_command_names_columns_or_the_image_alone(with_age):
    for words in (["fuse", str(with_age.folder)], ["fuse", str(with_age.folder), "--use", "age", "--image-alone"]):
        ended = CliRunner().invoke(group, words)
        assert ended.exit_code == 2
        assert "Name columns" in ended.output
