import dataclasses
import json

import numpy as np
import pytest

from lentigo.config import CalibrateConfig
from lentigo.errors import BundleError, ConfigError
from lentigo.model import Fields, Outputs
from lentigo.model.decision import ClassRule, DecisionRule, Estimate, LowConfidenceBand
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.calibration._class_rule import fit_class_rule, read_costs
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.predictions import Predictions

CLASSES = ("NV", "MEL", "DF")


def cases(n=900, seed=0):
    """Calibrated probabilities of three classes of which the last is rare, and the truth."""
    rng = np.random.default_rng(seed)
    target = rng.choice(3, n, p=(0.85, 0.12, 0.03))
    evidence = rng.normal(size=(n, 3)) + 1.6 * np.eye(3)[target]
    logits = 1.6 * evidence + np.log([0.85, 0.12, 0.03])
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True), target


def fitted(name, *, costs="", n=900, seed=0):
    shares, target = cases(n, seed)
    settings = CalibrateConfig(class_rule=name, class_costs=costs)
    return fit_class_rule(shares, target, CLASSES, settings=settings, groups=np.arange(n), seed=0)


@pytest.mark.parametrize("name", ["equal_priors", "macro_f1"])
def test_a_rule_finds_rare_classes_that_the_most_probable_class_misses(name):
    rule = fitted(name)
    shares, target = cases(3000, seed=7)  # not those it was fitted on
    recall = [np.mean([(called[target == k] == k).mean() for k in range(3)])
              for called in (rule.call(shares), shares.argmax(axis=1))]  # fmt: skip
    assert recall[0] > recall[1] + 0.02
    assert rule.gain.low > 0
    assert rule.balanced_accuracy.value == pytest.approx(recall[0], abs=0.08)  # nested: as on images it has not seen


def test_the_nested_figure_is_no_better_than_new_images_where_the_rule_only_fits_noise():
    rng = np.random.default_rng(1)
    shares = rng.dirichlet((4, 1, 1), 400)
    target = rng.choice(3, 400, p=(0.8, 0.1, 0.1))  # nothing to learn
    settings = CalibrateConfig(class_rule="macro_f1")
    rule = fit_class_rule(shares, target, CLASSES, settings=settings, groups=np.arange(400))
    assert rule.balanced_accuracy.low < 1 / 3 < rule.balanced_accuracy.high


def test_costs_move_the_call_towards_what_is_dear_to_miss():
    rule = fitted("costs", costs="MEL:NV=20 DF:NV=1")
    assert rule.call(np.array([[0.9, 0.1, 0.0], [0.97, 0.03, 0.0]])).tolist() == [1, 0]
    assert rule.weights == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "class_costs is empty"),
        ("MEL:NVV=3", "names the class 'NVV' .* Did you mean 'NV'"),
        ("MEL:NV=much", "Write TRUE:CALLED=COST"),
        ("MEL:NV=-1", "Write TRUE:CALLED=COST"),
        ("MEL:MEL=2", "Write TRUE:CALLED=COST"),
    ],
)
def test_costs_that_mean_nothing_are_refused(text, words):
    with pytest.raises(ConfigError, match=words):
        read_costs(text, CLASSES)


def test_the_most_probable_class_and_two_classes_need_no_rule():
    shares, target = cases(60)
    assert fitted("most_probable") is None
    two = fit_class_rule(shares[:, :2], target % 2, ("NV", "MEL"), settings=CalibrateConfig(class_rule="macro_f1"),
                         groups=np.arange(60))  # fmt: skip
    assert two is None


def test_images_of_one_lesion_stay_in_one_fold():
    shares, target = cases(300)
    doubled = fit_class_rule(
        np.repeat(shares, 2, axis=0), np.repeat(target, 2), CLASSES,
        settings=CalibrateConfig(class_rule="macro_f1"), groups=np.repeat(np.arange(300), 2), seed=0,
    )  # fmt: skip
    once = fitted("macro_f1", n=300)
    assert doubled.gain.high - doubled.gain.low == pytest.approx(once.gain.high - once.gain.low, rel=0.35)


def test_a_calibration_keeps_its_rule_and_one_of_before_has_none(tmp_path):
    shares, target = cases(300)
    said = Predictions(np.array([f"i{i}" for i in range(300)]), target, shares, CLASSES)
    plain = Calibration.fit(said, malignant=["MEL"], settings=CalibrateConfig())
    assert plain.class_rule is None
    assert "class_rule" not in plain.json()
    kept = Calibration.fit(said, malignant=["MEL"], settings=CalibrateConfig(class_rule="equal_priors"))
    kept.write(tmp_path / "calibration.json")
    again = Calibration.read(tmp_path / "calibration.json")
    assert again.class_rule == kept.class_rule == again.rule.class_rule
    found = evaluate(kept.apply(said), malignant=["MEL"], class_rule=kept.class_rule, n_resamples=100).metrics
    assert found["balanced_accuracy_by_rule"].value > found["balanced_accuracy"].value
    assert found["macro_f1_by_rule"].has_interval


def test_the_rule_names_a_class_and_decides_nothing():
    shares, target = cases(300)
    said = Predictions(np.array([f"i{i}" for i in range(300)]), target, shares, CLASSES)
    rule = Calibration.fit(said, malignant=["MEL"], settings=CalibrateConfig(class_rule="equal_priors")).rule
    outputs = Outputs(np.log(shares), None, np.zeros((300, 0), np.float32))
    with_rule, without = rule.decide(outputs, 0.02), dataclasses.replace(rule, class_rule=None).decide(outputs, 0.02)
    assert without.called is None
    assert with_rule.called.tolist() == rule.decide(outputs).called.tolist()  # whatever the prevalence
    assert (with_rule.is_referred == without.is_referred).all()
    assert (with_rule.probabilities == without.probabilities).all()
    assert isinstance(rule, DecisionRule)
    assert rule.low_confidence is None or isinstance(rule.low_confidence, LowConfidenceBand)


def test_a_rule_survives_its_file_and_a_broken_one_is_refused():
    rule = fitted("costs", costs="MEL:NV=20")
    payload = json.loads(json.dumps(rule.json()))
    assert ClassRule.from_fields(Fields(payload, "rule")) == rule
    none = Estimate.undefined("not measured")
    for name, weights, costs in (("macro_f1", (), ()), ("macro_f1", (1.0, 0.0), ()), ("costs", (), (1.0, 2.0, 3.0)),
                                 ("thresholds", (1.0, 1.0), ())):  # fmt: skip
        with pytest.raises(BundleError):
            ClassRule(name, weights, costs, none, none, none, none)
