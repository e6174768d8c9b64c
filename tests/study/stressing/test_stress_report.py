"""stress.json: strict, complete, and back again."""

import json

import numpy as np
import pytest

from lentigo.errors import MetricError
from lentigo.study.stressing import StressPredictions, StressReport, choose, measure
from lentigo.study.stressing._stress_report import SCHEMA_VERSION


@pytest.fixture
def report():
    truth = np.array([True, True, True, False, False])
    said = np.array([[0.9, 0.4, 0.8, 0.6, 0.2]] * 5)
    answers = StressPredictions(truth, np.arange(5), "image", np.linspace(1, 0, 5), said[None], choose(["blur"]))
    return measure(answers, threshold=0.5, n_resamples=50)


def test_what_is_written_is_read_again(report, tmp_path):
    report.write(tmp_path / "stress.json")
    assert StressReport.read(tmp_path / "stress.json").json() == report.json()


def test_file_says_its_version_first_and_null_for_what_is_undefined(report, tmp_path):
    report.write(tmp_path / "stress.json")
    text = (tmp_path / "stress.json").read_text()
    payload = json.loads(text, parse_constant=pytest.fail)
    assert next(iter(payload)) == "schema_version"
    assert payload["schema_version"] == SCHEMA_VERSION
    assert payload["resampling"] == {"unit": "image", "n_units": 5, "n_resamples": 50, "confidence": 0.95}


@pytest.mark.parametrize("change", [{"schema_version": 99}, {"corruptions": [{"key": "blur"}]}])
def test_another_version_or_a_gap_is_an_error_with_the_remedy(report, tmp_path, change):
    (tmp_path / "stress.json").write_text(json.dumps({**report.json(), **change}))
    with pytest.raises(MetricError, match="Run 'lentigo stress' again"):
        StressReport.read(tmp_path / "stress.json")
