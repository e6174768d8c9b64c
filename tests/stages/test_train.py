import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from safetensors.torch import load_file

import lentigo.training._classifier as classifier
from lentigo.config import load_config
from lentigo.data.manifest import Manifest, check_leaks
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, DataError, ImageError, LeakageError, LentigoError, ManifestError
from lentigo.numbers.evaluation import Evaluation
from lentigo.numbers.predictions import Predictions
from lentigo.phantoms import draw_phantom
from lentigo.progress import silent
from lentigo.stages import Run, calibrate_run, evaluate_run, report_run, split, train
from lentigo.stages import _train as training
from lentigo.stages._prepare import prepare
from lentigo.storage import read_json
from lentigo.study.reporting import evaluation_table

FILES = (
    "config.toml manifest.csv environment.json audit.json history.jsonl calibration.json evaluation.json report.html "
    "model_card.md checklist.md checkpoint/best/model.safetensors checkpoint/best/checkpoint.json predictions/val.csv "
    "checkpoint/last/optimizer.safetensors predictions/test.csv predictions/test-masked.csv audited.csv "
    "predictions/test-centre.csv"
)


def test_one_call_leaves_everything_the_design_names(run):
    for name in FILES.split():
        assert (run / name).is_file(), name
    assert not [path for path in run.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.weights=imagnet", "the weights file imagnet does not exist"),
        ("model.backbone=resnt18", "resnet18"),
        ("train.teacher=runz", "runz does not exist"),
        ("calibrate.left_out=left", "left does not exist"),
    ],
)
def test_misspelt_weights_backbones_and_runs_are_told_before_the_audit(phantom, tmp_path, monkeypatch, change, message):
    monkeypatch.setattr(training, "prepare", lambda *_, **__: pytest.fail("the data were looked at"))
    config = load_config(overrides=["model.weights=none", "train.device=cpu", change])
    with pytest.raises(LentigoError, match=message):
        train(phantom, tmp_path / "run", config=config)
    assert not (tmp_path / "run").exists()


def test_every_test_image_is_counted_once(run):
    manifest = Manifest.read(run / "manifest.csv")
    predictions = Predictions.read(run / "predictions" / "test.csv")
    evaluation = Evaluation.read(run / "evaluation.json")
    expected = manifest.table.loc[manifest.table["split"] == "test", "image_id"].tolist()
    assert predictions.image.tolist() == expected
    assert evaluation.n_images == len(expected) == sum(evaluation.support.values())
    assert evaluation.resampling.unit in ("lesion", "patient")


def test_the_phantom_s_signal_is_learned(tiny, tmp_path):
    data = draw_phantom(tmp_path / "phantom", n_images=300, size=64, difficulty="easy")
    config = tiny.changed({"train.epochs": 3, "image.size": 64, "predict.precision": "bfloat16"})
    run = train(data, tmp_path / "run", config=config)
    assert Evaluation.read(run.evaluation_path).metrics["auroc"].value > 0.8  # three epochs of half a million numbers
    predicted = read_json(run.environment_path)["predictions"]
    assert {part: about["precision"] for part, about in predicted.items()} == dict.fromkeys(("val", "test"), "bfloat16")
    assert 0 < predicted["test"]["largest_logit_difference"] < 0.1
    assert "bfloat16 (bfloat16 moves a logit by at most 0.0" in (run.folder / "report.html").read_text()


def test_the_same_seed_gives_the_same_weights_and_figures(phantom, tiny, run, tmp_path):
    again = train(phantom, tmp_path / "again", config=tiny).folder
    one, other = (load_file(folder / "checkpoint" / "best" / "model.safetensors") for folder in (run, again))
    assert all((one[name] == other[name]).all() for name in one)
    for name in ("predictions/test.csv", "calibration.json"):
        assert (again / name).read_bytes() == (run / name).read_bytes()


def test_a_probe_and_several_diagnoses_go_the_same_way(phantom, tiny, tmp_path):
    config = load_config("probe", overrides=["image.size=32", "model.weights=none", "evaluate.n_resamples=200"])
    folder = train(phantom, tmp_path / "run", config=config).folder
    evaluation = Evaluation.read(folder / "evaluation.json")
    assert set(evaluation.classes) == {"MEL", "NV", "BCC", "BKL"}
    assert set(evaluation.malignant_classes) == {"MEL", "BCC"}
    assert "macro_auroc" in evaluation.metrics
    assert len((folder / "history.jsonl").read_text().splitlines()) == 6


def test_an_existing_output_is_refused_and_a_foreign_folder_is_never_deleted(phantom, tiny, run, tmp_path):
    with pytest.raises(LentigoError, match=r"exists already.*--force"):
        train(phantom, run, config=tiny)
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(LentigoError, match="is not a run folder, so --force does not overwrite it"):
        train(phantom, tmp_path, config=tiny, force=True)
    (tmp_path / "config.toml").write_text(tiny.to_toml())
    with pytest.raises(LentigoError, match="is not a run"):
        train(phantom, tmp_path, config=tiny, force=True)
    assert (tmp_path / "thesis.doc").exists()


