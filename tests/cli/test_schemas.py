"""The JSON schemas of the public files: as the records are, and true of real files, every key of which they know."""

import copy
import json
import shutil

import pytest

import lentigo
from lentigo.cli._schemas import schemas

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema comes with the extra 'dev'")


@pytest.fixture(scope="module")
def validators():
    """Validators of the schemas with every record closed, so that a key that a schema does not know is a fault."""

    def close(value):
        if isinstance(value, dict):
            if value.get("type") == "object" and "properties" in value:
                value.setdefault("additionalProperties", False)
            for inner in value.values():
                close(inner)
        elif isinstance(value, list):
            for inner in value:
                close(inner)

    made = copy.deepcopy(schemas())
    close(made)
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in made.items()}


def faults(validator, content):
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(content)]


def test_the_published_schemas_are_those_of_the_records(request):
    folder = request.config.rootpath / "docs" / "schemas"
    published = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert published == schemas()
    formats = (folder.parent / "formats.md").read_text(encoding="utf-8")
    assert [name for name in published if f"(schemas/{name}.json)" not in formats] == []


def test_every_schema_is_one(validators):
    for validator in validators.values():
        jsonschema.Draft202012Validator.check_schema(validator.schema)


@pytest.mark.parametrize("name", ["audit", "calibration", "evaluation"])
def test_the_files_of_a_run_are_as_their_schemas_say(validators, run, name):
    assert faults(validators[name], json.loads((run / f"{name}.json").read_text())) == []


def test_the_looks_at_test_images_are(validators, run):
    lines = (run / "looks.jsonl").read_text().splitlines()
    assert lines
    assert [fault for line in lines for fault in faults(validators["looks"], json.loads(line))] == []


def test_bundles_old_and_new_are(validators, bundle_folder, exported):
    from lentigo.model import shipped_folder

    for folder in (bundle_folder, exported, shipped_folder()):
        assert faults(validators["bundle"], json.loads((folder / "bundle.json").read_text())) == []


def test_a_comparison_is(validators, run, tmp_path):
    said = run / "predictions" / "test.csv"
    config = lentigo.Config().changed({"evaluate.n_resamples": 100})
    lentigo.compare(said, "prevalence", config=config, out=tmp_path / "c", margin=0.1)
    content = json.loads((tmp_path / "c" / "comparison.json").read_text())
    assert faults(validators["comparison"], content) == []


def test_an_external_validation_is(validators, run, phantom, tmp_path):
    lentigo.evaluate_external(run, phantom, leaks="allow", out=tmp_path / "external.json")
    content = json.loads((tmp_path / "external.json").read_text())
    assert content["recalibrated"] is not None
    assert faults(validators["external"], content) == []


def test_a_stress_test_is(validators, run, tmp_path):
    lentigo.stress(run, n_images=4, only=["jpeg"], out=tmp_path / "stress")
    assert faults(validators["stress"], json.loads((tmp_path / "stress" / "stress.json").read_text())) == []


def test_a_sweep_is(validators, phantom, tiny, tmp_path):
    lentigo.sweep(phantom, tmp_path / "sweep", grid={"train.lr": [1e-9, 3e-3]}, config=tiny)
    assert faults(validators["sweep"], json.loads((tmp_path / "sweep" / "sweep.json").read_text())) == []


def test_the_record_of_a_scoring_job_is(validators, bundle_folder, photo, tmp_path):
    (tmp_path / "photos").mkdir()
    shutil.copy(photo, tmp_path / "photos")
    lentigo.score(bundle_folder, tmp_path / "photos", tmp_path / "scores", workers=1)
    assert faults(validators["score"], json.loads((tmp_path / "scores" / "score.json").read_text())) == []


def test_what_is_missing_or_of_another_type_is_found(validators, run):
    content = json.loads((run / "evaluation.json").read_text())
    content["metrics"]["auroc"]["value"] = "0.9"
    del content["classes"]
    content["surprise"] = 1
    found = " ".join(faults(validators["evaluation"], content))
    assert "'classes' is a required property" in found
    assert "'0.9' is not of type" in found
    assert "surprise" in found
