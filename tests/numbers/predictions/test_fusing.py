import numpy as np
import pytest

from lentigo.errors import PredictionsError
from lentigo.numbers.predictions import Predictions, choose_rule, fuse_lesions

ROWS = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
SAID = Predictions(np.array(["d", "a", "c", "b"]), np.array([0, 1, 0, 1]), ROWS, ("NV", "MEL"))
LESION = ["y", "x", "y", "x"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("mean_probability", [[0.55, 0.45], [0.45, 0.55]]),
        ("max_malignant", [[0.2, 0.8], [0.3, 0.7]]),
        # sqrt(0.9 * 0.2) : sqrt(0.1 * 0.8) and sqrt(0.6 * 0.3) : sqrt(0.4 * 0.7)
        ("mean_logit", [[0.6, 0.4], [0.44499, 0.55501]]),
    ],
)
def test_each_rule_gives_one_row_per_lesion_in_the_order_of_first_sight(rule, expected):
    fused = fuse_lesions(SAID, LESION, rule, malignant=["MEL"])
    assert fused.image.tolist() == ["d", "a"]
    assert fused.target.tolist() == [0, 1]
    np.testing.assert_allclose(fused.probabilities, expected, atol=1e-5)


def test_kinds_of_photograph_count_alike_however_many_repeats_one_has():
    rows = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])
    said = Predictions(np.array(["a", "b", "c"]), np.array([1, 1, 1]), rows, ("NV", "MEL"))
    fused = fuse_lesions(said, ["x"] * 3, "mean_probability", malignant=["MEL"], kind=["derm", "derm", "clinical"])
    np.testing.assert_allclose(fused.probabilities, [[0.5, 0.5]])


def test_one_image_per_lesion_changes_nothing():
    for rule in ("mean_probability", "mean_logit", "max_malignant"):
        fused = fuse_lesions(SAID, ["1", "2", "3", "4"], rule, malignant=["MEL"])
        np.testing.assert_allclose(fused.probabilities, ROWS, atol=1e-12)


def test_the_rule_is_chosen_by_validation():
    # a malignant lesion shows in one of its two photographs only: the highest answer is the right one
    rows = np.array([[0.95, 0.05], [0.05, 0.95], [0.95, 0.05], [0.95, 0.05]])
    said = Predictions(np.array(["a", "b", "c", "d"]), np.array([1, 1, 0, 0]), rows, ("NV", "MEL"))
    rule, losses = choose_rule(said, ["x", "x", "y", "y"], malignant=["MEL"])
    assert rule == "max_malignant"
    assert losses[rule] == pytest.approx(-np.log(0.95))


def test_images_of_a_lesion_with_different_targets_are_named():
    with pytest.raises(PredictionsError, match="2 lesions have images of different classes: x, y"):
        fuse_lesions(SAID, ["y", "y", "x", "x"], "mean_logit", malignant=["MEL"])
    with pytest.raises(PredictionsError, match="unknown rule 'median'"):
        fuse_lesions(SAID, LESION, "median", malignant=["MEL"])
