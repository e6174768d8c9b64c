"""The cascade with networks that are made up, so that no runtime and no processor is needed."""

import dataclasses
import json

import numpy as np
import pytest

from lentigo import open_model
from lentigo.model._bundle_facts import ReducedPrecision
from lentigo.model._bundle_record import BundleRecord
from lentigo.model._cascade import MARGIN, ODDNESS_MARGIN, SAFETY, Borders, Cascade, measure_reduced
from lentigo.model._computation import Computation
from lentigo.model._held_outputs import hold_outputs, join_outputs
from lentigo.model._ood_score import TypicalEmbeddings
from lentigo.model._outputs import Outputs, run_batches
from lentigo.model.decision import DecisionRule, Estimate, LowConfidenceBand, OperatingPoint, ProbabilityMap

FOUND = Estimate(0.9, 0.8, 0.95, n=100)
POINT = OperatingPoint("sensitivity_95", 0.2, 0.95, FOUND, FOUND)
RULE = DecisionRule(
    ("NV", "MEL"),
    ("MEL",),
    ProbabilityMap("temperature", temperature=1.0),
    (POINT,),
    LowConfidenceBand(0.1, 0.3, 0.2),
    0.5,
)


def logit(probability):
    return float(np.log(probability / (1 - probability)))


def outputs(malignant_logits, embedding=None):
    """Two classes, so that the malignant probability is the sigmoid of the second logit."""
    logits = np.stack([np.zeros(len(malignant_logits)), np.array(malignant_logits, float)], axis=1)
    rows = np.zeros((len(logits), 2), np.float32) if embedding is None else np.array(embedding, np.float32)
    return Outputs(logits, None, rows)


class Fake:
    """A network that adds an error to the logit in the first pixel, and remembers what it was asked."""

    def __init__(self, error, with_maps=False):
        self.error, self.asked, self.with_maps = error, [], with_maps

    def run(self, pixels):
        self.asked.append(len(pixels))
        said = outputs(pixels[:, 0, 0, 0] + self.error, pixels[:, 0, 0, :2] + self.error)
        return dataclasses.replace(said, maps=np.full((len(pixels), 2, 3, 3), self.error)) if self.with_maps else said


def pictures(malignant_logits):
    made = np.zeros((len(malignant_logits), 2, 2, 3))
    made[:, 0, 0, 0] = malignant_logits
    return made


@pytest.mark.parametrize("border", [0.1, 0.2, 0.3])
def test_the_threshold_and_both_ends_of_the_band_are_borders(border):
    steps = [-1.2, -0.9, 0.9, 1.2]
    near = Borders(RULE).near(outputs([logit(border) + step * MARGIN for step in steps]))
    assert near.tolist() == [False, True, True, False]


def test_without_a_band_the_threshold_alone_is_a_border():
    rule = dataclasses.replace(RULE, low_confidence=None)
    assert Borders(rule).near(outputs([logit(0.1), logit(0.2), logit(0.3)])).tolist() == [False, True, False]


def test_a_border_is_where_the_calibrated_probability_meets_it():
    hot = dataclasses.replace(RULE, probability_map=ProbabilityMap("temperature", temperature=2.0), low_confidence=None)
    assert Borders(hot).near(outputs([logit(0.2), 2 * logit(0.2)])).tolist() == [False, True]
    # a curve with a step: the probability jumps over the threshold where the network says 0.6
    curve = ((0.0, 0.599, 0.601, 1.0), (0.0, 0.05, 0.9, 1.0))
    mirrored = (tuple(round(1 - x, 9) for x in reversed(curve[0])), tuple(round(1 - x, 9) for x in reversed(curve[1])))
    steep = ProbabilityMap("isotonic", said=(mirrored[0], curve[0]), meant=(mirrored[1], curve[1]))
    stepped = dataclasses.replace(hot, probability_map=steep)
    assert Borders(stepped).near(outputs([logit(0.6) - 0.04, logit(0.5) - 0.1])).tolist() == [True, False]


def test_a_score_near_its_limit_is_near_a_border():
    typical = TypicalEmbeddings(np.zeros((1, 2), np.float32), np.eye(2, dtype=np.float32))
    borders = Borders(RULE, typical, oddness_limit=1.0, oddness_margin=0.02)
    rows = [[value, value] for value in (0.97, 0.99, 1.01, 1.03)]  # whose root mean square is the value itself
    assert borders.near(outputs([5.0] * 4, rows)).tolist() == [False, True, True, False]


def test_what_is_near_is_answered_by_the_exact_network_alone():
    fast, exact = Fake(0.01, with_maps=True), Fake(0.0, with_maps=True)
    said = Cascade(fast, exact, Borders(RULE)).run(pictures([-5.0, logit(0.2) + 0.02, 4.0]))
    assert said.again.tolist() == [False, True, False]
    assert (fast.asked, exact.asked) == ([3], [1])
    assert said.logits[:, 1].tolist() == [-5.0 + 0.01, logit(0.2) + 0.02, 4.0 + 0.01]
    for values in (said.maps[:, 0, 0, 0], said.embedding[:, 1]):
        assert values.tolist() == pytest.approx([0.01, 0.0, 0.01])


def test_where_nothing_is_near_the_exact_network_is_not_asked():
    exact = Fake(0.0)
    said = Cascade(Fake(0.01), exact, Borders(RULE)).run(pictures([-5.0, 4.0]))
    assert (said.again.any(), exact.asked) == (False, [])


