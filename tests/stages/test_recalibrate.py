import dataclasses
import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from lentigo.cli import group
from lentigo.config import Config
from lentigo.data.sources import read_data
from lentigo.errors import BundleError, ConfigError, DataError, LeakageError, LentigoError, MetricError
from lentigo.model import open_model
from lentigo.model._calibrated_on import file_of_marks, is_marked, marks_in, marks_of
from lentigo.stages import evaluate_external, recalibrate, stress
from lentigo.stages._model_settings import taxonomy_of_model
from lentigo.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def manifest(phantom):
    return read_data(phantom)


def is_malignant(images):
    return images.table["target"].isin(Taxonomy().malignant(images.classes)).to_numpy()


@pytest.fixture(scope="module")
def clinic(manifest, tmp_path_factory):
    """The phantom with a split: 60 of its lesions are test."""
    table = manifest.table.copy()
    groups, _ = manifest.groups()
    names = np.unique(groups)
    table["split"] = np.where(np.isin(groups, names[: len(names) // 3]), "test", "train")
    path = tmp_path_factory.mktemp("clinic") / "clinic.csv"
    table.assign(path=[str(path) for path in manifest.paths]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def ours(exported, clinic, tmp_path_factory):
    place = tmp_path_factory.mktemp("ours") / "bundle"
    return place, recalibrate(exported, clinic, place)


def test_the_bundle_answers_as_its_calibration_says_and_keeps_its_network(exported, ours):
    place, calibration = ours
    before, after = open_model(exported), open_model(place)
    assert after.record.decision.operating_points[0].threshold == calibration.operating_points[0].threshold
    assert after.record.decision.probability_map.scale == calibration.probability_map.scale
    assert after.record.decision.prevalence == pytest.approx(calibration.prevalence)
    assert (place / "model.onnx").read_bytes() == (exported / "model.onnx").read_bytes()
    assert (place / "references.npy").read_bytes() == (exported / "references.npy").read_bytes()
    assert before.record.metrics
    assert after.record.metrics == {}
    assert set(after.record.gate.limits) == set(before.record.gate.limits)
    assert after.record.scores.n_images == calibration.n_images
    card = (place / "model_card.md").read_text()
    assert f"calibrated on: {calibration.n_images} images of clinic.csv" in card
    assert "of validation images" not in card
    assert "lentigo evaluate" in card


def test_the_deciding_threshold_reaches_its_sensitivity_where_it_was_fitted(ours, clinic):
    place, calibration = ours
    manifest = read_data(clinic)
    rows = np.flatnonzero((manifest.table["split"] != "test").to_numpy())
    learned = manifest.select(rows)
    answers = list(open_model(place).answers(learned.paths))
    malignant = is_malignant(learned)
    called = np.array([answer.malignant >= answer.threshold - 1e-6 for answer in answers])
    assert called[malignant].mean() == pytest.approx(calibration.operating_points[0].sensitivity.value)
    assert called[malignant].mean() >= 0.95


def test_test_images_are_kept_out_and_are_what_it_is_judged_on(ours, clinic, caplog):
    place, calibration = ours
    is_test = read_data(clinic).table["split"] == "test"
    assert calibration.n_images == int((~is_test).sum())
    found = evaluate_external(place, clinic)
    assert found.evaluation.n_images == int(is_test.sum())
    assert found.provenance["n_calibrated_on"] == calibration.n_images
    assert f"{calibration.n_images} of the {len(is_test)} images" in caplog.text
    assert "They are excluded." in caplog.text


def test_what_it_was_calibrated_to_is_known_by_its_content_under_any_name(ours, clinic, manifest, tmp_path):
    place, calibration = ours
    folder = tmp_path / "renamed"
    for number, (target, path) in enumerate(zip(manifest.table["target"], manifest.paths, strict=True)):
        (folder / target).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / target / f"{number:04}{path.suffix}")
    n_kept = len(manifest) - calibration.n_images
    assert evaluate_external(place, folder).evaluation.n_images == n_kept
    assert evaluate_external(place, folder, leaks="allow").evaluation.n_images == len(manifest)
    with pytest.raises(LeakageError, match="were used to calibrate"):
        evaluate_external(place, folder, leaks="refuse")
    report = stress(place, folder, out=tmp_path / "stress", only=["jpeg"], n_images=1000)
    assert report.provenance["n_available"] == n_kept


def test_judging_it_on_the_images_it_was_calibrated_to_alone_is_refused(exported, phantom, tmp_path):
    recalibrate(exported, phantom, tmp_path / "bundle")
    n_kept = int((read_data(phantom).table["split"] == "test").sum())
    rows = read_data(phantom)
    rows = rows.select(np.flatnonzero((rows.table["split"] != "test").to_numpy()))
    table = rows.table.assign(path=[str(path) for path in rows.paths]).drop(columns="split")
    table.to_csv(tmp_path / "learned.csv", index=False)
    with pytest.raises(LeakageError, match="Evaluate on others?"):
        evaluate_external(tmp_path / "bundle", tmp_path / "learned.csv")
    assert evaluate_external(tmp_path / "bundle", phantom).evaluation.n_images == n_kept


def test_a_bundle_can_be_calibrated_again_and_remembers_all(ours, clinic, manifest, tmp_path):
    place, first = ours
    second = recalibrate(place, clinic, tmp_path / "again")
    assert second.nll_before == pytest.approx(first.nll_after, abs=1e-6)
    assert second.prevalence == first.prevalence
    again = open_model(tmp_path / "again")
    assert again.record.name == open_model(place).record.name
    assert len(marks_in(again.folder)) == first.n_images


def test_diagnoses_and_sides_as_labels_give_the_same(bundle_folder, manifest, tmp_path):
    table = manifest.table.assign(path=[str(path) for path in manifest.paths])
    sides = np.where(is_malignant(manifest), "malignant", "benign")
    table.drop(columns="target").to_csv(tmp_path / "diagnoses.csv", index=False)
    table.drop(columns=["target", "diagnosis"]).assign(label=sides).to_csv(tmp_path / "sides.csv", index=False)
    said = [recalibrate(bundle_folder, tmp_path / f"{name}.csv", tmp_path / name) for name in ("diagnoses", "sides")]
    assert said[0].n_images == said[1].n_images
    assert said[0].operating_points[0].threshold == pytest.approx(said[1].operating_points[0].threshold)


def test_how_far_the_sensitivity_may_be_off_is_told(exported, manifest, tmp_path, caplog):
    malignant = np.flatnonzero(is_malignant(manifest))[:5]
    benign = np.flatnonzero(~is_malignant(manifest))[:20]
    rows = np.concatenate([malignant, benign])
    table = manifest.table.iloc[rows].assign(path=[str(manifest.paths[row]) for row in rows])
    table.drop(columns="split").to_csv(tmp_path / "few.csv", index=False)
    recalibrate(exported, tmp_path / "few.csv", tmp_path / "bundle")
    assert "decide the threshold: on new ones from there its sensitivity lies between 0." in caplog.text


def test_a_file_that_cannot_be_read_has_no_mark_and_is_not_taken_for_another_such(manifest, tmp_path):
    marks = marks_of([manifest.paths[0], tmp_path / "gone.jpg"])
    assert is_marked([manifest.paths[0], manifest.paths[1], tmp_path / "lost.jpg"], marks).tolist() == [
        True,
        False,
        False,
    ]
    assert file_of_marks(marks) == file_of_marks(marks[:1])


def test_pictures_that_the_bundle_cannot_assess_are_no_clinic(exported, tmp_path):
    generator = np.random.default_rng(0)
    for number in range(20):
        folder = tmp_path / "junk" / ("malignant", "benign")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (64, 64, 3)).astype(np.uint8)).save(folder / f"{number}.png")
    with pytest.raises(DataError, match="cannot be assessed"):
        recalibrate(exported, tmp_path / "junk", tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_sides_of_its_own_classes_are_the_bundle_s(exported):
    made = open_model(exported)
    decision = dataclasses.replace(made.decision, classes=("NV", "AKIEC", "MEL"), malignant_classes=("MEL",))
    taxonomy = taxonomy_of_model(
        dataclasses.replace(made, decision=decision), Config().changed({"data.ak": "malignant"})
    )
    assert (taxonomy.side("AKIEC"), taxonomy.side("AK"), taxonomy.side("MEL")) == ("benign", "malignant", "malignant")


def test_bad_images_are_left_out_and_one_side_or_none_is_refused(exported, manifest, tmp_path, caplog):
    rows = np.flatnonzero(~is_malignant(manifest))[:12]
    table = manifest.table.iloc[rows].assign(path=[str(manifest.paths[row]) for row in rows]).drop(columns="split")
    table.to_csv(tmp_path / "benign.csv", index=False)
    with pytest.raises(MetricError, match="No malignant one is among"):
        recalibrate(exported, tmp_path / "benign.csv", tmp_path / "bundle")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    table.assign(path=str(broken)).to_csv(tmp_path / "broken.csv", index=False)
    with pytest.raises(DataError, match="none of the 12 images"):
        recalibrate(exported, tmp_path / "broken.csv", tmp_path / "bundle")
    table.assign(split="test").to_csv(tmp_path / "test.csv", index=False)
    with pytest.raises(DataError, match="are test images"):
        recalibrate(exported, tmp_path / "test.csv", tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_nothing_is_overwritten_unless_asked(exported, ours, clinic, tmp_path):
    with pytest.raises(LentigoError, match="--force"):
        recalibrate(exported, clinic, ours[0])
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("mine")
    with pytest.raises(LentigoError):
        recalibrate(exported, clinic, tmp_path / "notes", force=True)
    assert (tmp_path / "notes" / "diary.txt").read_text() == "mine"


def test_a_place_inside_a_bundle_is_refused(exported, clinic):
    with pytest.raises(BundleError, match="is inside the bundle"):
        recalibrate(exported, clinic, exported / "ours")
    assert open_model(exported)


def test_a_link_is_followed_and_the_bundle_behind_it_replaced(exported, clinic, tmp_path):
    recalibrate(exported, clinic, tmp_path / "ours")
    (tmp_path / "link").symlink_to(tmp_path / "ours", target_is_directory=True)
    recalibrate(exported, clinic, tmp_path / "link", force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "ours"]
    assert open_model(tmp_path / "ours")


def test_settings_choose_the_operating_points(exported, clinic, tmp_path):
    config = Config().changed({"calibrate.sensitivities": (0.9,), "calibrate.youden": False})
    recalibrate(exported, clinic, tmp_path / "bundle", config=config)
    points = open_model(tmp_path / "bundle").decision.operating_points
    assert [point.name for point in points] == ["sensitivity_90"]


def test_the_command(exported, clinic, tmp_path):
    out = tmp_path / "bundle"
    arguments = ["calibrate", str(exported), "--data", str(clinic), "--out", str(out), "--sensitivity", "0.9"]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0, result.output
    assert "sensitivity_90: refer at" in result.stdout
    assert f"lentigo evaluate {out} --data" in result.stdout
    result = CliRunner().invoke(group, [*arguments, "--json", "--force"])
    assert json.loads(result.stdout)["operating_points"][0]["name"] == "sensitivity_90"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{bundle}"], "give --data DATA"),
        (["{bundle}", "--data", "{data}"], "--out FOLDER"),
        (["{bundle}", "--data", "{data}", "--out", "o", "--method", "vector"], "--method and --left-out"),
        (["{run}", "--data", "{data}"], "--data is for a bundle"),
        (["{run}", "--force"], "a run is calibrated in its own folder"),
    ],
)
def test_options_that_do_not_go_together_are_told(exported, run, clinic, arguments, words):
    places = {"bundle": exported, "data": clinic, "run": run}
    result = CliRunner().invoke(group, ["calibrate", *(text.format(**places) for text in arguments)])
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize("kept_in", ["every_source", "held_out_sources"])
def test_thresholds_that_only_a_run_can_have_are_refused_and_not_forgotten(exported, clinic, tmp_path, kept_in):
    config = Config().changed({"calibrate.threshold_from": kept_in})
    with pytest.raises(ConfigError, match=f"threshold_from={kept_in} is for the validation images of a run"):
        recalibrate(exported, clinic, tmp_path / "ours", config=config)
    assert not (tmp_path / "ours").exists()
