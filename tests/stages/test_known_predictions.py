"""What lentigo knows of a predictions file that it wrote itself: calibrated or not, and who its images show."""

import csv
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError, PredictionsError
from lentigo.numbers.evaluation import LabelledPredictions, evaluate, external_test
from lentigo.numbers.predictions import Predictions
from lentigo.phantoms import draw_phantom
from lentigo.stages import (
    Run,
    calibrate,
    compare,
    evaluate_external,
    evaluate_predictions,
    figures,
    predict,
    tables,
)
from lentigo.stages._calibrate import groups_of
from lentigo.stages._known_predictions import known_groups, unit_of, write_external
from lentigo.stages._test_looks import run_of_predictions


@pytest.fixture(scope="module")
def external(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    data = draw_phantom(folder / "clinic", n_images=100, size=48, seed=77)
    evaluate_external(run, data, out=folder / "external", html=folder / "external.html")
    return folder / "external"


def performance(folder):
    with (folder / "performance.csv").open(newline="") as stream:
        return [row[:3] for row in csv.reader(stream)]


def test_the_folder_of_an_external_test_has_figures_and_tables_with_its_thresholds_and_patients(external, tmp_path):
    stored = json.loads((external / "external.json").read_text())["evaluation"]
    for number, source in enumerate((external, external / "predictions.csv")):
        names = {path.name for path in figures(source, tmp_path / f"f{number}", formats=["svg"])}
        assert {"roc.svg", "precision-recall.svg", "decision-curve.svg", "subgroups.svg", "captions.md"} <= names
        written = {path.name for path in tables(source, tmp_path / f"t{number}", formats=["csv"])}
        assert {"cohort.csv", "subgroups.csv"} <= written
    assert performance(tmp_path / "t0") == performance(tmp_path / "t1")
    numbers = pd.read_csv(tmp_path / "t0" / "numbers.csv")
    auroc = numbers[(numbers["part"] == "overall") & (numbers["figure"] == "auroc")].iloc[0]
    assert [auroc["low"], auroc["high"]] == [stored["metrics"]["auroc"][end] for end in ("low", "high")]
    at = numbers[(numbers["part"] == "operating point") & (numbers["figure"] == "sensitivity")]
    assert at["value"].tolist() == [point["sensitivity"]["value"] for point in stored["operating_points"]]
    with pytest.raises(ConfigError, match="is an external test, whose figures are stored"):
        figures(external, tmp_path / "f9", prevalence=0.07)


def test_predictions_of_an_external_test_keep_its_patients_where_no_table_is_given(external, tiny, caplog):
    stored = json.loads((external / "external.json").read_text())["evaluation"]
    caplog.set_level("INFO", logger="lentigo")
    again = evaluate_predictions(external / "predictions.csv", config=tiny)
    assert again.metrics["auroc"].json() == stored["metrics"]["auroc"]
    assert again.resampling.unit == stored["resampling"]["unit"] != "image"
    assert "from groups.csv beside it" in caplog.text
    found = compare(external / "predictions.csv", external / "predictions.csv", threshold=0.5)
    assert found.resampling.n_units == stored["resampling"]["n_units"]


def test_the_names_of_patients_stay_where_they_are(external):
    table = pd.read_csv(external / "groups.csv", dtype=str)
    assert table["patient_id"].str.fullmatch(r"\d+").all()
    record = (external / "external.json").read_text()
    assert not any(name in record for name in table["image_id"])


def test_the_folder_alone_says_who_the_images_show_in_counts(external, tmp_path):
    own = pd.read_csv(external.parent / "clinic" / "metadata.csv")
    seen = own[own["image_id"].isin(Predictions.read(external / "predictions.csv").image)]
    tables(external, tmp_path / "t", formats=["csv"])
    with (tmp_path / "t" / "cohort.csv").open(newline="") as stream:
        rows = [[cell.strip() for cell in row] for row in csv.reader(stream)]
    counts = {row[0]: row[1] for row in rows if len(row) > 1}
    assert counts["all images"] == str(len(seen))
    assert counts["patients"] == str(seen["patient_id"].nunique())
    for column in ("sex", "source", "diagnosis"):
        for value, n in seen[column].value_counts().items():
            assert counts[value.replace("_", " ")].startswith(f"{n} ("), value


def test_a_folder_of_an_older_lentigo_counts_classes_alone_and_has_no_subgroups(external, tmp_path):
    shutil.copytree(external, tmp_path / "old")
    record = json.loads((tmp_path / "old" / "external.json").read_text())
    del record["cohort"], record["evaluation"]["detail"]
    (tmp_path / "old" / "external.json").write_text(json.dumps(record))
    names = {path.name for path in figures(tmp_path / "old", tmp_path / "f", formats=["svg"])}
    assert "roc.svg" in names
    assert not {"subgroups.svg", "decision-curve.svg"} & names
    written = {path.name for path in tables(tmp_path / "old", tmp_path / "t", formats=["csv"])}
    assert "subgroups.csv" not in written
    assert "sex" not in (tmp_path / "t" / "cohort.csv").read_text()


@pytest.mark.parametrize("again", [evaluate_predictions, figures, tables, calibrate])
def test_calibrated_predictions_are_not_calibrated_a_second_time(again, run, external, phantom, tmp_path):
    predict(run, [phantom / "images"], out=tmp_path / "said.csv")
    out = {figures: {"out": tmp_path / "f"}, tables: {"out": tmp_path / "t"}}.get(again, {})
    how = {} if again is calibrate else {"calibrated_by": Run(run).calibration_path}
    for path, why in ((external / "predictions.csv", "external.json beside"), (tmp_path / "said.csv", "its columns")):
        with pytest.raises(PredictionsError, match=f"holds calibrated probabilities .{why}"):
            again(path, **out, **how)


def test_a_file_of_another_program_is_calibrated_and_counts_images_with_one_line(run, external, tmp_path, caplog):
    shutil.copy(Run(run).predictions_path("test"), tmp_path / "predictions.csv")
    shutil.copy(external / "external.json", tmp_path)  # of other predictions: the hash tells
    caplog.set_level("INFO", logger="lentigo")
    found = evaluate_predictions(tmp_path / "predictions.csv", calibrated_by=Run(run).calibration_path)
    assert found.operating_points
    assert found.resampling.unit == "image"
    assert caplog.text.count("images count as independent; patients or lesions: --groups TABLE") == 1
    own = Run(run).predictions_path("test")
    assert run_of_predictions(own) is not None
    known_groups(own, Predictions.read(own))
    assert f"--groups {Run(run).manifest_path}" in caplog.text


def test_a_folder_of_an_older_lentigo_has_figures_but_its_predictions_ask_for_patients(external, tmp_path):
    shutil.copytree(external, tmp_path / "old")
    (tmp_path / "old" / "groups.csv").unlink()
    record = json.loads((tmp_path / "old" / "external.json").read_text())
    del record["provenance"]["predictions_sha256"]
    (tmp_path / "old" / "external.json").write_text(json.dumps(record))
    assert figures(tmp_path / "old", tmp_path / "f", formats=["svg"])
    with pytest.raises(PredictionsError, match=r"was evaluated by patients.*again, or give the table with --groups"):
        evaluate_predictions(tmp_path / "old" / "predictions.csv")
    (tmp_path / "old" / "predictions.csv").unlink()
    with pytest.raises(PredictionsError, match=r"Run 'lentigo evaluate MODEL --data DATA --out FOLDER --force' again"):
        figures(tmp_path / "old", tmp_path / "f2", formats=["svg"])


def mixed(n):
    """Return images of which some have a patient, some a lesion and some neither, and predictions on them."""
    rng = np.random.default_rng(3)
    names = [f"i{k:03d}" for k in range(n)]
    table = pd.DataFrame(
        {
            "image_id": names,
            "path": [f"/{name}.png" for name in names],
            "target": np.where(rng.random(n) < 0.4, "MEL", "NV"),
        }
    )
    table["patient_id"] = [f"p{k % 9}" if k % 3 == 0 else None for k in range(n)]
    table["lesion_id"] = [f"l{k // 2}" if k % 3 == 1 else None for k in range(n)]
    target = (table["target"] == "MEL").to_numpy().astype(int)
    chance = 1 / (1 + np.exp(-(rng.normal(size=n) + target)))
    said = Predictions(np.array(names), target, np.column_stack([1 - chance, chance]), ("NV", "MEL"))
    return Manifest(table, origin="memory"), said


def test_what_is_resampled_has_all_its_names_where_patients_are_unknown_for_some():
    manifest, said = mixed(60)
    groups, unit = groups_of(manifest, said)
    assert unit == "patient, lesion or image"
    only = said.select(np.array([name.startswith("lesion:") for name in groups.tolist()]))
    assert groups_of(manifest, only)[1] == "lesion"  # the table has patients, these images have none
    assert unit_of(np.array(["patient:1", "lesion:2"])) == "patient or lesion"


def test_the_order_of_the_rows_changes_no_interval(tmp_path):
    manifest, said = mixed(90)
    order = np.random.default_rng(5).permutation(len(said))
    found = []
    for number, one in enumerate((said, said.select(order))):
        groups, unit = groups_of(manifest, one)
        labelled = LabelledPredictions(one, ("MEL",), groups, unit)
        test = external_test(labelled, labelled, mapping="same", settings=EvaluateConfig(n_resamples=200))
        alone = evaluate(one, malignant=["MEL"], groups=groups, unit=unit, n_resamples=200)
        for name in ("auroc", "average_precision", "accuracy", "balanced_accuracy", "brier", "nll"):
            # one figure has one interval, in an evaluation and on either side of an external test
            for part in (test.drops[name].here, test.drops[name].there, test.evaluation.metrics[name]):
                assert str(part) == str(alone.metrics[name]), name
        folder = tmp_path / str(number)
        folder.mkdir()
        write_external(test, one, groups, folder)
        kept, kept_unit = known_groups(folder / "predictions.csv", Predictions.read(folder / "predictions.csv"))
        assert kept_unit == unit
        kept_too = evaluate(one, malignant=["MEL"], groups=kept, unit=unit, n_resamples=200)
        assert str(kept_too.metrics) == str(alone.metrics)
        found.append({name: str(figure) for name, figure in alone.metrics.items()})
    assert found[0] == found[1]


def test_diagnoses_that_cannot_be_read_are_counted_in_one_warning(tmp_path, caplog):
    names = ["Melanoma", "Naevus of the third kind", "Nevus", "Naevus of the third kind", "Blue thing", ""]
    rows = [f"i{k},{name},p{k}" for k, name in enumerate(names)]
    (tmp_path / "log.csv").write_text("\n".join(["image_id,Histopathology,patient_id", *rows]) + "\n")
    said = [f"i{k},{'malignant' if k == 0 else 'benign'},{0.5 + k / 50},{0.5 - k / 50}" for k in range(5)]
    (tmp_path / "said.csv").write_text("\n".join(["image,target,benign,malignant", *said]) + "\n")
    evaluate_predictions(tmp_path / "said.csv", groups_from=tmp_path / "log.csv")
    text = " ".join(record.getMessage() for record in caplog.records if record.levelname == "WARNING")
    assert text.count("cannot be read") == 1
    assert "the diagnosis of 3 images cannot be read and counts as not recorded" in text
    assert "Naevus of the third kind (2), Blue thing (1)" in text
