"""Stressing a model: one that sees only brightness, and a trained run from the command line to the page."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from lentigo.cli import group
from lentigo.config import ImageConfig
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError, DataError, LentigoError
from lentigo.images import Preprocess
from lentigo.model import Model, open_model
from lentigo.model._outputs import Outputs
from lentigo.model.decision import DecisionRule, Estimate, OperatingPoint, ProbabilityMap
from lentigo.stages._stress import stress, stress_model
from lentigo.study.stressing import StressReport, choose


class Brightness:
    """A network that calls dark pictures malignant, and looks at nothing else."""

    def run(self, pixels):
        share = 1 - pixels.mean(axis=(1, 2, 3)) / 255
        return Outputs(np.log(np.stack([1 - share, share], axis=1)), None, np.zeros((len(pixels), 0), np.float32))


def brightness_model():
    unmeasured = Estimate.undefined("not measured")
    as_it_is = ProbabilityMap("temperature", temperature=1.0)
    point = OperatingPoint("mine", 0.4, 0.95, unmeasured, unmeasured)
    rule = DecisionRule(("benign", "malignant"), ("malignant",), as_it_is, (point,), None, 0.5)
    return Model(Path("nowhere"), "test", "brightness", Preprocess(ImageConfig(size=32)), rule, Brightness(), 16)


@pytest.fixture(scope="module")
def grey_set(tmp_path_factory):
    """Forty pictures of even light: benign ones bright, malignant ones darker, a spot in the middle of each."""
    folder, rng, rows = tmp_path_factory.mktemp("grey"), np.random.default_rng(0), []
    for number in range(40):
        target = ("benign", "malignant")[number % 2]
        pixels = rng.normal(170 - 30 * (number % 2), 3, (48, 48, 3))
        pixels[18:30, 16:32] -= 40
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / f"{number}.png")
        rows.append({"image_id": str(number), "path": str(folder / f"{number}.png"), "target": target})
    return Manifest(pd.DataFrame(rows), origin="memory")


def test_a_model_that_looks_at_brightness_is_hurt_by_brightness_and_not_by_rotation(grey_set):
    keys = ["darker", "brighter", "rotation"]
    report = stress_model(
        brightness_model(), grey_set, malignant=["malignant"], corruptions=choose(keys), threshold=0.4, n_resamples=200
    )
    row = {endured.key: endured.cells[-1] for endured in report.endured}
    assert report.clean["sensitivity"].value == report.clean["specificity"].value == 1
    assert row["darker"].specificity_change.value == -1
    assert row["darker"].sensitivity_change.value == 0
    assert row["brighter"].sensitivity_change.value == -1
    assert row["brighter"].is_certain is False  # the same in every resample: nothing to build an interval from
    assert row["rotation"].flip_rate.value == 0
    assert row["rotation"].probability_change.value < 0.02 < row["darker"].probability_change.value
    assert report.endured[-1].key == "rotation"


def test_an_unreadable_image_is_left_out_and_counted(grey_set, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no image")
    table = grey_set.table.copy()
    table.loc[3, "path"] = str(tmp_path / "bad.png")
    options = {"malignant": ["malignant"], "corruptions": choose(["jpeg"]), "threshold": 0.4, "n_resamples": 20}
    report = stress_model(brightness_model(), Manifest(table, origin="memory"), **options)
    assert (report.n_images, report.provenance["n_unreadable"]) == (39, 1)
    with pytest.raises(DataError, match="none of the 1 image"):
        stress_model(brightness_model(), Manifest(table.iloc[[3]], origin="memory"), **options)


def invoke(*arguments, exit_code=0):
    result = CliRunner().invoke(group, ["-q", "stress", *map(str, arguments)])
    if exit_code == 0:
        assert result.exit_code == 0, result.output
    return result


def test_stress_from_the_command_line_writes_json_and_page_and_prints_the_worst_first(run, tmp_path):
    out = tmp_path / "stress"
    printed = invoke(run, "--images", 10, "--only", "darker,rotation", "--views", "1", "--out", out).stdout
    report = StressReport.read(out / "stress.json")
    assert sorted(path.name for path in out.iterdir()) == ["stress.html", "stress.json"]
    assert printed.index(report.endured[0].name) < printed.rindex(report.endured[1].name)
    assert max(map(len, printed.splitlines())) <= 120
    assert report.n_images == 10
    assert report.provenance["views"] == 1
    page = (out / "stress.html").read_text()
    assert "not a patient" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_json_is_what_the_file_holds_by_its_schema_and_a_seed_repeats_it(run, faults, tmp_path):
    arguments = [run, "--images", 8, "--only", "hair", "--seed", 3, "--json", "--out"]
    first = json.loads(invoke(*arguments, tmp_path / "a").stdout)
    again = json.loads(invoke(*arguments, tmp_path / "b").stdout)
    assert first == again == json.loads((tmp_path / "a" / "stress.json").read_text())
    assert faults("stress", first) == []


def test_other_data_are_read_as_training_reads_them(run, phantom, tmp_path):
    report = stress(run, phantom, n_images=8, only=["jpeg"], out=tmp_path / "s", with_pictures=True)
    assert report.provenance["data"] == "phantom"
    assert "one image of the data" in (tmp_path / "s" / "stress.html").read_text()


def test_nothing_is_replaced_without_force_and_no_other_folder_even_with_it(run, tmp_path):
    options = {"n_images": 4, "only": ["jpeg"]}
    stress(run, out=tmp_path / "s", **options)
    with pytest.raises(LentigoError, match="--force"):
        stress(run, out=tmp_path / "s", **options)
    stress(run, out=tmp_path / "s", force=True, **options)
    (tmp_path / "s" / "mine.txt").write_text("mine")
    with pytest.raises(LentigoError, match="mine.txt"):
        stress(run, out=tmp_path / "s", force=True, **options)
    assert (tmp_path / "s" / "mine.txt").exists()


def test_unknown_points_and_corruptions_are_named_before_anything_is_done(run, tmp_path):
    with pytest.raises(LentigoError, match="Did you mean 'sensitivity_9"):
        stress(run, point="sensitivty_95", out=tmp_path / "s")
    assert "Did you mean 'blur'" in str(invoke(run, "--only", "blurr", exit_code=1).exception)
    assert not (tmp_path / "s").exists()


def test_a_bundle_is_stressed_as_its_run_is(run, exported, phantom, tmp_path):
    how = {"n_images": 12, "only": ["jpeg", "blur"], "views": None}
    by_run = stress(run, phantom, out=tmp_path / "run", **how)
    by_bundle = stress(exported, phantom, out=tmp_path / "bundle", **how)
    assert by_bundle.threshold == by_run.threshold
    by_key = {other.key: other for other in by_bundle.endured}  # in order of harm, which the last digit may decide
    assert by_key.keys() == {one.key for one in by_run.endured}
    for one in by_run.endured:
        other = by_key[one.key]
        for mine, theirs in zip(one.cells, other.cells, strict=True):
            assert theirs.probability_change.value == pytest.approx(mine.probability_change.value, abs=1e-4)
    assert by_bundle.provenance["bundle_sha256"]
    assert (tmp_path / "bundle" / "stress.html").is_file()


def test_a_bundle_is_stressed_without_torch(bundle_folder, phantom, tmp_path):
    code = f"""
