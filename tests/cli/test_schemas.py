"""The JSON schemas of the public files: as the records are, and true of real files, every key of which they know.

Files that take a while to make are validated where they are made: external.json in stages/test_compare.py, stress.json
in stages/test_stress.py, sweep.json in stages/test_sweep.py.
"""

import json
import shutil

import pytest

import lentigo
from lentigo.cli._schemas import schemas

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema comes with the extra 'dev'")


def test_the_published_schemas_are_those_of_the_records(request):
    folder = request.config.rootpath / "docs" / "schemas"
    published = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert published == schemas()
    formats = (folder.parent / "formats.md").read_text(encoding="utf-8")
    assert [name for name in published if f"(schemas/{name}.json)" not in formats] == []


def test_every_schema_is_one():
    for schema in schemas().values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", ["audit", "calibration", "evaluation"])
def test_the_files_of_a_run_are_as_their_schemas_say(faults, run, name):
    assert faults(name, json.loads((run / f"{name}.json").read_text())) == []


def test_the_looks_at_test_images_are(faults, run):
    lines = (run / "looks.jsonl").read_text().splitlines()
    assert lines
    assert [fault for line in lines for fault in faults("looks", json.loads(line))] == []


def test_bundles_old_and_new_are(faults, bundle_folder, exported):
    from lentigo.model import shipped_folder

    for folder in (bundle_folder, exported, shipped_folder()):
        assert faults("bundle", json.loads((folder / "bundle.json").read_text())) == []


def test_a_comparison_is(faults, run, tmp_path):
    said = run / "predictions" / "test.csv"
    config = lentigo.Config().changed({"evaluate.n_resamples": 100})
    lentigo.compare(said, "prevalence", config=config, out=tmp_path / "c", margin=0.1)
    content = json.loads((tmp_path / "c" / "comparison.json").read_text())
    assert faults("comparison", content) == []


def test_the_record_of_a_scoring_job_is(faults, bundle_folder, photo, tmp_path):
    (tmp_path / "photos").mkdir()
    shutil.copy(photo, tmp_path / "photos")
    lentigo.score(bundle_folder, tmp_path / "photos", tmp_path / "scores", workers=1)
    assert faults("score", json.loads((tmp_path / "scores" / "score.json").read_text())) == []


def test_what_is_missing_or_of_another_type_is_found(faults, run):
    content = json.loads((run / "evaluation.json").read_text())
    content["metrics"]["auroc"]["value"] = "0.9"
    del content["classes"]
    content["surprise"] = 1
    found = " ".join(faults("evaluation", content))
    assert "'classes' is a required property" in found
    assert "'0.9' is not of type" in found
    assert "surprise" in found
