"""Columns as centred numbers, and the late fusion that is fitted on them."""

import numpy as np
import pytest

from lentigo.errors import ConfigError
from lentigo.model.decision import Estimate, log_odds, log_probabilities
from lentigo.numbers.columns import column_block, context_blocks, fit_fusion, fused, out_of_fold
from lentigo.numbers.columns._design import number_block
from lentigo.numbers.predictions import Predictions

NONE = Estimate.undefined("not measured")


def drawn(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    age, site = rng.normal(55, 15, n), rng.choice(["back", "face"], n)
    truth = rng.random(n) < 1 / (1 + np.exp(-((age - 55) / 15 + (site == "face") - 0.5)))
    return 1.5 * (truth - 0.5)[:, np.newaxis] + rng.normal(size=(n, 1)), age, site, truth


def test_the_term_of_a_block_adds_what_its_weights_did():
    rng = np.random.default_rng(1)
    values = np.where(rng.random(200) < 0.1, np.nan, rng.normal(50, 20, 200))
    block = number_block("age", values)
    weights = rng.normal(size=block.matrix.shape[1])
    assert block.term(weights).effects(values.tolist()) == pytest.approx(block.matrix @ weights, abs=1e-6)
    sex = column_block("sex", ["F", "m", None, "unknown", "M "] * 20)
    weights = rng.normal(size=2)
    assert sex.values == ("f", "m")
    assert sex.term(weights).effects(["F", "m", None, "M"]) == pytest.approx((sex.matrix @ weights)[[0, 1, 2, 4]])


def test_a_missing_value_is_the_average_and_says_nothing_of_its_own():
    truth = np.arange(200) % 2 == 0
    given = [None if one else value for one, value in zip(truth, range(200), strict=True)]
    block = column_block("age", given)
    assert (block.matrix[truth] == 0).all()
    assert block.matrix[~truth].mean(axis=0) == pytest.approx(np.zeros(block.matrix.shape[1]), abs=1e-9)


def test_rare_values_and_columns_of_one_value_add_nothing():
    rare = column_block("site", ["back"] * 50 + ["ear"] * 4)
    assert rare.values == ("back",)
    assert (rare.matrix == 0).all()
    assert column_block("age", [50.0] * 10 + [None]).term(np.ones(1)).effect == (0.0,)
    assert (column_block("id", [f"x{k}" for k in range(30)]).matrix == 0).all()


def test_the_deployed_fusion_says_what_the_logistic_model_says():
    score, age, site, truth = drawn()
    blocks = [column_block("age", age.tolist()), column_block("site", site.tolist())]
    inner = np.arange(len(truth)) % 5
    found = fit_fusion(score, blocks, truth, inner, gain=NONE, note="")
    logits = np.hstack([np.zeros_like(score), score])
    known = [{"age": a, "site": s} for a, s in zip(age.tolist(), site.tolist(), strict=True)]
    odds = log_odds(found.fuse(logits, np.array([False, True]), known)[0], np.array([False, True]))
    # one fold that is not asked about makes the other fold's model that of all images
    twice = [column_block("age", [*age.tolist()] * 2), column_block("site", [*site.tolist()] * 2)]
    fold = np.repeat([0, 1], len(truth))
    rows = out_of_fold(np.vstack([score, score]), twice, np.tile(truth, 2), fold, np.tile(inner, 2))[len(truth) :]
    assert odds == pytest.approx(np.log(rows[:, 1] / rows[:, 0]), abs=1e-3)
    assert found.slope > 0
    face = dict(zip(found.terms[1].values, found.terms[1].effect, strict=True))
    assert face["face"] > face["back"]


def test_an_image_that_speaks_against_itself_is_refused():
    score, age, _, truth = drawn()
    with pytest.raises(ConfigError, match="image scores do not count"):
        fit_fusion(-score, [number_block("age", age)], truth, np.arange(len(truth)) % 5, gain=NONE, note="")


def test_fused_predictions_have_the_odds_that_were_asked_for():
    rows = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    said = Predictions(np.array(["a", "b"]), np.array([0, 2]), rows, ("NV", "BKL", "MEL"))
    after = fused(said, ["MEL"], np.array([1.0, -2.0]))
    side = np.array([False, False, True])
    assert log_odds(log_probabilities(after.probabilities), side) == pytest.approx([1.0, -2.0])
    assert after.probabilities[0, 0] / after.probabilities[0, 1] == pytest.approx(5 / 3)


def test_an_image_without_others_of_its_patient_is_judged_by_a_model_without_them():
    rng = np.random.default_rng(0)
    score, age, _, truth = drawn()
    context = np.where(np.arange(len(truth)) % 4 == 0, np.nan, 3.0 * truth + rng.normal(size=len(truth)))
    blocks = [column_block("age", age.tolist()), *context_blocks({"rank": context})]
    fold, inner = np.arange(len(truth)) // 10 % 5, np.arange(len(truth)) % 5
    both, plain = (out_of_fold(score, some, truth, fold, inner) for some in (blocks, blocks[:1]))
    is_lone = np.isnan(context)
    assert (both[is_lone] == plain[is_lone]).all()
    assert (both[~is_lone] != plain[~is_lone]).any()
    found = fit_fusion(score, blocks, truth, inner, gain=NONE, note="")
    assert found.lone == fit_fusion(score, blocks[:1], truth, inner, gain=NONE, note="")
    logits, side = np.hstack([np.zeros_like(score), score])[:2], np.array([False, True])
    _, added = found.fuse(logits, side, [{"age": 80, "rank": np.nan}, {"age": 80, "rank": 3.0}])
    assert added[0].tolist() == [found.lone.terms[0].effects([80])[0], 0.0]
    assert added[1][1] > 0
    moved, _ = found.fuse(logits, side, [{"age": 80}] * 2)
    assert moved == pytest.approx(found.lone.fuse(logits, side, [{"age": 80}] * 2)[0])
