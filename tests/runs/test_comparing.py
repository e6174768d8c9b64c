import json

import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.errors import LentigoError, PredictionsError
from lentigo.predictions import Predictions
from lentigo.runs import Run, compare_models, evaluate_external
from lentigo.runs.evaluating import evaluate_run


def invoke(*arguments):
    result = CliRunner().invoke(group, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_run_is_compared_at_its_own_threshold_over_its_own_lesions(run, tiny):
    file = Run.open(run).predictions_path("test")
    found = compare_models(run, file, threshold=0.5, config=tiny)
    evaluation = evaluate_run(Run.open(run))
    point = evaluation.operating_points[0]
    assert found.thresholds == (point["threshold"], 0.5)
    assert found.figures["sensitivity"].first.value == point["sensitivity"].value
    assert found.figures["auroc"].difference.value == pytest.approx(0, abs=1e-9)
    assert found.resampling.unit == evaluation.resampling.unit
    assert found.resampling.n_units == evaluation.resampling.n_units


def test_compare_prints_a_table_or_json_also_against_a_trivial_model(run):
    printed = invoke("compare", run, "prevalence", "--margin", 0.02, "--set", "evaluate.n_resamples=100")
    assert "AUROC" in printed
    assert "A not inferior" in printed
    payload = json.loads(invoke("compare", run, "always-benign", "--json", "--set", "evaluate.n_resamples=100"))
    assert payload["figures"]["sensitivity"]["second"]["value"] == 0


def test_a_file_about_other_images_is_refused(run, tmp_path, tiny):
    said = Predictions.read(Run.open(run).predictions_path("test"))
    said.select(said.target == said.target[0]).write(tmp_path / "some.csv")
    with pytest.raises(PredictionsError, match="not about the same images"):
        compare_models(run, tmp_path / "some.csv", config=tiny)


def test_a_run_is_judged_on_other_data_with_drop_and_recalibration_apart(run, phantom, tmp_path):
    out = tmp_path / "external"
    printed = invoke("-q", "evaluate", run, "--data", phantom, "--out", out)
    assert "there - own" in printed
    assert "recalibrated" in printed.casefold()
    payload = json.loads((out / "external.json").read_text())
    said = Predictions.read(out / "predictions.csv")
    assert payload["evaluation"]["n_images"] == len(said) == 120
    assert payload["provenance"] == {"data": "phantom", "n_found": 120, "n_unreadable": 0}
    assert payload["threshold"] == evaluate_run(Run.open(run)).operating_points[0]["threshold"]
    assert payload["drops"]["auroc"]["difference"]["low"] is not None
    assert evaluate_external(run, phantom, out=tmp_path / "x.json").drops["auroc"].there.value == pytest.approx(
        payload["drops"]["auroc"]["there"]["value"]
    )


def test_an_external_test_replaces_no_folder_of_other_things(run, phantom, tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(LentigoError, match="is no external test, so not even --force replaces it"):
        evaluate_external(run, phantom, out=tmp_path, force=True)
    assert (tmp_path / "thesis.tex").exists()
