import dataclasses

import numpy as np
import pytest

from lentigo.errors import ConfigError
from lentigo.training._backbones import starting_network
from lentigo.training._classifier import Classifier
from lentigo.training._examples import Examples
from lentigo.training._one_view import teach_one_view
from lentigo.training._trainer import finetune

CLASSES = ("benign", "malignant")


def _trained(learnable, config, folder):
    options = {"classes": CLASSES, "malignant": ("malignant",), "config": config, "folder": folder}
    finetune(*learnable, network=starting_network(config, 2), **options)
    return options


def _spread(folder, pixels):
    """Return the mean distance of one view's probabilities from those of eight."""
    one = Classifier.load(folder / "checkpoint" / "best", device="cpu", views=1)
    eight = dataclasses.replace(one, views=8)
    return float(np.abs(one.probabilities(pixels) - eight.probabilities(pixels)).mean())


def _with_a_dark_corner() -> tuple[Examples, Examples]:
    """Of a network that has seen them one way up, eight views of these say different things."""
    rng = np.random.default_rng(0)
    targets = np.arange(144) % 2
    pixels = rng.integers(90, 200, (144, 32, 32, 3)).astype(np.uint8)
    pixels[targets == 1, :14, :14] //= 3
    rows = np.arange(144)
    return Examples(pixels, rows[:96], targets[:96]), Examples(pixels, rows[96:], targets[96:])


def test_one_view_learns_what_eight_say(tiny_config, tmp_path):
    rates = ("train.lr=3e-3", "train.layer_decay=1.0", "train.ema_decay=0.9")
    config = tiny_config("train.epochs=3", "train.view_epochs=4", "augment.flips=false", *rates)
    train, val = _with_a_dark_corner()
    options = _trained((train, val), config, tmp_path)
    before = _spread(tmp_path, val.take(slice(None)))
    teach_one_view(train, val, **options)
    assert _spread(tmp_path, val.take(slice(None))) < before / 2


def test_a_lesson_that_was_killed_ends_with_the_same_weights(learnable, tiny_config, tmp_path):
    class Killed(Exception):
        pass

    def kill(record):
        if record["epoch"] == 1:
            raise Killed

    config = tiny_config("train.epochs=1", "train.view_epochs=2")
    results = []
    for name in ("whole", "killed"):
        folder = tmp_path / name
        options = _trained(learnable, config, folder)
        if name == "killed":
            with pytest.raises(Killed):
                teach_one_view(*learnable, **options, report=kill)
        teach_one_view(*learnable, **options, resume=name == "killed")
        results.append((folder / "checkpoint" / "best" / "model.safetensors").read_bytes())
    assert results[0] == results[1]


def test_a_probe_cannot_be_taught(tiny_config):
    with pytest.raises(ConfigError, match="train.view_epochs"):
        tiny_config("train.method=probe", "train.view_epochs=1")
