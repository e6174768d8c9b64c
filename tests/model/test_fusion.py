"""Columns beside the image: what a fusion computes, and how models, bundles and answers carry it."""

import dataclasses
import json

import numpy as np
import pytest
from sklearn.neighbors import LocalOutlierFactor

from lentigo.errors import BundleError, ConfigError
from lentigo.model import BundleRecord, Embeddings, LinearHead, open_model, patient_context
from lentigo.model._patient_context import DISTANCE, OUTLIER, RANK, SCORE
from lentigo.model.decision import Estimate, Fusion, FusionTerm, softmax

GAIN = Estimate(0.02, 0.01, 0.03, n=500)
AGE = FusionTerm("age", "number", (20.0, 80.0), (), (-1.0, 1.0))
SEX = FusionTerm("sex", "category", (), ("female", "male"), (-0.25, 0.25))
RANKED = FusionTerm(RANK, "context", (0.0, 1.0), (), (-1.0, 1.0))


def fusion(*terms, **more):
    plain = tuple(term for term in terms if term.is_asked)
    given = {"slope": 1.0, "offset": 0.0, "terms": terms, "n_images": 500, "gain": GAIN} | more
    return Fusion(**given, lone=fusion(*plain) if len(plain) < len(terms) else None)


def fused(model, *terms):
    rule = dataclasses.replace(model.decision, fusion=fusion(*terms))
    return model.with_record(dataclasses.replace(model.record, decision=rule))


@pytest.fixture(scope="module")
def model(bundle_folder):
    return open_model(bundle_folder, threads=1)


def test_a_fusion_moves_the_malignant_log_odds_and_keeps_the_ratios_within_each_side():
    logits, side = np.log([[0.5, 0.2, 0.2, 0.1]]), np.array([False, False, True, True])
    moved, added = fusion(AGE, SEX, slope=2.0, offset=0.5).fuse(logits, side, [{"age": 65, "sex": "Male"}])
    before, after = softmax(logits)[0], softmax(moved)[0]
    wanted = 0.5 + 2.0 * np.log(0.3 / 0.7) + 0.5 + 0.25
    assert np.log(after[2:].sum() / after[:2].sum()) == pytest.approx(wanted)
    assert after[0] / after[1] == pytest.approx(before[0] / before[1])
    assert after[2] / after[3] == pytest.approx(before[2] / before[3])
    assert added.tolist() == [[0.5, 0.25]]


def test_what_is_unknown_or_out_of_range_adds_nothing_more_than_the_average_or_the_end():
    assert AGE.effects([None, "", "unknown", float("nan"), "n/a", -5, 200]).tolist() == [0, 0, 0, 0, 0, -1, 1]
    assert SEX.effects([None, "unknown", "diverse"]).tolist() == [0, 0, 0]


def test_a_site_in_words_is_the_one_that_the_model_knows():
    site = FusionTerm("site", "category", (), ("posterior torso", "back", "cabin"), (1.0, 2.0, 3.0))
    given = ["Upper back (left)", "back", "cabin", "left calf", None]
    assert site.effects(given).tolist() == [1.0, 2.0, 3.0, 0.0, 0.0]
    assert site.problem("upper back") == ""
    assert "not a known value" in site.problem("left calf")
    assert FusionTerm("ward", "category", (), ("posterior torso",), (1.0,)).effects(["upper back"]).tolist() == [0.0]


def test_a_bundle_with_a_fusion_is_written_and_read_back_and_one_without_has_no_such_field(model):
    record = fused(model, AGE, SEX, RANKED).record
    assert BundleRecord.from_json(json.loads(json.dumps(record.json())), "bundle.json") == record
    assert "fusion" not in model.record.json()


@pytest.mark.parametrize(
    "broken",
    [
        {"slope": -1.0},
        {"terms": [RANKED.json()]},
        {"terms": [AGE.json(), AGE.json()]},
        {"terms": [{**AGE.json(), "at": [80.0, 20.0]}]},
        {"terms": [{**AGE.json(), "effect": [1.0]}]},
        {"terms": [{**AGE.json(), "effect": [1.0, 1e9]}]},
        {"more": 1},
    ],
)
def test_a_damaged_fusion_is_refused(model, broken):
    payload = json.loads(json.dumps(fused(model, AGE, SEX).record.json()))
    payload["fusion"] |= broken
    with pytest.raises(BundleError):
        BundleRecord.from_json(payload, "bundle.json")


