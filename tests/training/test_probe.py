import dataclasses

import numpy as np
import pytest

from lentigo.model.decision._probability_map import softmax
from lentigo.numbers.metrics import auroc
from lentigo.training._backbones import starting_network
from lentigo.training._examples import Examples
from lentigo.training._probe import fit_head, probe
from lentigo.training._sampling import example_weights, prior_shift


@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_head_separates_what_can_be_separated(n_classes):
    rng = np.random.default_rng(0)
    targets = np.arange(200) % n_classes
    features = (rng.normal(0, 1, (200, 8)) + 3 * np.eye(n_classes, 8)[targets]).astype(np.float32) * 50 + 7
    weight, bias, history = fit_head(features, targets, features, targets, penalties=(0.01, 0.1))
    assert weight.shape == (n_classes, 8)
    assert bias.shape == (n_classes,)
    chances = softmax(features @ weight.T + bias)
    assert (chances.argmax(1) == targets).mean() > 0.9
    nll = -np.log(chances[np.arange(200), targets]).mean()
    assert nll == pytest.approx(min(record["val_loss"] for record in history), rel=1e-3)


def test_the_penalty_with_the_lowest_validation_nll_wins():
    rng = np.random.default_rng(0)
    features, targets = rng.normal(0, 1, (60, 40)).astype(np.float32), np.arange(60) % 2
    others = rng.normal(0, 1, (60, 40)).astype(np.float32)  # noise: the strongest penalty is best
    weight, _, history = fit_head(features, targets, others, targets, penalties=(1e-4, 1e-2, 10.0))
    best = min(history, key=lambda record: record["val_loss"])
    assert best["penalty"] == 10.0
    assert np.abs(weight).max() < 0.1


def test_a_probe_learns_with_random_features_and_leaves_the_backbone_alone(learnable, tiny_config):
    pixels = learnable[0].pixels.copy()
    pixels[np.concatenate([examples.targets for examples in learnable]) == 1] //= (
        3  # a random network keeps little but brightness
    )
    train, val = (dataclasses.replace(examples, pixels=pixels) for examples in learnable)
    config = tiny_config(recipe="probe")
    network = starting_network(config, 2)
    classifier, history = probe(train, val, network=network, classes=("benign", "malignant"), config=config)
    said = classifier.probabilities(val.take(slice(None)))
    assert auroc(val.targets == 1, said[:, 1]) > 0.9
    assert len(history) == 6


@pytest.mark.parametrize("imbalance", ["none", "root", "sampler", "weights"])
def test_a_probe_of_weighted_classes_still_says_how_often_they_occur(imbalance, tiny_config):
    rng = np.random.default_rng(0)
    targets = (rng.random(2000) < 0.05).astype(np.int64)
    features = (rng.normal(0, 1, (2000, 4)) + 1.2 * np.eye(4)[targets]).astype(np.float32)
    train = Examples(np.zeros((2000, 1, 1, 3), np.uint8), np.arange(2000), targets)

    def rate(priors):
        settings = tiny_config(f"train.imbalance={imbalance}", f"train.priors={priors}", recipe="probe").train
        weight, bias, _ = fit_head(
            features, targets, features, targets, penalties=(1e-4,),
            weights=example_weights(train, 2, settings), shift=prior_shift(train, 2, settings),
        )  # fmt: skip
        return softmax(features @ weight.T + bias)[:, 1].mean()

    assert rate("data") == pytest.approx(0.05, abs=0.015)
    assert (rate("drawn") > 0.1) == (imbalance != "none")