import sys
from lentigo.stages import stress
stress({str(bundle_folder)!r}, {str(phantom)!r}, out={str(tmp_path / "out")!r}, n_images=4, only=["jpeg"])
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("more", "words"), [({}, "Give images"), ({"data": True}, "--out")])
def test_what_a_bundle_needs_to_be_stressed_is_told(exported, phantom, more, words):
    with pytest.raises(ConfigError, match=words):
        stress(exported, **dict.fromkeys(more, phantom))


def test_other_views_than_those_inside_a_bundle_are_refused(exported, phantom, tmp_path):
    own = open_model(exported).record.network.views
    with pytest.raises(ConfigError, match="omit --views"):
        stress(exported, phantom, out=tmp_path / "out", views=9 - own)
    assert not (tmp_path / "out").exists()


def test_a_bundle_refuses_what_its_gate_would(bundle_folder, phantom, tmp_path):
    """Photographs that it would not answer were judged all the same."""
    import dataclasses

    from lentigo.data.sources import read_data
    from lentigo.model import open_model
    from lentigo.stages._stress import stress_model
    from lentigo.study.reporting import render_stress, stress_summary
    from lentigo.study.stressing import StressReport, choose

    bundle = open_model(bundle_folder, threads=1)
    gate = dataclasses.replace(bundle.record.gate, limits=dict.fromkeys(bundle.record.gate.limits, -1e9))
    strict = dataclasses.replace(bundle, about=dataclasses.replace(bundle.record, gate=gate))
    sample = read_data(phantom).subset("test").select(np.arange(12))
    refused = {}
    for name, one in (("as it is", bundle), ("strict", strict)):
        report = stress_model(
            one, sample, malignant=["MEL", "BCC"], corruptions=choose(["blur"]), threshold=0.3,
            n_resamples=50,
        )  # fmt: skip
        refused[name] = report.clean["refused"].value
        report.write(tmp_path / "stress.json")
        assert StressReport.read(tmp_path / "stress.json").json() == report.json()
        assert "it refuses" in render_stress(report)
        assert "missed (malignant called benign-looking" in stress_summary(report)
    assert refused["strict"] == 1
    assert refused["as it is"] < 1
