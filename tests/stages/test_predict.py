import csv
import math
import shutil

import numpy as np
import pytest
from PIL import Image

from lentigo.data.manifest import Manifest
from lentigo.errors import DataError, ModelError, PredictionsError
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.predictions import Predictions
from lentigo.stages import evaluate_predictions, predict


@pytest.fixture
def photos(phantom):
    return sorted((phantom / "images").iterdir())


def rows_of(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_predicting_the_test_images_gives_the_run_s_own_calibrated_predictions(run, tmp_path):
    manifest = Manifest.read(run / "manifest.csv").subset("test")
    result = predict(run, manifest.paths, out=tmp_path / "preds.csv")
    assert (result.n_images, result.n_errors, result.answers) == (len(manifest), 0, ())
    expected = Calibration.read(run / "calibration.json").apply(Predictions.read(run / "predictions" / "test.csv"))
    got = Predictions.read(tmp_path / "preds.csv")
    np.testing.assert_allclose(got.probabilities, expected.probabilities, atol=1e-6)
    assert got.classes == expected.classes


def test_a_single_image_gets_probabilities_and_the_threshold_s_decision(run, photo):
    (answer,) = predict(run, [photo]).answers
    threshold = Calibration.read(run / "calibration.json").operating_points[0].threshold
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert answer.malignant == answer.probabilities["malignant"]
    assert answer.decision == ("refer" if answer.malignant >= threshold else "benign-looking")
    assert answer.decision in answer.sentence()


def test_bad_files_get_error_rows_and_the_others_answers(run, photos, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(photos[0], folder / "a.jpg")
    (folder / "b.jpg").write_bytes(b"")
    (folder / "c.jpg").write_bytes(photos[0].read_bytes()[:300])
    Image.new("RGB", (1, 1)).save(folder / "d.png")
    Image.new("CMYK", (60, 60)).save(folder / "e.jpg")
    Image.fromarray(np.zeros((60, 60), np.uint16)).save(folder / "f.png")
    result = predict(run, [folder], out=tmp_path / "preds.csv")
    rows = rows_of(tmp_path / "preds.csv")
    assert (result.n_images, result.n_errors) == (6, 3)
    assert [row["image"] for row in rows] == ["a.jpg", "b.jpg", "c.jpg", "d.png", "e.jpg", "f.png"]
    assert [row["decision"] == "cannot assess" for row in rows] == [False, True, True, True, False, False]
    assert "0 bytes" in rows[1]["error"]
    assert rows[1]["malignant"] == rows[1]["malignant_probability"] == ""
    assert len(Predictions.read(tmp_path / "preds.csv")) == 3


def test_an_error_has_no_probability(run, tmp_path):
    (tmp_path / "b.jpg").write_bytes(b"")
    (answer,) = predict(run, [tmp_path / "b.jpg"]).answers
    assert math.isnan(answer.malignant)
    assert answer.json()["error"]
    assert "cannot assess" in answer.sentence()


def test_tables_name_their_images_by_id_or_path(run, photos, tmp_path):
    (tmp_path / "by_path.csv").write_text(f"path\n{photos[0]}\n{tmp_path}/none.jpg\n")
    (tmp_path / "by_id.csv").write_text("isic_id\nx1\nx2\n")
    shutil.copy(photos[1], tmp_path / "x1.jpg")
    by_path = predict(run, [tmp_path / "by_path.csv"]).answers
    assert [bool(answer.error) for answer in by_path] == [False, True]
    by_id = predict(run, [tmp_path / "by_id.csv"]).answers
    assert [(answer.image, bool(answer.error)) for answer in by_id] == [("x1", False), ("x2", True)]


def test_several_inputs_keep_their_order(run, photos):
    answers = predict(run, [photos[2], photos[0]]).answers
    assert [answer.image for answer in answers] == [str(photos[2]), str(photos[0])]


def test_the_same_name_below_two_folders_stays_apart(run, photos, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shutil.copy(photos[0], tmp_path / name / "a.jpg")
    answers = predict(run, [tmp_path / "one", tmp_path / "two"]).answers
    assert len({answer.image for answer in answers}) == 2


def test_a_table_may_not_lead_outside_its_folder(run, tmp_path):
    (tmp_path / "t.csv").write_text("path\n../secret.jpg\n")
    with pytest.raises(DataError, match=r"paths lead outside the table's folder: \.\./secret\.jpg"):
        predict(run, [tmp_path / "t.csv"])


def test_unlabelled_or_unknown_images_cannot_be_evaluated_in_silence(run, tmp_path):
    (tmp_path / "p.csv").write_text("image,target,benign,malignant\na,,0.4,0.6\n")
    with pytest.raises(PredictionsError, match="no row with a target"):
        evaluate_predictions(tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text("image,target,benign,malignant\na,benign,0.4,0.6\n")
    with pytest.raises(PredictionsError, match="1 predicted image is not in"):
        evaluate_predictions(tmp_path / "p.csv", groups_from=run / "manifest.csv")


def test_nothing_to_predict_and_no_model_are_one_sentence(run, photo, tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        predict(run, [tmp_path / "none.jpg"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no image to predict"):
        predict(run, [tmp_path / "empty"])
    with pytest.raises(ModelError, match="is not a model"):
        predict(tmp_path / "empty", [photo])


def test_anyone_s_predictions_can_be_evaluated_over_lesions(run):
    path = run / "predictions" / "test.csv"
    by_image = evaluate_predictions(path)
    by_lesion = evaluate_predictions(path, groups_from=run / "manifest.csv")
    assert by_image.resampling.unit == "image"
    assert by_lesion.resampling.unit in ("lesion", "patient")
    assert by_image.metrics["auroc"].value == by_lesion.metrics["auroc"].value
