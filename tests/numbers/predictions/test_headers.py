"""Prediction files as repositories of foundation models write them."""

import json

import numpy as np
import pandas as pd
import pytest

from lentigo.errors import PredictionsError
from lentigo.numbers.predictions import Predictions
from lentigo.numbers.predictions._reading import read_parts

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
UPPER = tuple(code.upper() for code in CODES)
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


def drawn(n=40):
    """Truth, logits and probabilities of a model that is often right; every class is predicted at least once."""
    rng = np.random.default_rng(0)
    truth = np.arange(n) % len(UPPER)
    logits = rng.normal(size=(n, len(UPPER))) + 4 * np.eye(len(UPPER))[truth]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return truth, logits, shares


def table(tmp_path, columns, *, index=False):
    path = tmp_path / "theirs.csv"
    pd.DataFrame(columns).to_csv(path, index=index)
    return path


def test_lists_get_their_classes_from_the_predicted_labels(tmp_path):
    truth, _, shares = drawn()
    path = table(
        tmp_path,
        {
            "image_path": [f"data/{k}.jpg" for k in range(len(truth))],
            "gt": [UPPER[k].lower() for k in truth],
            "pred": [UPPER[k].lower() for k in shares.argmax(axis=1)],
            "probs": [str(row) for row in np.round(shares, 5)],  # as numpy prints it, over several lines
        },
        index=True,
    )
    (_, target, probabilities, classes), said = read_parts(path)
    assert classes == tuple(code.lower() for code in UPPER)
    assert target.tolist() == truth.tolist()
    np.testing.assert_allclose(probabilities, shares, atol=1e-4)
    assert any("the order of the classes follows from 'pred'" in one for one in said)
    assert "not used: the column without a name, which counts the rows" in said


def test_an_order_that_the_predicted_labels_do_not_prove_is_refused(tmp_path):
    truth, _, shares = drawn()
    wrong = [UPPER[k] for k in shares.argmax(axis=1)]
    wrong[0] = "MEL"  # another class with the same number
    columns = {"file": [f"{k}.jpg" for k in range(len(truth))], "gt": [UPPER[k] for k in truth], "pred": wrong}
    path = table(tmp_path, columns | {f"prob_{k}": shares[:, k] for k in range(len(UPPER))})
    with pytest.raises(PredictionsError, match="add a column 'predicted_class'"):
        read_parts(path)


def test_logits_under_names_of_diagnoses_become_probabilities(tmp_path):
    truth, logits, shares = drawn()
    names = ["actinic_keratosis", "basal_cell_carcinoma", "benign_keratosis", "dermatofibroma", "melanoma",
             "melanocytic_nevus", "vascular_lesion"]  # fmt: skip
    columns = {"image": [f"i{k}" for k in range(len(truth))], "label": [names[k].replace("_", " ") for k in truth]}
    path = table(tmp_path, columns | {f"logit_{name}": logits[:, k] for k, name in enumerate(names)})
    (_, target, probabilities, _), said = read_parts(path)
    assert target.tolist() == truth.tolist()
    np.testing.assert_allclose(probabilities, shares, atol=1e-9)
    assert any("logits, turned into probabilities" in one for one in said)


def test_a_mapping_in_a_cell_names_its_classes(tmp_path):
    truth, _, shares = drawn()
    cells = [json.dumps(dict(zip(UPPER, row, strict=True))) for row in shares.tolist()]
    columns = {"image_id": [f"i{k}" for k in range(len(truth))], "y_true": [UPPER[k] for k in truth]}
    path = table(tmp_path, {**columns, "y_pred": [UPPER[k] for k in shares.argmax(axis=1)], "y_prob": cells})
    (_, target, probabilities, classes), _ = read_parts(path)
    assert (classes, target.tolist()) == (UPPER, truth.tolist())
    np.testing.assert_allclose(probabilities, shares)


def test_the_confidence_beside_all_classes_is_not_one_more_class(tmp_path):
    truth, _, shares = drawn()
    columns = {"filepath": [f"{k}.jpg" for k in range(len(truth))], "ground_truth": [UPPER[k] for k in truth]}
    columns |= {f"{code}_prob": shares[:, k] for k, code in enumerate(UPPER)}
    columns |= {"prediction": [UPPER[k] for k in shares.argmax(axis=1)], "confidence": shares.max(axis=1)}
    (_, target, _, classes), said = read_parts(table(tmp_path, columns))
    assert (classes, target.tolist()) == (UPPER, truth.tolist())
    assert any("sum to one: confidence" in one for one in said)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ({"preds": [0, 1, 1], "outputs": [0.2, 0.9, 0.6]}, [0.2, 0.9, 0.6]),
        ({"pred": [0, 1, 1], "prob": [0.2, 0.9, 0.6]}, [0.2, 0.9, 0.6]),
        ({"logit": [-1.0, 2.0, 0.0]}, [0.268941, 0.880797, 0.5]),
        ({"Probs": ["tensor([0.8, 0.2])", "tensor([0.1, 0.9])", "tensor([0.4, 0.6])"]}, [0.2, 0.9, 0.6]),
        ({"probs": ["array([0.8, 0.2], dtype=float32)", "array([0.1, 0.9], dtype=float32)", "array([0.4, 0.6])"]},
         [0.2, 0.9, 0.6]),
        ({"logits": ["[[0.0, -1.0]]", "[[0.0, 2.0]]", "[[0.0, 0.0]]"]}, [0.268941, 0.880797, 0.5]),
    ],
)  # fmt: skip
def test_two_classes_are_found_however_they_are_written(tmp_path, score, expected):
    path = table(tmp_path, {"fname": ["a.png", "b.png", "c.png"], "labels": [0, 1, 1], **score})
    (image, target, probabilities, classes), _ = read_parts(path)
    assert (image.tolist(), target.tolist(), classes) == (["a", "b", "c"], [0, 1, 1], ("benign", "malignant"))
    np.testing.assert_allclose(probabilities[:, 1], expected, atol=1e-6)