def test_bad_weights_leave_the_old_run_as_it_was(phantom, tiny, run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    config = tiny.changed({"model.weights": str(tmp_path / "none.safetensors")})
    with pytest.raises(LentigoError, match="the weights file"):
        train(phantom, copy, config=config, force=True)
    assert (copy / "report.html").read_bytes() == (run / "report.html").read_bytes()


def test_a_run_is_never_put_over_its_own_images(phantom, tiny, run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    shutil.copytree(phantom, copy / "data")
    with pytest.raises(LentigoError, match="the images lie inside"):
        train(copy / "data", copy, config=tiny, force=True)
    assert (copy / "data").exists()


def test_resuming_needs_the_initial_weights_no_more(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    settings = (copy / "config.toml").read_text()
    (copy / "config.toml").write_text(settings.replace('weights = "none"', 'weights = "gone.safetensors"'))
    assert train(None, copy, resume=True).report_path.exists()


def test_a_report_never_shows_another_threshold_than_predict_uses(run, tmp_path):
    copy = Run.open(shutil.copytree(run, tmp_path / "run"))
    calibrate_run(copy, config=copy.config().changed({"calibrate.sensitivities": [0.8]}))
    with pytest.raises(LentigoError, match="was recalibrated. Evaluate it first"):
        report_run(copy)
    evaluate_run(copy)
    assert report_run(copy).exists()


def test_resuming_with_other_settings_or_changed_images_is_refused(phantom, tiny, run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    with pytest.raises(ConfigError, match="was started with other settings"):
        train(None, copy, config=tiny.changed({"train.epochs": 5}), resume=True)
    environment = json.loads((copy / "environment.json").read_text())
    (copy / "environment.json").write_text(json.dumps(environment | {"pixels_sha256": "0" * 64}))
    with pytest.raises(LentigoError, match="have changed since"):
        train(None, copy, resume=True)
    with pytest.raises(LentigoError, match="contains no run to resume"):
        train(None, tmp_path / "none", resume=True)


def test_an_unreadable_image_stops_the_run_unless_it_may_be_dropped(tiny_images, tiny, tmp_path):
    data = tiny_images({"benign": 30, "malignant": 30}, size=40)
    (data / "benign" / "3.jpg").write_bytes(b"")
    with pytest.raises(ImageError, match=r"1 unreadable: .*3\.jpg is empty.*data\.unreadable=drop"):
        train(data, tmp_path / "run", config=tiny)
    folder = train(data, tmp_path / "run", config=tiny.changed({"data.unreadable": "drop"})).folder
    assert len(Manifest.read(folder / "manifest.csv")) == 59
    train(None, folder, resume=True)  # what was dropped is not missed
    flow = json.loads((folder / "audit.json").read_text())["flow"]
    assert {"step": "unreadable", "n_images": -1} in flow
    assert flow[0] == {"step": "found", "n_images": 60}


def test_a_refused_run_leaves_no_run_behind(tiny_images, tiny, tmp_path):
    data = tiny_images({"benign": 30, "malignant": 30}, size=40)
    (data / "benign" / "3.jpg").write_bytes(b"")
    with pytest.raises(ImageError):
        train(data, tmp_path / "run", config=tiny)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", ["missing", "empty", "one class"])
def test_data_that_cannot_be_used_are_one_sentence(tiny_images, tiny, tmp_path, kind):
    data = tmp_path / "data"
    if kind == "empty":
        data.mkdir()
    if kind == "one class":
        tiny_images({"benign": 5}, folder=data)
    with pytest.raises(DataError, match=r"data"):
        train(data, tmp_path / "run", config=tiny)
    assert not (tmp_path / "run").exists()


def test_training_images_of_a_lesion_in_a_later_split_are_dropped_refused_or_kept(phantom, tiny, tmp_path, caplog):
    manifest = read_data(phantom, task="binary")
    table = manifest.table.copy()
    lesion = table.loc[table["split"] == "train", "lesion_id"].iloc[0]
    table.loc[table.index[table["split"] == "test"][0], "lesion_id"] = lesion
    Manifest(table, origin="leaky").write(tmp_path / "leaky.csv")
    n_test, n_train = (int((table["split"] == name).sum()) for name in ("test", "train"))

    with pytest.raises(LeakageError, match=r"with a later split of .*: PH_.*--leaks drop.*lentigo split"):
        prepare([str(tmp_path / "leaky.csv")], tiny.changed({"data.leaks": "refuse"}), track=silent)

    kept = prepare([str(tmp_path / "leaky.csv")], tiny.changed({"data.leaks": "allow"}), track=silent)
    assert len(kept.manifest) == len(table)
    assert "Kept" in caplog.text

    dropped = prepare([str(tmp_path / "leaky.csv")], tiny, track=silent)
    check_leaks(dropped.manifest)
    assert len(dropped.manifest.subset("test")) == n_test
    assert 0 < len(dropped.manifest.subset("train")) < n_train
    flow = {step.step: step.n_images for step in dropped.audit.flow}
    assert flow["found"] + flow["in a later split too"] == sum(flow[name] for name in ("train", "val", "test"))
    assert len(dropped.found) == len(table)


def test_a_picture_leaks_also_under_another_name(tiny, tmp_path):
    data = draw_phantom(
        tmp_path / "leaky", n_images=90, size=64, difficulty="easy", leaks=4, leak_kinds=("exact",), hide_ids=True
    )
    prepared = prepare([str(data)], tiny, track=silent)
    copies = {pair["original"] for pair in read_json(data / "phantom.json")["leaks"]["pairs"]}
    assert not copies & set(prepared.manifest.table["image_id"])
    assert {finding.code for finding in prepared.audit.findings} >= {"leak.picture"}


def test_one_fold_of_a_manifest_with_folds_is_the_test(phantom, tiny, tmp_path):
    split(phantom, tmp_path / "folds.csv", config=tiny, n_folds=4)
    prepared = prepare([str(tmp_path / "folds.csv")], tiny.changed({"data.test_fold": 2}), track=silent)
    table = prepared.manifest.table
    assert set(table.loc[table["split"] == "test", "fold"]) == {2}
    assert set(table.loc[table["split"] != "test", "fold"]) == {0, 1, 3}
    assert set(table["split"]) == {"train", "val", "test"}


def test_the_figures_without_the_lesion_stand_beside_the_model_s_own(run):
    evaluation = Evaluation.read(run / "evaluation.json")
    names = list(evaluation.comparisons)
    assert names[0].endswith("alone, no network")
    assert names[1:] == ["this model, lesion masked out", "this model, centre only"]
    assert "this model, lesion masked out" in evaluation_table(evaluation)
    masked = Predictions.read(run / "predictions" / "test-masked.csv")
    assert set(masked.image) == set(Predictions.read(run / "predictions" / "test.csv").image)


def test_diagnoses_of_one_side_only_are_refused_before_training(tiny_images, tiny, tmp_path):
    data = tiny_images({"MEL": 30, "BCC": 30}, size=40)
    with pytest.raises(ManifestError, match=r"MEL, BCC\) are malignant; a threshold needs both sides"):
        train(data, tmp_path / "run", config=tiny.changed({"data.task": "diagnosis"}))


def test_a_given_split_without_test_images_is_refused(tiny_images, tiny, tmp_path):
    data = tiny_images({"train/benign": 9, "train/malignant": 9, "val/benign": 5, "val/malignant": 5}, size=40)
    with pytest.raises(ManifestError, match="no test images"):
        train(data, tmp_path / "run", config=tiny)


def test_a_full_disk_while_saving_is_one_sentence(phantom, tiny, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(classifier, "save", full)
    with pytest.raises(LentigoError, match=r"cannot be written: No space left on device.*Free some space"):
        train(phantom, tmp_path / "run", config=tiny)
    assert not (tmp_path / "run" / "checkpoint" / "best").exists()


@pytest.mark.slow
def test_a_process_killed_with_9_resumes_to_the_same_weights(phantom, tiny, tmp_path):
    (tmp_path / "tiny.toml").write_text(tiny.changed({"train.epochs": 5}).to_toml())
    command = [sys.executable, "-m", "lentigo", "train", str(phantom), "--recipe", str(tmp_path / "tiny.toml")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, "--out", str(tmp_path / "whole")], check=True, env=environment, capture_output=True)
    killed = tmp_path / "killed"
    process = subprocess.Popen([*command, "--out", str(killed)], env=environment, stderr=subprocess.DEVNULL)
    history = killed / "history.jsonl"
    while process.poll() is None and not (history.exists() and history.read_text().count("\n") >= 2):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run(
        [sys.executable, "-m", "lentigo", "train", "--out", str(killed), "--resume"],
        check=True,
        env=environment,
        capture_output=True,
    )
    for name in ("best", "last"):
        expected, got = (
            load_file(folder / "checkpoint" / name / "model.safetensors") for folder in (tmp_path / "whole", killed)
        )
        assert all((expected[key] == got[key]).all() for key in expected)
    assert (killed / "predictions" / "test.csv").read_bytes() == (
        tmp_path / "whole" / "predictions" / "test.csv"
    ).read_bytes()


def test_a_folder_that_is_no_run_is_named(tmp_path):
    with pytest.raises(LentigoError, match="is not a run folder"):
        Run.open(tmp_path)


def test_data_that_do_not_exist_are_named_before_weights_are_looked_for(tmp_path):
    config = load_config().changed({"model.weights": str(tmp_path / "no-weights.safetensors")})
    with pytest.raises(DataError, match=r"nope does not exist\. Give a folder of images"):
        train(tmp_path / "nope", tmp_path / "run", config=config)
