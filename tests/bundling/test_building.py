import dataclasses
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from lentigo.bundling import _building as building
from lentigo.bundling import _folder as folder
from lentigo.bundling import _proof as proof
from lentigo.bundling._inputs import Cases
from lentigo.bundling._licences import combine_licences, data_sources, weights_source
from lentigo.bundling._validation import score_validation
from lentigo.config import ImageConfig
from lentigo.errors import ConfigError, LentigoError, ModelError, ParityError
from lentigo.images import Preprocess
from lentigo.model import open_model
from lentigo.model._answer import Answer
from lentigo.model._bundle_facts import LicensedSource
from lentigo.model._decoding import DecodedImage
from lentigo.model._gate_over_sources import LEAST_A_SOURCE
from lentigo.model._outputs import Outputs
from lentigo.model.decision import Estimate, wilson_interval
from lentigo.model.decision._probability_map import softmax
from lentigo.numbers.evaluation import Evaluation
from lentigo.stages import Run, calibrate_run, export
from lentigo.stages import _export as exporting
from lentigo.stages._gate_cases import gate_cases


def test_a_bundle_says_what_its_run_says(run, exported):
    record = open_model(exported).record
    calibration = json.loads((run / "calibration.json").read_text())
    evaluation = json.loads((run / "evaluation.json").read_text())
    assert record.classes == ("benign", "malignant")
    assert record.decision.operating_points[0].threshold == calibration["operating_points"][0]["threshold"]
    assert record.metrics["auroc"].value == evaluation["metrics"]["auroc"]["value"]
    assert record.parity.n_images >= 64
    assert record.parity.probabilities < 1e-4
    assert record.references.n_cases == 40
    assert record.references.picture_side == 0


def test_a_bundle_holds_what_its_threshold_reaches_on_test_and_on_each_source(run, exported, tmp_path):
    reached = Evaluation.read(run / "evaluation.json").operating_points[0]
    metrics = open_model(exported).record.metrics
    assert metrics["sensitivity at sensitivity_95"] == reached.sensitivity
    twin = Run(shutil.copytree(run, tmp_path / "twin"))
    payload = json.loads(twin.evaluation_path.read_text())
    reached, few = reached.specificity.json(), Estimate.undefined("too few").json()
    group = {"n_images": 1200, "n_units": 9, "n_malignant": 2, "sensitivity": few, "specificity": reached, "auroc": few}
    groups = [{"value": name, **group} for name in ("here", "there")]
    table = {"key": "source", "name": "source", "groups": groups, "disparities": []}
    payload["detail"]["subgroups"]["tables"] = [table]
    twin.evaluation_path.write_text(json.dumps(payload))
    told = exporting._metrics(twin)
    assert told["specificity, there (1,200 images)"] == Estimate.from_json(reached)
    assert "sensitivity, there (1,200 images)" not in told


def test_a_run_on_several_sources_gives_limits_that_are_fitted_over_them(run, exported):
    bundle, table = open_model(exported), pd.read_csv(Run(run).manifest_path)
    gate = bundle.record.gate
    counts = table.loc[table["split"] != "test", "source"].value_counts()
    judged = counts[counts >= LEAST_A_SOURCE]  # one camera of the phantom has too few photographs
    assert 2 <= len(judged) < len(counts)
    assert set(gate.judge.left_out) == set(judged.index)
    assert gate.n_images == judged.sum()
    assert max(gate.judge.left_out.values()) <= 0.2
    assert "of a source not used to fit the limits" in bundle.card
    assert "the limits were fitted to photographs of one source" not in bundle.card


@pytest.mark.parametrize("column", [None, "one"])
def test_one_source_or_none_leaves_the_gate_to_validation(run, column):
    manifest = Run(run).manifest()
    table = manifest.table.drop(columns="source") if column is None else manifest.table.assign(source=column)
    of_one = dataclasses.replace(manifest, table=table)
    assert gate_cases(of_one, Preprocess(ImageConfig(size=32)), lambda chosen: pytest.fail("nothing to decode")) is None


