"""Prediction files as repositories of foundation models write them."""

import numpy as np
import pytest

from lentigo.errors import PredictionsError
from lentigo.numbers.predictions import Predictions

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
ROWS = np.array([[0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.05, 0.05, 0.05, 0.05, 0.7, 0.05, 0.05]])


def written(tmp_path, header, *lines):
    path = tmp_path / "preds.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def numbers(row):
    return ",".join(map(str, row))


@pytest.mark.parametrize("shape", ["prob_{}", "{}_prob", "probability_{}", "p_{}", "Prob of {}", "score-{}"])
def test_words_for_probability_around_a_class_are_taken_off(tmp_path, shape, caplog):
    header = ",".join(["filename", "True Label", "Predicted Label", *(shape.format(code) for code in CODES)])
    lines = [f"a.jpg,akiec,0,{numbers(ROWS[0])}", f"b.jpg,mel,4,{numbers(ROWS[1])}"]
    found = Predictions.read(written(tmp_path, header, *lines))
    assert found.classes == CODES
    assert found.image.tolist() == ["a", "b"]
    assert found.target.tolist() == [0, 4]
    assert found.probabilities == pytest.approx(ROWS)
    assert "not used: Predicted Label" in caplog.text


def test_a_truth_in_numbers_is_the_place_among_the_columns_and_said(tmp_path, caplog):
    header = ",".join(["image", "label", *(f"prob_{code}" for code in CODES)])
    found = Predictions.read(written(tmp_path, header, f"a,6,{numbers(ROWS[0])}", f"b,4,{numbers(ROWS[1])}"))
    assert found.target.tolist() == [6, 4]
    assert "0 is taken as akiec" in caplog.text


@pytest.mark.parametrize("cells", ['"[0.25, 0.75]"', "[0.25 0.75]", '"(0.25,0.75)"'])
def test_a_list_in_a_cell_is_one_column_per_class(tmp_path, cells, caplog):
    found = Predictions.read(written(tmp_path, "image_path,y_true,probs", f"x/a.png,1,{cells}"))
    assert found.classes == ("benign", "malignant")
    assert found.probabilities.tolist() == [[0.25, 0.75]]
    assert found.target.tolist() == [1]
    assert "holds lists of 2 probabilities" in caplog.text


def test_two_numbered_classes_are_benign_and_malignant_and_more_have_to_be_named(tmp_path):
    found = Predictions.read(written(tmp_path, "image,label,probability_class_0,probability_class_1", "a,1,0.25,0.75"))
    assert found.malignant(["malignant"]).tolist() == [0.75]
    header = "image,label," + ",".join(f"probability_class_{k}" for k in range(7))
    with pytest.raises(PredictionsError, match=r"numbered classes .*Rename the columns"):
        Predictions.read(written(tmp_path, header, f"a,1,{numbers(ROWS[0])}"))
    with pytest.raises(PredictionsError, match="2 to 3 numbers"):
        Predictions.read(written(tmp_path, "image,y_true,probs", "a,1,[0.25 0.75]", "b,1,[0.2 0.2 0.6]"))
