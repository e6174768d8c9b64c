"""The estimator for scikit-learn: what it shares with every estimator, and what it does with photographs."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_checks

import lentigo
from lentigo.errors import DataError

TINY = {
    "image.size": 16, "train.epochs": 1, "train.batch_size": 16, "train.device": "cpu", "model.weights": "none",
    "evaluate.n_resamples": 100, "evaluate.second_look": 0,
}  # fmt: skip
# Of scikit-learn's checks those that give no X: all others call fit with arrays of numbers, and X is paths here.
CHECKS = (
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)


@pytest.fixture(scope="module")
def labelled(phantom):
    table = lentigo.read_data(phantom, task="binary").table
    return table["path"].to_numpy(), (table["target"] == "malignant").to_numpy().astype(int), table["patient_id"]


@pytest.fixture(scope="module")
def fitted(labelled):
    paths, labels, patients = labelled
    return lentigo.LesionClassifier(settings=TINY).fit(paths, labels, groups=patients)


@pytest.mark.parametrize("check", [name for name in CHECKS if hasattr(estimator_checks, name)])
def test_it_passes_the_checks_of_scikit_learn_that_need_no_array(check):
    getattr(estimator_checks, check)("LesionClassifier", lentigo.LesionClassifier())


def test_all_checks_that_give_no_array_are_still_of_that_name():
    assert [name for name in CHECKS if not hasattr(estimator_checks, name)] == []


def test_it_predicts_one_row_per_path_with_the_labels_it_was_given(fitted, labelled):
    paths, labels, _ = labelled
    probabilities = fitted.predict_proba(paths[:30])
    assert fitted.classes_.tolist() == [0, 1]
    assert probabilities.shape == (30, 2)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(30))
    assert fitted.predict(paths[:30]).tolist() == fitted.classes_[probabilities.argmax(axis=1)].tolist()
    assert [answer.malignant for answer in fitted.answers(paths[:30])] == pytest.approx(probabilities[:, 1])
    assert fitted.predict_proba(paths[[7]]) == pytest.approx(probabilities[[7]], abs=1e-5)
    assert 0 <= fitted.score(paths[:30], labels[:30]) <= 1


def test_photographs_of_a_group_stay_in_one_split(fitted):
    table = fitted.run_.manifest().table
    assert table["patient_id"].notna().all()
    assert (table.groupby("patient_id")["split"].nunique() == 1).all()
    assert set(table["split"]) == {"train", "val", "test"}


def test_a_clone_is_not_fitted_and_has_the_same_parameters(fitted, labelled):
    copied = clone(fitted)
    assert copied.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        copied.predict_proba(labelled[0][:1])


@pytest.mark.parametrize(
    ("paths", "labels", "groups", "words"),
    [
        (["a.jpg", "b.jpg"], ["NV"], None, "2 paths need as many labels"),
        (["a.jpg", "b.jpg"], ["NV", "MEL"], ["p"], "groups where they are given"),
        (["a.jpg", "b.jpg"], ["NV", "NV"], None, "labels are all NV"),
        (["a.jpg", "b.jpg"], ["nevus", "NV"], None, "labels NV, nevus are the same diagnosis"),
        (["a.jpg", "b.jpg"], ["NV", "melanomma"], None, "melanomma"),
        ([np.zeros((4, 4, 3)), "b.jpg"], ["NV", "MEL"], None, "1 of 2 are not paths"),
        ("a.jpg", ["NV"], None, "Give a list of paths"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_before_training(paths, labels, groups, words):
    with pytest.raises(DataError, match=words):
        lentigo.LesionClassifier(settings=TINY).fit(paths, labels, groups=groups)


def test_a_file_that_is_not_a_photograph_is_named(fitted, labelled, tmp_path):
    (tmp_path / "notes.jpg").write_text("no picture")
    with pytest.raises(DataError, match=r"1 file cannot be read: notes\.jpg\. The first: "):
        fitted.predict_proba([labelled[0][0], tmp_path / "notes.jpg"])