def test_an_export_that_answers_otherwise_leaves_nothing_behind(run, tmp_path, monkeypatch):
    monkeypatch.setattr(proof, "MOST_PROBABILITY", -1.0)
    with pytest.raises(ParityError, match="No bundle was written"):
        export(run, tmp_path / "bundle", n_references=0)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_complete_or_absent(run, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise ModelError("cut off")

    monkeypatch.setattr(folder, "render_bundle_card", fail)
    with pytest.raises(ModelError, match="cut off"):
        export(run, tmp_path / "bundle", n_references=0)
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_storage_is_told_before_a_run_is_opened(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown storage 'flaot16'\. Did you mean 'float16'"):
        export(tmp_path / "no-run", tmp_path / "bundle", storage="flaot16")
    with pytest.raises(ConfigError, match="--references is -1"):
        export(tmp_path / "no-run", tmp_path / "bundle", n_references=-1)


def test_only_a_bundle_is_ever_replaced(run, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("x")
    with pytest.raises(LentigoError, match="is not a bundle"):
        export(run, tmp_path / "thesis", force=True)


def test_smaller_storage_publishes_what_it_loses_and_pictures_need_a_licence(run, tmp_path):
    bundle = export(run, tmp_path / "half", storage="float16", n_references=10, pictures_licence="CC BY 4.0")
    parity = bundle.record.parity
    assert parity.decisions_changed is not None
    assert parity.auroc_lost == pytest.approx(0, abs=0.02)
    assert bundle.record.network.storage == "float16"
    assert bundle.references.pictures.shape == (10, 64, 64, 3)
    assert bundle.record.references.picture_licence == "CC BY 4.0"
    assert "lost by storing weights as float16" in bundle.card


def test_an_ensemble_is_calibrated_anew_and_answers_with_the_mean(run, tmp_path):
    other = shutil.copytree(run, tmp_path / "other")
    bundle = export([run, other], tmp_path / "bundle", n_references=0)
    assert bundle.record.network.n_networks == 2
    assert bundle.record.oddness is None
    assert bundle.record.metrics == {}


def test_an_ensemble_is_calibrated_by_the_settings_and_over_the_patients_of_its_run(run, tmp_path):
    twin = Run(shutil.copytree(run, tmp_path / "twin"))
    text = twin.config().changed({"calibrate.method": "vector", "calibrate.sensitivities": (0.8, 0.9)}).to_toml()
    twin.config_path.write_text(text)
    alone = calibrate_run(twin)  # the mean of a network with itself is that network
    record = export([twin.folder, twin.folder], tmp_path / "bundle", n_references=0).record
    assert record.decision.probability_map.method == "vector"
    assert "patients" in alone.intervals
    for one, other in zip(record.decision.operating_points, alone.operating_points, strict=True):
        assert one.name == other.name
        for name in ("sensitivity", "specificity"):
            here, there = getattr(one, name), getattr(other, name)
            assert (here.value, here.low, here.high) == pytest.approx((there.value, there.low, there.high))


def test_members_that_leave_no_image_held_out_are_refused(run, tmp_path):
    other = shutil.copytree(run, tmp_path / "other")
    text = (other / "manifest.csv").read_text()
    (other / "manifest.csv").write_text(
        text.replace(",val", ",TRAIN").replace(",train", ",val").replace(",TRAIN", ",train")
    )
    with pytest.raises(ModelError, match="held out by all runs"):
        export([run, other], tmp_path / "bundle")


LOOKS = [np.zeros(30, np.float32)]


class Judging:
    """A bundle that has decided already."""

    def __init__(self, *decisions):
        self.decisions = decisions

    def answers_from(self, outputs, statistics, names, **beside):
        return [Answer(name, {}, 0.5, decision) for name, decision in zip(names, self.decisions, strict=True)]


def cases(target, **more):
    photo = DecodedImage(np.zeros((1, 1, 3), np.uint8), np.zeros(30, np.float32), (1, 1))
    return Cases([photo] * len(target), tuple(f"i{k}" for k in range(len(target))), np.array(target), **more)


def said_of(n):
    return Outputs(np.zeros((n, 2), np.float32), None, np.zeros((n, 3), np.float32))


def test_figures_on_validation_count_only_the_images_that_are_judged():
    bundle = Judging("refer", "refer", "benign-looking", "cannot assess", "benign-looking", "refer", "cannot assess")
    scores = score_validation(bundle, said_of(7), LOOKS * 7, np.array([1, 1, 1, 1, 0, 0, 0], bool))
    assert (scores.sensitivity.value, scores.specificity.value) == (pytest.approx(2 / 3), 0.5)
    assert (scores.sensitivity.low, scores.sensitivity.high) == pytest.approx(wilson_interval(2, 3))
    assert scores.decisions == pytest.approx({"refer": 3 / 7, "benign-looking": 2 / 7, "cannot assess": 2 / 7})


def test_without_a_judged_image_there_is_no_figure():
    scores = score_validation(Judging("cannot assess", "refer"), said_of(2), LOOKS * 2, np.array([True, False]))
    assert scores.sensitivity == Estimate.undefined("0 evaluated images")


def test_scores_come_from_networks_that_had_not_trained_on_the_image_where_the_exported_ones_had():
    unseen = np.array([[0.9, 0.1], [0.0, 1.0]])
    said = building._of_unseen(said_of(2), cases([0, 1], unseen=unseen))
    np.testing.assert_allclose(softmax(said.logits), unseen, atol=1e-6)
    assert building._of_unseen(said, cases([0, 1])) is said


def test_the_strictest_source_decides_what_the_weights_are_for():
    free, bound, unknown = (
        LicensedSource("a", "CC0 1.0", "yes"),
        LicensedSource("b", "CC BY-NC 4.0", "no"),
        LicensedSource("c", "?", "unknown"),
    )
    assert combine_licences([free]).is_commercial == "yes"
    assert combine_licences([free, unknown]).is_commercial == "unknown"
    assert combine_licences([free, unknown, bound]).is_commercial == "no"
    assert combine_licences([]).is_commercial == "unknown"


def test_licences_are_read_beside_data_and_weights(tmp_path):
    images = tmp_path / "set" / "images"
    images.mkdir(parents=True)
    assert data_sources([images / "a.jpg"])[0].is_commercial == "unknown"
    assert data_sources([images / "a.jpg"], stated="CC BY 4.0")[0].is_commercial == "yes"
    (tmp_path / "set" / "source.json").write_text(json.dumps({"title": "HAM", "licence": "CC BY-NC 4.0"}))
    assert data_sources([images / "a.jpg"]) == [LicensedSource("HAM", "CC BY-NC 4.0", "no")]
    (tmp_path / "LICENSE-weights-CC-BY-NC-4.0.txt").write_text("text")
    assert weights_source("resnet18", str(tmp_path / "w.safetensors")).is_commercial == "no"
    assert weights_source("resnet18", "none") is None
    assert weights_source("resnet18", "imagenet").licence == "bsd-3-clause"
    assert weights_source("tf_efficientnet_lite0", "efficientnet-lite0").is_commercial == "yes"


def test_the_loss_is_computed_on_calibrated_probabilities():
    from lentigo.model.decision import DecisionRule, Estimate, OperatingPoint, ProbabilityMap

    full = np.log(np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.8, 0.2]]))
    small = np.log(np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.8, 0.2]]))
    truth = np.array([False, True, True, False])
    none = Estimate.undefined("not measured")
    point = OperatingPoint("sensitivity_95", 0.5, 0.95, none, none)
    same = ProbabilityMap("temperature", temperature=1.0)
    rule = DecisionRule(("NV", "MEL"), ("MEL",), same, (point,), None, 0.5)
    (area, missed, changed), difference = proof.loss_of(small, full, rule, truth)
    assert (area, missed, changed) == (0.0, 0.5, 0.25)
    assert difference == pytest.approx(0.2)
