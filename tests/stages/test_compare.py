import json
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from lentigo.cli import group
from lentigo.errors import LeakageError, LentigoError, PredictionsError
from lentigo.numbers.predictions import Predictions
from lentigo.phantoms import draw_phantom
from lentigo.stages import Run, compare, evaluate_external, predict
from lentigo.stages._evaluate import evaluate_run
from lentigo.storage import sha256_of
from lentigo.study.reporting import external_table


def invoke(*arguments):
    result = CliRunner().invoke(group, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_run_is_compared_at_its_own_threshold_over_its_own_lesions(run, tiny):
    file = Run.open(run).predictions_path("test")
    found = compare(run, file, threshold=0.5, config=tiny)
    evaluation = evaluate_run(Run.open(run))
    point = evaluation.operating_points[0]
    assert found.thresholds == (point.threshold, 0.5)
    assert found.figures["sensitivity"].first.value == point.sensitivity.value
    assert found.figures["auroc"].difference.value == pytest.approx(0, abs=1e-9)
    assert found.resampling.unit == evaluation.resampling.unit
    assert found.resampling.n_units == evaluation.resampling.n_units


def test_compare_prints_a_table_or_json_also_against_a_trivial_model(run):
    printed = invoke("compare", run, "prevalence", "--margin", 0.02, "--set", "evaluate.n_resamples=100")
    assert "AUROC" in printed
    assert "B: prevalence" in printed  # too few patients for a verdict
    payload = json.loads(invoke("compare", run, "always-benign", "--json", "--set", "evaluate.n_resamples=100"))
    assert payload["figures"]["sensitivity"]["second"]["value"] == 0


def test_a_file_about_other_images_is_refused(run, tmp_path, tiny):
    said = Predictions.read(Run.open(run).predictions_path("test"))
    said.select(said.target == said.target[0]).write(tmp_path / "some.csv")
    with pytest.raises(PredictionsError, match="do not have the same images"):
        compare(run, tmp_path / "some.csv", config=tiny)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    return draw_phantom(tmp_path_factory.mktemp("elsewhere") / "clinic", n_images=60, size=64, seed=77)


def test_a_run_is_judged_on_other_data_with_drop_and_recalibration_apart(run, elsewhere, faults, tmp_path):
    out = tmp_path / "external"
    printed = invoke("-q", "evaluate", run, "--data", elsewhere, "--out", out)
    assert "there - own" in printed
    assert "recalibrated" in printed.casefold()
    payload = json.loads((out / "external.json").read_text())
    assert faults("external", payload) == []
    said = Predictions.read(out / "predictions.csv")
    provenance = payload["provenance"]
    assert provenance.pop("predictions_sha256") == sha256_of(out / "predictions.csv")
    n_learned = provenance.pop("n_learned_from")  # two smooth drawings may pass for one
    assert n_learned <= 3
    assert payload["evaluation"]["n_images"] == len(said) == 60 - n_learned
    counts = {"n_found": 60, "n_unreadable": 0, "n_not_looked_for": 0, "n_calibrated_on": 0}
    assert provenance == {"data": "clinic", "leaks": "drop", **counts}
    assert payload["threshold"] == evaluate_run(Run.open(run)).operating_points[0].threshold
    assert payload["drops"]["auroc"]["difference"]["value"] is not None
    assert evaluate_external(run, elsewhere, out=tmp_path / "x.json").drops["auroc"].there.value == pytest.approx(
        payload["drops"]["auroc"]["there"]["value"]
    )


def test_images_that_a_run_has_learned_from_are_no_external_test(run, phantom, tmp_path, caplog):
    own = Run.open(run).manifest()
    n_learned = int((own.table["split"] != "test").sum())
    out = tmp_path / "external"
    printed = invoke("evaluate", run, "--data", phantom, "--out", out)
    assert "images are copies of training images, excluded." in printed
    left = set(Predictions.read(out / "predictions.csv").image.tolist())
    assert left
    assert left <= set(own.subset("test").table["image_id"])
    found = evaluate_external(run, phantom, leaks="allow")
    assert found.evaluation.n_images == 120
    assert found.provenance["n_learned_from"] >= n_learned
    assert "AND KEPT" in external_table(found)
    with pytest.raises(LeakageError, match="copies of training images.*--leaks allow"):
        evaluate_external(run, phantom, leaks="refuse")


def test_a_turned_and_scaled_copy_of_a_training_image_is_found_and_alone_no_test(run, tmp_path):
    train = Run.open(run).manifest().subset("train")
    sides = train.table["target"].drop_duplicates().index
    for row in sides:
        folder = tmp_path / "clinic" / train.table.loc[row, "target"]
        folder.mkdir(parents=True)
        with Image.open(train.table.loc[row, "path"]) as image:
            image.transpose(Image.Transpose.ROTATE_90).resize((200, 150)).save(folder / "copy.jpg", quality=70)
    with pytest.raises(LeakageError, match=f"{len(sides)} of the {len(sides)} images"):
        evaluate_external(run, tmp_path / "clinic")


def test_where_the_training_images_are_gone_nothing_is_left_out_and_that_is_said(run, elsewhere, tmp_path, caplog):
    moved = tmp_path / "run"
    shutil.copytree(run, moved)
    manifest = moved / "manifest.csv"
    table = pd.read_csv(manifest)
    manifest.write_text(table.assign(path="/gone/" + table["image_id"]).to_csv(index=False))
    found = evaluate_external(moved, elsewhere)
    assert found.provenance["n_learned_from"] is None
    assert found.provenance["n_not_looked_for"] == (table["split"] != "test").sum()
    assert "copies may be among these images" in " ".join(external_table(found).split())
    assert "Missing from their folder" in caplog.text


def test_an_external_test_replaces_no_folder_of_other_things(run, phantom, tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(LentigoError, match="is not an external test, so --force does not overwrite it"):
        evaluate_external(run, phantom, out=tmp_path, force=True)
    assert (tmp_path / "thesis.tex").exists()


def test_a_bundle_is_judged_on_labelled_images_and_its_answers_are_counted(exported, elsewhere, tmp_path, caplog):
    printed = invoke("evaluate", exported, "--data", elsewhere, "--out", tmp_path / "external.json")
    assert "cannot be excluded" in caplog.text
    assert "Decisions by true class" in printed
    assert "there - own" not in printed
    payload = json.loads((tmp_path / "external.json").read_text())
    assert (payload["drops"], payload["n_here"], payload["provenance"]["n_learned_from"]) == ({}, 0, None)
    counts = payload["answers"]
    assert list(counts)[:2] == ["malignant", "benign"]
    assert sum(counts["malignant"].values()) + sum(counts["benign"].values()) == 60
    said = {answer.image: answer for answer in predict(exported, [elsewhere / "images"]).answers}
    n_referred = sum(answer.decision == "refer" for answer in said.values())
    assert n_referred == sum(row.get("refer", 0) for row in (counts["malignant"], counts["benign"]))
    sensitivity = payload["evaluation"]["operating_points"][0]["sensitivity"]["value"]
    assert sensitivity >= counts["malignant"].get("refer", 0) / sum(counts["malignant"].values())


def test_the_shipped_model_is_judged_by_its_name(phantom):
    found = evaluate_external("lentigo", phantom)
    assert found.evaluation.n_images == 120
    assert found.evaluation.operating_points[0].name == "sensitivity_95"
    assert {"malignant", "benign"} <= set(found.answers)


def test_two_models_are_compared_on_other_images_each_at_its_own_threshold(
    run, exported, bundle_folder, elsewhere, tmp_path
):
    file = tmp_path / "changes.csv"
    printed = invoke("-q", "compare", bundle_folder, exported, "--data", elsewhere, "--changes", file)
    assert "AUROC" in printed
    assert "answers that change from A to B" in printed
    same = compare(run, exported, data=elsewhere)
    assert same.figures["auroc"].difference.value == pytest.approx(0, abs=1e-6)
    assert same.thresholds[0] == pytest.approx(same.thresholds[1])
    other = compare(run, bundle_folder, data=elsewhere)
    assert other.thresholds[0] != other.thresholds[1]
    alone = evaluate_external(bundle_folder, elsewhere)
    assert other.n_images == alone.evaluation.n_images
    assert sum(other.changes.counts.values()) == other.changes.n_images == other.n_images
    assert all(one.old != one.new for one in other.changes.listed)
    assert file.read_text().startswith("image,truth,malignant,old,new,")
    assert other.figures["auroc"].second.value == pytest.approx(alone.evaluation.metrics["auroc"].value)


def test_what_a_compared_run_learned_from_is_left_out(run, bundle_folder, phantom):
    n_test = len(Run.open(run).manifest().subset("test"))
    assert compare(bundle_folder, run, data=phantom).n_images <= n_test
    with pytest.raises(LeakageError, match="are copies of training images of"):
        compare(bundle_folder, run, data=phantom, leaks="refuse")


def test_answers_that_change_are_listed_for_models_alone(run):
    result = CliRunner().invoke(group, ["compare", str(run), str(run), "--changes", "changes.csv"])
    assert result.exit_code == 2
    assert "--changes lists answers to photographs" in result.output


def test_options_of_predictions_files_are_refused_with_data(run, bundle_folder, elsewhere):
    arguments = ["compare", str(run), str(bundle_folder), "--data", str(elsewhere), "--threshold", "0.5"]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 2
    assert "each model uses its own" in result.output
