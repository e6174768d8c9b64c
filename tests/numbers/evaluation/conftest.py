"""Predictions with metadata, and what they look like resampled."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest
from lentigo.numbers.evaluation._resampling import Draws
from lentigo.numbers.metrics import Resampler
from lentigo.numbers.predictions import Predictions


@pytest.fixture
def said() -> Callable[..., Predictions]:
    """A maker of binary predictions that are right more often than not."""

    def make(n: int = 300, *, seed: int = 0) -> Predictions:
        rng = np.random.default_rng(seed)
        target = (rng.random(n) < 0.4).astype(np.int64)
        p = np.round(1 / (1 + np.exp(-rng.normal(np.where(target == 1, 1.2, -1.2), 1.5))), 6)
        return Predictions(
            np.array([f"i{k:04d}" for k in range(n)]), target, np.stack([1 - p, p], axis=1), ("NV", "MEL")
        )

    return make


@pytest.fixture
def listed() -> Callable[..., Manifest]:
    """A maker of manifests of such predictions."""

    def make(said: Predictions, **columns) -> Manifest:
        names = np.array(said.classes)[said.target]
        table = pd.DataFrame({"image_id": said.image, "path": [f"/{name}.jpg" for name in said.image], "target": names})
        return Manifest(table.assign(**columns), origin="memory")

    return make


@pytest.fixture
def drawn() -> Callable[..., Draws]:
    """A maker of resamples."""

    def make(said: Predictions, *, n_resamples: int = 200, groups=None) -> Draws:
        names = said.image if groups is None else groups
        return Draws(Resampler.of(said.target, names, n_resamples=n_resamples), "image", 0.95)

    return make