def test_no_error_within_the_margin_changes_a_decision():
    rng = np.random.default_rng(0)
    truth = pictures(rng.uniform(-4, 4, 4000))
    exact = RULE.decide(Fake(0.0).run(truth))
    n_changed_without = 0
    for error in (-0.099, -0.02, 0.02, 0.099):
        said = RULE.decide(Cascade(Fake(error), Fake(0.0), Borders(RULE)).run(truth))
        assert np.array_equal(said.is_referred, exact.is_referred)
        assert np.array_equal(said.is_close, exact.is_close)
        alone = RULE.decide(Fake(error).run(truth))
        n_changed_without += int((alone.is_close != exact.is_close).sum())
    assert n_changed_without > 50  # the test can fail


def test_batches_keep_which_were_computed_again():
    cascade = Cascade(Fake(0.01), Fake(0.0), Borders(RULE))
    said = run_batches(cascade, pictures([-5.0, logit(0.2), 4.0, logit(0.1)]), 3)
    assert said.again.tolist() == [False, True, False, True]
    assert run_batches(Fake(0.0), pictures([0.0, 1.0]), 1).again is None


def test_outputs_that_wait_for_others_keep_which_were_computed_again():
    said = dataclasses.replace(outputs([-5.0, 1.0]), again=np.array([False, True]))
    held = hold_outputs(said, [np.zeros(0, np.float32)] * 2)
    assert join_outputs(held[::-1]).again.tolist() == [True, False]


def test_an_answer_says_in_which_precision_it_was_computed(bundle_folder, photo):
    model = open_model(bundle_folder, threads=1)
    for margin, precision in ((0.0, "bfloat16"), (1e6, "float32")):
        borders = Borders(model.decision, margin=margin)
        halved = dataclasses.replace(
            model,
            network=Cascade(model.network, model.network, borders),
            computation=Computation("openvino", "bfloat16", "2026.4"),
        )
        (answer,) = halved.predict(photo)
        assert (answer.runtime, answer.precision) == ("openvino", precision)
        assert (answer.json()["runtime"], answer.json()["precision"]) == ("openvino", precision)
        assert halved.count_again([answer]) == (precision == "float32")
    (answer,) = model.predict(photo)
    assert (answer.runtime, answer.precision, model.count_again([answer])) == ("onnxruntime", "float32", 0)


def test_a_bundle_with_another_record_has_the_borders_of_that_record(bundle_folder):
    model = open_model(bundle_folder, threads=1)
    halved = dataclasses.replace(
        model, network=Cascade(model.network, model.network, Borders.of(model.record, model.typical))
    )
    point = dataclasses.replace(model.decision.point, threshold=0.001)
    decision = dataclasses.replace(model.decision, operating_points=(point,))
    changed = halved.with_record(dataclasses.replace(model.record, decision=decision))
    assert changed.network.borders.rule is decision


REDUCED = ReducedPrecision("openvino", "2026.4.1", "bfloat16", 200, 0.2, 0.02, 9, 3, 0)


def test_what_a_lower_precision_changes_is_measured():
    exact, error = outputs([-5.0, logit(0.2) + 0.02, logit(0.3) - 0.02, 4.0]), 0.04
    fast = dataclasses.replace(exact, logits=exact.logits - [0.0, error])
    found = measure_reduced(fast, exact, Borders(RULE), Computation("openvino", "bfloat16", "2026.4.1"))
    assert (found.runtime, found.runtime_version, found.precision) == ("openvino", "2026.4.1", "bfloat16")
    assert (found.n_images, found.n_again, found.n_changed_alone, found.n_changed) == (4, 2, 1, 0)
    assert (found.logits, found.oddness) == (pytest.approx(error), 0)


def test_an_error_beyond_the_margin_widens_it_before_anything_is_counted():
    exact = outputs([logit(0.2) + 0.3, 5.0])
    fast = dataclasses.replace(exact, logits=exact.logits - [0.0, 0.4])
    found = measure_reduced(fast, exact, Borders(RULE), Computation())
    assert (found.n_again, found.n_changed_alone, found.n_changed) == (1, 1, 0)


def test_an_error_of_the_score_is_measured_as_a_share_of_its_limit():
    typical = TypicalEmbeddings(np.zeros((1, 2), np.float32), np.eye(2, dtype=np.float32))
    exact = outputs([5.0, 5.0], [[2.01, 2.01], [1.0, 1.0]])
    fast = dataclasses.replace(exact, embedding=exact.embedding - np.float32(0.02))
    found = measure_reduced(fast, exact, Borders(RULE, typical, oddness_limit=2.0), Computation())
    assert found.oddness == pytest.approx(0.01, rel=1e-4)
    assert (found.n_again, found.n_changed_alone, found.n_changed) == (1, 1, 0)


def test_a_bundle_keeps_what_its_precision_changes_and_its_margins_follow(bundle_folder):
    model = open_model(bundle_folder, threads=1)
    assert "reduced_precision" not in model.record.json()
    assert (Borders.of(model.record, model.typical).margin, Borders.of(model.record, None).typical) == (MARGIN, None)
    record = dataclasses.replace(model.record, reduced=(REDUCED,))
    again = BundleRecord.from_json(json.loads(json.dumps(record.json())), "bundle.json")
    assert again.reduced == (REDUCED,)
    borders = Borders.of(again, model.typical)
    assert (borders.margin, borders.oddness_margin) == pytest.approx((SAFETY * 0.2, SAFETY * 0.02))
    small = dataclasses.replace(REDUCED, logits=0.01, oddness=0.001)
    borders = Borders.of(dataclasses.replace(record, reduced=(small,)), model.typical)
    assert (borders.margin, borders.oddness_margin) == (MARGIN, ODDNESS_MARGIN)