def test_answers_name_what_each_column_added_and_the_one_decision_is_made_of_both(model, photo):
    asked = fused(model, AGE, SEX)
    (plain,), (old,) = model.predict([photo]), asked.predict([photo], columns={"age": 80, "sex": "male"})
    assert old.contributions == {"age": 1.0, "sex": 0.25}
    assert old.malignant > plain.malignant
    assert "logits by column: age +1.0, sex +0.2" in dataclasses.replace(old, reasons=()).sentence()
    assert old.json()["contributions"] == {"age": 1.0, "sex": 0.25}
    (unknown,) = asked.predict([photo])
    assert unknown.malignant == pytest.approx(plain.malignant)
    assert "contributions" not in plain.json()


def test_columns_that_a_model_does_not_use_and_values_that_it_does_not_know_are_named(model, photo):
    asked = fused(model, AGE, SEX)
    for columns, words in [
        ({"agee": 3}, "does not use 'agee'. Did you mean 'age'"),
        ({"age": "old"}, "'old' is not a number for 'age'"),
        ({"sex": "fem"}, "Known: female, male, unknown"),
        ([{"age": 3}] * 2, "2 sets of columns are given for 1 image"),
    ]:
        with pytest.raises(ConfigError, match=words):
            list(asked.predict([photo], columns=columns))
    with pytest.raises(ConfigError, match="uses the image alone"):
        list(model.predict([photo], columns={"age": 3}))


def test_bfloat16_is_refused_where_columns_move_the_border(model, bundle_folder, tmp_path, monkeypatch):
    from lentigo.model import _openvino

    monkeypatch.setattr(_openvino, "import_openvino", lambda: type("Fake", (), {"__version__": "2025.0"}))
    parts = dataclasses.replace(_openvino.BundleParts.read(bundle_folder), record=fused(model, AGE).record)
    monkeypatch.setattr(_openvino.BundleParts, "read", lambda *_, **__: parts)
    with pytest.raises(ConfigError, match="only --precision float32"):
        _openvino.BACKEND.open(bundle_folder, precision="bfloat16")


def test_context_is_relative_to_the_others_of_the_patient_and_unknown_below_three():
    odds = np.array([1.0, 2.0, 3.0, 10.0, -1.0, 4.0, 5.0])
    patient = ["a", "a", "a", "a", "b", "b", ""]
    found = patient_context(odds, np.zeros((7, 0), np.float32), patient)
    others = [np.delete(odds[:4], k) for k in range(4)]
    assert found[SCORE][:4].tolist() == [odds[k] - np.median(others[k]) for k in range(4)]
    assert found[RANK][:4].tolist() == [np.mean(others[k] < odds[k]) for k in range(4)]
    assert np.isnan(np.concatenate([values[4:] for values in found.values()])).all()
    assert np.isnan(found[DISTANCE]).all()


def test_the_odd_embedding_is_the_farthest_and_the_outlier_factor_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    rows = rng.normal([4, 0, 0], 1, (30, 3)).astype(np.float32)
    rows[7] = [-3, 2, 1]
    found = patient_context(np.zeros(30), rows, ["p"] * 30)
    assert found[DISTANCE].argmax() == found[OUTLIER].argmax() == 7
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    theirs = -LocalOutlierFactor(n_neighbors=5).fit(unit).negative_outlier_factor_
    assert np.exp(found[OUTLIER]) == pytest.approx(theirs, rel=1e-3)


def test_photographs_of_a_patient_are_judged_together_wherever_they_stand(bundle_folder, model, photo, phantom):
    photos = sorted((phantom / "images").iterdir())[:5]
    asked = fused(model, RANKED)
    alone = [one.contributions[RANK] for one in asked.predict(photos)]
    beside = [one.contributions[RANK] for one in asked.predict(photos, patients=["p", "q", "p", "", "p"])]
    assert alone == [0.0] * 5
    assert beside[1] == beside[3] == 0.0
    assert sorted([beside[0], beside[2], beside[4]]) == [-1.0, 0.0, 1.0]


def test_embeddings_of_a_patient_are_judged_together(model):
    rule = dataclasses.replace(model.decision, fusion=fusion(RANKED, AGE))
    head = LinearHead(np.array([[0.0], [1.0]], np.float32), np.zeros(2, np.float32))
    asked = dataclasses.replace(
        model, network=head, decision=rule, about=None, typical=None, embedding_width=1, batch_size=2
    )
    table = Embeddings(tuple("abcd"), np.array([[3.0], [1.0], [0.0], [2.0]], np.float32), {})
    said = asked.predict_embeddings(table, patients=["p", "p", "q", "p"], columns=[{"age": 80}, {}, {}, {}])
    assert [tuple(one.contributions.values()) for one in said] == [(1.0, 1.0), (-1.0, 0.0), (0.0, 0.0), (0.0, 0.0)]
