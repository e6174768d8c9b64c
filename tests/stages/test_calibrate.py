"""Calibrating and evaluating runs and foreign predictions: what is refused, and what carries over."""

import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError, LeakageError
from lentigo.model import open_model
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.predictions import Predictions
from lentigo.stages import (
    Run,
    calibrate_predictions,
    calibrate_run,
    evaluate_predictions,
    evaluate_run,
    predict,
)
from lentigo.storage import jsonable

QUICK = Config().changed({"evaluate.n_resamples": 100})


@pytest.fixture
def copy(run, tmp_path) -> Run:
    return Run.open(shutil.copytree(run, tmp_path / "run"))


def test_calibrating_on_test_images_of_a_run_is_refused(copy) -> None:
    shutil.copy(copy.predictions_path("test"), copy.predictions_path("val"))
    with pytest.raises(
        LeakageError, match=r"predicted images are test images of .* Calibrate on validation images only"
    ):
        calibrate_run(copy)


def test_one_test_image_among_the_validation_images_is_enough(copy) -> None:
    val, test = (Predictions.read(copy.predictions_path(split)) for split in ("val", "test"))
    mixed = Predictions(
        np.append(val.image, test.image[:1]),
        np.append(val.target, test.target[:1]),
        np.concatenate([val.probabilities, test.probabilities[:1]]),
        val.classes,
    )
    mixed.write(copy.predictions_path("val"))
    with pytest.raises(LeakageError, match=f"1 of {len(mixed)} predicted images are test images"):
        calibrate_run(copy)
    with pytest.raises(LeakageError, match="test images"):
        calibrate_predictions(copy.predictions_path("val"), groups_from=copy.manifest_path, config=QUICK)


def test_a_run_whose_calibration_saw_the_test_predictions_is_not_evaluated(copy) -> None:
    foreign = calibrate_predictions(copy.predictions_path("test"), config=QUICK)  # nothing says that it is test
    foreign.write(copy.calibration_path)
    with pytest.raises(LeakageError, match="are the file on which calibration and thresholds were chosen"):
        evaluate_run(copy)


def test_foreign_predictions_are_refused_on_the_images_they_were_calibrated_on(copy, tmp_path) -> None:
    val = copy.predictions_path("val")
    calibrate_predictions(val, config=QUICK).write(tmp_path / "c.json")
    how = {"calibrated_by": tmp_path / "c.json", "config": QUICK}
    with pytest.raises(LeakageError, match="are the file on which"):
        evaluate_predictions(val, **how)
    said = Predictions.read(val)
    said.select(np.arange(len(said))[::-1].copy()).write(tmp_path / "turned.csv")
    with pytest.raises(LeakageError, match="are the images on which"):
        evaluate_predictions(tmp_path / "turned.csv", **how)
    said.select(np.arange(len(said) - 1)).write(tmp_path / "fewer.csv")
    with pytest.raises(LeakageError, match=r"train or val images of .* Evaluate on test images only"):
        evaluate_predictions(tmp_path / "fewer.csv", groups_from=copy.manifest_path, **how)


def test_foreign_predictions_get_everything_a_run_gets(copy, tmp_path) -> None:
    val, test = copy.predictions_path("val"), copy.predictions_path("test")
    config = copy.config()
    calibrate_predictions(val, groups_from=copy.manifest_path, config=config).write(tmp_path / "c.json")
    assert Calibration.read(tmp_path / "c.json") == Calibration.read(copy.calibration_path)
    found = evaluate_predictions(
        test, groups_from=copy.manifest_path, calibrated_by=tmp_path / "c.json", prevalence=0.07, config=config
    )
    own = evaluate_run(copy, prevalence=0.07)
    assert jsonable(found.detail.json()) == jsonable(own.detail.json())
    assert found.detail.at_prevalence.prevalence == 0.07
    assert [point.name for point in found.operating_points] == [
        "sensitivity_95", "sensitivity_90", "sensitivity_98", "youden",
    ]  # fmt: skip


def test_a_run_keeps_tone_and_size_of_each_image_and_makes_subgroups_of_them(copy) -> None:
    table = copy.manifest().table
    assert set(table["width"]) == {48.0}
    assert table["skin_tone"].notna().all()
    subgroups = evaluate_run(copy).detail.subgroups
    assert subgroups.missing["image_size"] == "all images: under 300 px"
    assert {"sex", "age", "site", "diagnosis"} <= {one.key for one in subgroups.tables}


def test_a_run_of_an_older_lentigo_without_these_columns_is_still_evaluated(copy) -> None:
    manifest = copy.manifest()
    columns = [name for name in ("skin_tone", "width", "height") if name in manifest.table]
    Manifest(manifest.table.drop(columns=columns), manifest.origin).write(copy.manifest_path)
    assert evaluate_run(copy).detail.subgroups.missing["skin_tone"] == "not recorded"


def test_predictions_at_another_prevalence_say_less_and_decide_the_same(run, phantom, tmp_path) -> None:
    photos = sorted((phantom / "images").iterdir())[:30]
    here, there = (predict(run, photos, prevalence=share).answers for share in (None, 0.02))
    assert [a.decision for a in here] == [a.decision for a in there]
    assert all(b.malignant < a.malignant for a, b in zip(here, there, strict=True))
    predict(run, photos, out=tmp_path / "out.csv", prevalence=0.02)
    table = pd.read_csv(tmp_path / "out.csv", dtype=str)
    said, threshold = ([float(text) for text in table[name]] for name in ("malignant_probability", "threshold"))
    is_referred = [one >= limit for one, limit in zip(said, threshold, strict=True)]
    assert is_referred == (table["decision"] == "refer").tolist()
    assert threshold[0] < Calibration.read(Run.open(run).calibration_path).operating_points[0].threshold
    with pytest.raises(ConfigError, match="For 7 % write"):
        predict(run, photos, prevalence=7)
    with pytest.raises(ConfigError, match="For 7 % write"):
        open_model(run).decision.threshold(7)


def test_the_verbs_take_a_predictions_file_from_calibration_to_evaluation(copy, tmp_path) -> None:
    def call(*arguments: object) -> str:
        result = CliRunner().invoke(group, ["-q", *map(str, arguments)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    manifest, where = copy.manifest_path, tmp_path / "c.json"
    quick = ("--set", "evaluate.n_resamples=100")
    chosen = ("--cost-ratio", 10, "--prevalence", 0.07, "--sensitivity", 0.9)
    text = call("calibrate", copy.predictions_path("val"), "--manifest", manifest, "--out", where, *chosen, *quick)
    assert "cost_10: refer at" in text
    assert "these sets tell nothing" in text  # of 22 images
    test = copy.predictions_path("test")
    text = call("evaluate", test, "--manifest", manifest, "--calibration", where, "--prevalence", 0.07, *quick)
    assert "at a prevalence of 7 % (as set by --prevalence)" in text
    assert "cost_10: called malignant" in text
    result = CliRunner().invoke(group, ["calibrate", str(copy.folder), "--prevalence", "0.07"])
    assert result.exit_code == 2
    assert "give both" in result.output
