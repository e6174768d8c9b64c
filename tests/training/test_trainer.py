import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from lentigo.errors import ModelError
from lentigo.training._backbones import build_network, starting_network
from lentigo.training._classifier import Classifier
from lentigo.training._examples import Examples
from lentigo.training._optimizer import class_weights, make_optimizer
from lentigo.training._trainer import finetune

CLASSES = ("benign", "malignant")


class Killed(Exception):
    """Stands for kill -9: nothing that follows in the process runs."""


def train(learnable, config, folder, **options):
    options = {"classes": CLASSES, "malignant": ("malignant",), "config": config, "folder": folder, **options}
    finetune(*learnable, network=starting_network(config, 2), **options)
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def test_one_epoch_learns_what_can_be_learned(learnable, tiny_config, tmp_path):
    history = train(learnable, tiny_config("train.epochs=3", "train.lr=3e-3", "train.layer_decay=1.0"), tmp_path)
    assert max(record["val_auroc"] for record in history) > 0.9
    assert history[-1]["train_loss"] < history[0]["train_loss"]


@pytest.mark.parametrize("killed_after", [1, 2])
def test_a_killed_run_ends_with_the_same_weights_bit_for_bit(learnable, tiny_config, tmp_path, killed_after):
    config = tiny_config(
        "train.epochs=3",
        "model.drop_rate=0.3",
        "augment.mixup=0.2",
        "augment.cutmix=0.5",
        "augment.cutout=0.3",
        "train.initial_share=0.25",
    )
    whole = train(learnable, config, tmp_path / "whole")

    def kill(record):
        if record["epoch"] == killed_after:
            raise Killed

    with pytest.raises(Killed):
        train(learnable, config, tmp_path / "killed", report=kill)
    # what a kill in the middle of the next checkpoint would leave behind
    (tmp_path / "killed" / "checkpoint" / "last").rename(tmp_path / "killed" / "checkpoint" / ".last.old")
    resumed = train(learnable, config, tmp_path / "killed", resume=True)
    for name in ("best/model", "last/model", "last/network", "last/optimizer"):
        expected, got = (
            load_file(tmp_path / run / "checkpoint" / f"{name}.safetensors") for run in ("whole", "killed")
        )
        assert expected.keys() == got.keys()
        assert all(torch.equal(expected[key], got[key]) for key in expected), name
    assert [r["val_loss"] for r in resumed] == [r["val_loss"] for r in whole]


def test_the_best_epoch_is_kept_and_patience_ends_the_run(learnable, tiny_config, tmp_path):
    history = train(
        learnable, tiny_config("train.epochs=9", "train.lr=1e-9", "train.patience=2", "train.ema_decay=0"), tmp_path
    )
    aurocs = [record["val_auroc"] for record in history]
    assert len(history) == aurocs.index(max(aurocs)) + 1 + 2
    about = json.loads((tmp_path / "checkpoint" / "best" / "checkpoint.json").read_text())
    assert len(about["history"]) == aurocs.index(max(aurocs)) + 1


@pytest.mark.parametrize(
    "overrides",
    [
        ("train.imbalance=weights",),
        ("train.imbalance=sampler", "train.label_smoothing=0.1"),
        ("train.clip_norm=1", "train.ema_decay=0", "train.optimizer=adam", "train.schedule=constant"),
        ("train.precision=bfloat16",),
        ("train.source_prior=removed", "augment.mixup=0.4"),
    ],
)
def test_every_switch_of_the_recipe_trains(learnable, tiny_config, tmp_path, overrides):
    history = train(learnable, tiny_config("train.epochs=1", *overrides), tmp_path)
    assert np.isfinite(history[0]["train_loss"])


def test_class_weights_are_inverse_frequencies_with_mean_one():
    targets = np.array([0, 0, 0, 1])
    weights = class_weights(targets, 2)
    torch.testing.assert_close(weights, torch.tensor([4 / 6, 2.0]))
    assert weights[targets].mean() == pytest.approx(1)


def test_deeper_layers_learn_slower_and_biases_do_not_decay(tiny_config):
    network = build_network(tiny_config().model, 2, image_size=32)
    config = tiny_config("train.lr=0.01", "train.layer_decay=0.5", "train.weight_decay=0.1").train
    groups = make_optimizer(network, config).param_groups
    settings = {id(p): (group["lr"], group["weight_decay"]) for group in groups for p in group["params"]}
    parameters = dict(network.named_parameters())
    assert settings[id(parameters["fc.weight"])] == (0.01, 0.1)
    assert settings[id(parameters["fc.bias"])] == (0.01, 0.0)
    assert settings[id(parameters["conv1.weight"])] == (0.01 * 0.5**5, 0.1)
    assert len(settings) == len(parameters)


def test_a_kill_between_last_and_best_is_mended(learnable, tiny_config, tmp_path):
    config = tiny_config("train.epochs=1")
    train(learnable, config, tmp_path)
    expected = load_file(tmp_path / "checkpoint" / "best" / "model.safetensors")
    shutil.rmtree(tmp_path / "checkpoint" / "best")
    train(learnable, config, tmp_path, resume=True)
    got = load_file(tmp_path / "checkpoint" / "best" / "model.safetensors")
    assert all(torch.equal(expected[key], got[key]) for key in expected)


def test_diverging_is_said(learnable, tiny_config, tmp_path):
    with pytest.raises(ModelError, match=r"training diverged in epoch 1 .*train\.lr"):
        train(learnable, tiny_config("train.lr=10", "train.warmup=0", "train.weight_decay=1e6"), tmp_path)


def test_a_share_of_the_initial_weights_is_kept_in_the_body_alone(learnable, tiny_config, tmp_path):
    config = tiny_config("train.epochs=1", "train.keep=last")
    start = starting_network(config, 2).state_dict()
    kept = {}
    for share in (0.0, 0.5):
        train(learnable, config.changed({"train.initial_share": share}), tmp_path / str(share))
        kept[share] = load_file(tmp_path / str(share) / "checkpoint" / "best" / "model.safetensors")
    torch.testing.assert_close(kept[0.5]["conv1.weight"], (kept[0.0]["conv1.weight"] + start["conv1.weight"]) / 2)
    assert torch.equal(kept[0.5]["fc.weight"], kept[0.0]["fc.weight"])


def test_a_network_that_sees_nothing_but_the_source_does_not_say_how_often_it_is_malignant(tiny_config, tmp_path):
    rng = np.random.default_rng(0)
    source = np.repeat([0, 1], 96)
    target = (rng.random(192) < np.where(source == 0, 0.2, 0.8)).astype(np.int64)
    pixels = np.full((192, 32, 32, 3), 60, np.uint8)
    pixels[source == 1] = 190
    said = {}
    for prior in ("learned", "removed"):
        steps = ("train.epochs=8", "train.lr=3e-3", "train.layer_decay=1.0", "train.keep=last")
        light = (f"augment.{name}=0" for name in ("brightness", "contrast", "saturation", "cast"))
        config = tiny_config(*steps, *light, f"train.source_prior={prior}")
        all_of_it = Examples(pixels, np.arange(192), target, source)
        train((all_of_it, all_of_it), config, tmp_path / prior)
        classifier = Classifier.load(tmp_path / prior / "checkpoint" / "best", device="cpu")
        said[prior] = classifier.probabilities(pixels[[0, -1]])[:, 1]
    assert said["learned"][1] - said["learned"][0] > 0.35
    assert abs(said["removed"][1] - said["removed"][0]) < 0.25
