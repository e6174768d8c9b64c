import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import PredictionsError
from lentigo.numbers.predictions import Predictions
from lentigo.phantoms import draw_phantom
from lentigo.study.auditing._label_errors import MOST_DOUBTS, find_doubts
from lentigo.study.auditing._survey import Survey
from lentigo.study.auditing._survey import survey as take_survey

N = 300
TRUTH = np.arange(N) % 2
WRONG = np.array([4, 77, 130, 251, 298])


def survey():
    rng = np.random.default_rng(0)
    thumbs = np.clip(rng.normal(90 + 60 * TRUTH[:, None, None, None], 30, (N, 32, 32, 3)), 0, 255).astype(np.uint8)
    return Survey(
        thumbs=thumbs, traits=pd.DataFrame({"file_bytes": np.ones(N)}), quality=pd.DataFrame({"blur": np.ones(N)}),
        problems={}, digests=("",) * N, pixel_digests=("",) * N,
    )  # fmt: skip


def clean():
    ids = [f"i{k:03}" for k in range(N)]
    return Manifest(
        pd.DataFrame({"image_id": ids, "path": "/i", "target": np.where(TRUTH == 1, "NV", "MEL")}), origin="memory"
    )


def manifest():
    labels = TRUTH.copy()
    labels[WRONG] = 1 - labels[WRONG]
    ids = [f"i{k:03}" for k in range(N)]
    table = pd.DataFrame({"image_id": ids, "path": "/i", "target": np.where(labels == 1, "NV", "MEL")})
    return Manifest(table, origin="memory")


GROUPS = np.array([f"image:i{k:03}" for k in range(N)])


def said(probability):
    rows = np.stack([1 - probability, probability], axis=1)
    return Predictions(np.array([f"i{k:03}" for k in range(N)]), TRUTH, rows, ("MEL", "NV"))


def assert_found(doubts):
    # Confident learning wants more than the mean belief in the other class, so one of the five may stay unnamed.
    wrong = {f"i{k:03}" for k in WRONG}
    assert {doubt.image for doubt in doubts} <= wrong
    assert len(doubts) >= 4


def test_flipped_labels_are_found_by_the_audit_s_own_model():
    doubts = find_doubts(survey(), manifest(), groups=GROUPS)
    assert_found(doubts)
    assert all(doubt.target != doubt.suggested for doubt in doubts)


def test_given_predictions_are_taken_instead_and_ranked_least_believable_first():
    rng = np.random.default_rng(1)
    probability = np.where(TRUTH == 1, 0.95, 0.05) + rng.uniform(-0.04, 0.04, N)
    doubts = find_doubts(survey(), manifest(), groups=GROUPS, predictions=said(probability))
    assert_found(doubts)
    beliefs = [doubt.self_confidence for doubt in doubts]
    assert beliefs == sorted(beliefs)


def test_a_model_that_knows_nothing_doubts_nothing():
    chance = np.random.default_rng(2).uniform(0.3, 0.7, N)
    assert find_doubts(survey(), manifest(), groups=GROUPS, predictions=said(chance)) == ()


def test_no_more_than_fifty_are_named():
    inverted = np.where(TRUTH == 1, 0.02, 0.98)
    inverted[:200] = 1 - inverted[:200]
    assert len(find_doubts(survey(), manifest(), groups=GROUPS, predictions=said(inverted))) <= MOST_DOUBTS


def test_predictions_of_other_classes_or_images_are_refused():
    rows = np.full((2, 2), 0.5)
    other = Predictions(np.array(["x", "y"]), np.array([0, 1]), rows, ("benign", "malignant"))
    with pytest.raises(PredictionsError, match="predictions are of benign, malignant, the data of MEL, NV"):
        find_doubts(survey(), manifest(), groups=GROUPS, predictions=other)
    strange = Predictions(np.array(["x", "y"]), np.array([0, 1]), rows, ("MEL", "NV"))
    with pytest.raises(PredictionsError, match="none of the predicted images is in memory"):
        find_doubts(survey(), manifest(), groups=GROUPS, predictions=strange)


def test_without_enough_groups_there_are_no_doubts():
    few = np.where(TRUTH == 1, "lesion:a", "lesion:b")
    assert find_doubts(survey(), manifest(), groups=few) == ()


def test_an_unbalanced_rare_class_is_not_doubted_as_a_whole():
    rng = np.random.default_rng(3)
    rare = np.arange(N) < 15
    ids = [f"i{k:03}" for k in range(N)]
    table = pd.DataFrame({"image_id": ids, "path": "/i", "target": np.where(rare, "DF", "NV")})
    probability = np.clip(np.where(rare, 0.45, 0.9) + rng.normal(0, 0.05, N), 0.01, 0.99)  # always rather NV
    predictions = Predictions(
        np.array(ids), np.where(rare, 1, 0), np.stack([probability, 1 - probability], axis=1), ("NV", "DF")
    )
    assert find_doubts(survey(), Manifest(table, "memory"), groups=GROUPS, predictions=predictions) == ()


def test_a_model_that_is_too_sure_of_itself_is_softened():
    rng = np.random.default_rng(4)
    is_right = rng.random(N) < 0.75
    probability = np.where((TRUTH == 1) == is_right, 0.999, 0.001)  # wrong on a quarter and sure all the same
    assert find_doubts(survey(), clean(), groups=GROUPS, predictions=said(probability)) == ()


def test_predictions_of_a_part_without_one_of_the_classes_still_judge_the_others():
    table = manifest().table
    table.loc[:9, "target"] = "DF"
    three = Manifest(table, "memory")
    probability = np.where(TRUTH == 1, 0.97, 0.02)[10:]
    rows = np.stack([1 - probability - 0.01, probability, np.full(N - 10, 0.01)], axis=1)
    predictions = Predictions(np.array([f"i{k:03}" for k in range(10, N)]), TRUTH[10:], rows, ("MEL", "NV", "DF"))
    doubts = find_doubts(survey(), three, groups=GROUPS, predictions=predictions)
    assert {doubt.image for doubt in doubts} == {f"i{k:03}" for k in WRONG if k >= 10}


def test_a_class_with_too_few_groups_is_left_out_and_the_others_are_judged():
    table = manifest().table
    table.loc[20:22, "target"] = "DF"
    doubts = find_doubts(survey(), Manifest(table, "memory"), groups=GROUPS)
    assert {doubt.image for doubt in doubts} == {f"i{k:03}" for k in WRONG}


@pytest.mark.slow
def test_a_phantom_set_with_exchanged_labels_has_them_among_the_first_and_a_clean_one_few_doubts(tmp_path):
    data = read_data(
        draw_phantom(tmp_path / "data", n_images=400, size=96, seed=3, difficulty="easy", diagnoses=("MEL", "NV"))
    )
    seen, groups = take_survey(data.paths), data.groups()[0]
    assert len(find_doubts(seen, data, groups=groups)) <= 8
    wrong = np.random.default_rng(0).choice(len(data), 20, replace=False)
    target = data.table["target"].to_numpy(dtype=object, copy=True)
    target[wrong] = np.where(target[wrong] == "benign", "malignant", "benign")
    ids = set(data.table["image_id"].iloc[wrong])
    doubts = find_doubts(seen, Manifest(data.table.assign(target=target), "memory"), groups=groups)
    found = sum(doubt.image in ids for doubt in doubts[:10])
    assert found >= 5  # 0.5 at the base rate of 1 in 20
