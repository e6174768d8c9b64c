"""Where other libraries answer differently: lentigo's side of docs/differences.md, and theirs where installed.

The libraries' behaviour was seen with the versions that the page names; `findings/` has a script for each.
"""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest
from lentigo.data.splits import k_folds
from lentigo.numbers.evaluation import ComparedModel, compare, evaluate
from lentigo.numbers.metrics import delong_aurocs, expected_calibration_error, reliability_bins
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting import evaluation_table

ROOT = Path(__file__).parents[1]
CLASSES = ("NV", "BKL", "MEL", "VASC")


@pytest.fixture(scope="module")
def script():
    """benchmarks/differences.py as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
        return importlib.import_module("differences")


@pytest.fixture(scope="module")
def shared(script):
    """The small file that all libraries read."""
    return importlib.import_module("differing.shared_file")


@pytest.fixture(scope="module")
def said(shared) -> Predictions:
    return Predictions(shared.DATA["image_id"].to_numpy(str), shared.TARGET, shared.ROWS, CLASSES)


def test_the_page_has_lentigos_own_values_as_the_script_gives_them_now(script, capsys) -> None:
    script.main("lentigo")
    rows = [re.split(r" *\| *", line)[2:4] for line in capsys.readouterr().out.splitlines()[2:]]
    page = (ROOT / "docs" / "differences.md").read_text()
    assert len(rows) > 15
    missing = [" = ".join(row) for row in rows if f"| {row[0]} | {row[1]} |" not in page]
    assert not missing


def test_a_diagnosis_without_images_is_left_out_of_macro_auroc_and_named(said) -> None:
    found = evaluate(said, malignant=["MEL"], n_resamples=50).metrics
    three = [found["macro_auroc"].value, found["balanced_accuracy"].value]
    assert all(0.6 < value < 1 for value in three)
    for name in ("macro_auroc", "balanced_accuracy", "macro_average_precision"):
        assert "1 of 4 classes excluded, undefined: VASC" in found[name].reason


def test_torchmetrics_counts_a_diagnosis_without_images_as_zero(shared, said) -> None:
    """torchmetrics 1.9.0, MulticlassAUROC(average="macro"): its value is three quarters of lentigo's."""
    torchmetrics = pytest.importorskip("torchmetrics", reason="torchmetrics is not installed")
    import torch

    theirs = torchmetrics.AUROC(task="multiclass", num_classes=4)(
        torch.from_numpy(shared.ROWS), torch.from_numpy(shared.TARGET)
    )
    ours = evaluate(said, malignant=["MEL"], n_resamples=50).metrics["macro_auroc"].value
    assert float(theirs) == pytest.approx(ours * 3 / 4, abs=1e-6)


def test_models_that_rank_alike_have_no_p_value_rather_than_zero(shared) -> None:
    assert np.isnan(delong_aurocs(shared.TRUTH, [shared.SCORE, shared.SCORE**2]).difference()[3])
    models = []
    for name, score in (("A", shared.SCORE), ("B", shared.SCORE**2)):
        rows = np.stack([1 - score, score], axis=1)
        one = Predictions(shared.DATA["image_id"].to_numpy(str), shared.TRUTH.astype(int), rows, ("NV", "MEL"))
        models.append(ComparedModel(name, one, ("MEL",)))
    found = compare(*models, n_resamples=50)
    assert json.loads(json.dumps(found.json()))["delong"]["p_value"] is None
    assert found.delong.reason == "the two rankings have no variance between them"


def test_mlstatkit_calls_models_that_rank_alike_different_beyond_doubt(shared) -> None:
    """MLstatkit 0.1.91, Delong_test: p = 0.0 where the variance of the difference is 0."""
    mlstatkit = pytest.importorskip("MLstatkit", reason="MLstatkit is not installed")
    assert mlstatkit.Delong_test(shared.TRUTH.astype(int), shared.SCORE, shared.SCORE**2)[1] == 0.0


@pytest.mark.parametrize("missing", [np.nan, None, "", "NA"])
def test_images_without_a_lesion_id_stand_alone_when_folds_are_cut(missing) -> None:
    ids = [missing if k % 2 else f"L{k}" for k in range(60)]
    table = pd.DataFrame({"image_id": [f"i{k}" for k in range(60)], "target": ["NV", "NV", "MEL"] * 20})
    manifest = Manifest(table.assign(path="/x/" + table["image_id"], lesion_id=ids), origin="memory")
    assert len(set(manifest.groups()[0])) == 60
    folds = np.asarray(k_folds(manifest, 5))
    counts = np.bincount(folds[1::2], minlength=5)
    assert counts.sum() == 30
    assert counts.max() < 15


def test_scikit_learn_puts_all_images_with_nan_for_a_group_into_one_fold() -> None:
    """scikit-learn 1.9.1, StratifiedGroupKFold with float groups; with strings it raises, and so does GroupKFold."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    groups = np.where(np.arange(60) % 2, np.arange(60.0), np.nan)
    target, rows = np.arange(60) // 2 % 2, np.zeros((60, 1))
    splits = StratifiedGroupKFold(5).split(rows, target, groups)
    assert sorted(int(np.isnan(groups[test]).sum()) for _, test in splits) == [0, 0, 0, 0, 30]
    with pytest.raises(ValueError, match="NaN"):
        list(GroupKFold(5).split(rows, target, groups))
    names = np.array([f"L{k}" if k % 2 else np.nan for k in range(60)], dtype=object)
    with pytest.raises(TypeError, match="'str' and 'float'"):
        list(StratifiedGroupKFold(5).split(rows, target, names))


def test_calibration_error_says_whose_probability_and_in_which_bins(said) -> None:
    found = evaluate(said, malignant=["MEL"], n_resamples=50)
    assert {"ece", "malignant_ece"} <= found.metrics.keys()
    assert found.metrics["ece"].value != found.metrics["malignant_ece"].value
    text = evaluation_table(found)
    assert "ECE, top label" in text
    assert "ECE, malignant" in text
    assert found.curves
    assert reliability_bins(np.array([True]), np.array([0.9])).binning == "15 equal-mass bins"


def test_a_probability_on_the_edge_of_a_bin_belongs_above_it_and_equal_ones_stay_together() -> None:
    probability = np.array([0.15, 0.15, 0.25, 0.25, 0.5, 0.5])
    outcome = np.array([False, False, True, True, False, True])
    # four bins of equal width: 0.25 goes with nothing below it, 0.5 starts the third
    by_hand = (abs(0.3) + abs(0.5 - 2) + abs(1.0 - 1)) / 6
    assert expected_calibration_error(outcome, probability, n_bins=4, binning="equal_width") == pytest.approx(by_hand)
    assert reliability_bins(outcome, np.full(6, 0.3), n_bins=4).count.tolist() == [6]
    assert reliability_bins(outcome, probability, n_bins=4).count.sum() == 6
