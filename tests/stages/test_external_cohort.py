"""Who the images of an external test show: the rows of its subgroups, and the counts that its folder keeps."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.numbers.predictions import Predictions
from lentigo.progress import silent
from lentigo.stages import Run, evaluate_external
from lentigo.stages._external_cohort import cohort_of, judged_rows, subgroups_there
from lentigo.stages._external_validation import _basis_of

SIDES = ("benign", "malignant")


@pytest.fixture
def clinic(photo):
    """Four photographs of four diagnoses, and one that no model has judged."""
    table = pd.DataFrame({"image_id": list("abcde"), "path": str(photo), "target": ["NV", "MEL", "BCC", "BKL", "NV"]})
    return Manifest(table.assign(sex=["male", "male", "female", None, "male"], device="x"), origin="clinic.csv")


def said(classes, target):
    rows = np.full((4, len(classes)), 1 / len(classes))
    return Predictions(np.array(list("dcba")), np.array(target), rows, classes)


def test_a_model_that_is_judged_by_side_keeps_the_diagnoses_in_their_column(clinic):
    rows = judged_rows(clinic, said(SIDES, [0, 1, 1, 0]), Config(), silent)
    assert rows.table["image_id"].tolist() == list("dcba")
    assert rows.table["target"].tolist() == ["benign", "malignant", "malignant", "benign"]
    assert rows.table["diagnosis"].tolist() == ["BKL", "BCC", "MEL", "NV"]
    assert {"skin_tone", "width", "height"} <= set(rows.table.columns)
    counts = {row.label: row.value for row in cohort_of(rows)}
    assert counts["diagnosis"] == ""
    assert counts["MEL"] == "1 (25%)"
    assert counts["male"] == "2 (50%)"
    assert counts["not recorded"] == "1 (25%)"


def test_a_model_of_the_diagnoses_of_the_data_keeps_them_as_classes(clinic):
    rows = judged_rows(clinic, said(("NV", "MEL", "BCC", "BKL"), [3, 2, 1, 0]), Config(), silent)
    assert rows.table["target"].tolist() == ["BKL", "BCC", "MEL", "NV"]
    assert rows.table["diagnosis"].isna().all()
    assert "diagnosis" not in {row.label for row in cohort_of(rows)}


def test_subgroups_by_a_column_of_the_run_that_other_data_lack_are_left_out_with_a_warning(clinic, caplog):
    settings = Config().changed({"evaluate.subgroups": ["sex", "device", "ward"]}).evaluate
    assert subgroups_there(clinic, settings).subgroups == ("sex", "device")
    assert "clinic.csv has no column 'ward': no subgroups by it." in caplog.text


def test_the_band_is_that_of_the_model_and_of_a_run_the_one_that_its_bundle_will_use(run):
    calibration = Run.open(run).calibration()
    rule = SimpleNamespace(operating_points=(), low_confidence="of the bundle", prevalence=0.2)
    opened = SimpleNamespace(decision=rule)
    assert _basis_of(opened, Run.open(run)).low_confidence == calibration.low_confidence
    bundle = _basis_of(opened, None)
    assert (bundle.low_confidence, bundle.prevalence, bundle.threshold) == ("of the bundle", 0.2, 0.5)


def test_ppv_is_carried_to_the_prevalence_that_was_asked_for(run, phantom):
    found = evaluate_external(run, phantom, leaks="allow", prevalence=0.07)
    assert found.evaluation.detail.at_prevalence.prevalence == 0.07
    assert not found.evaluation.detail.at_prevalence.is_own
    overall = found.evaluation.detail.answers.overall["malignant"]
    referred = found.answers["malignant"].get("refer", 0)
    assert overall["refer"].value == pytest.approx(referred / sum(found.answers["malignant"].values()))
