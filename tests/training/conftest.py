from collections.abc import Callable

import numpy as np
import pytest

from lentigo.config import Config, load_config
from lentigo.training._examples import Examples


@pytest.fixture(scope="session")
def learnable() -> tuple[Examples, Examples]:
    """96 images of 32 px for training and 48 for validation: malignant ones have a dark middle."""
    rng = np.random.default_rng(0)
    targets = np.arange(144) % 2
    pixels = rng.integers(90, 200, (144, 32, 32, 3)).astype(np.uint8)
    pixels[targets == 1, 8:24, 8:24] //= 2
    rows = np.arange(144)
    return Examples(pixels, rows[:96], targets[:96]), Examples(pixels, rows[96:], targets[96:])


@pytest.fixture
def tiny_config() -> Callable[..., Config]:
    """A maker of settings that train in seconds: `tiny_config("train.epochs=2")`."""

    def make(*overrides: str, recipe: str = "finetune") -> Config:
        small = ["image.size=32", "model.weights=none", "train.batch_size=16", "train.epochs=2", "train.device=cpu"]
        return load_config(recipe, overrides=[*small, *overrides])

    return make
