"""What the card says of columns whose gain has no interval."""

import math

import pytest

from lentigo.bundling._card import _beside
from lentigo.model.decision import Estimate, Fusion, FusionTerm

AGE = FusionTerm("age", "number", (20.0, 80.0), (), (-1.0, 1.0))


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (Estimate(0.117, math.nan, math.nan, n=38), "+0.117 (too few images for an interval) against the image alone"),
        (Estimate.undefined("not measured"), "AUROC on validation not compared with that of the image alone"),
        (Estimate(0.02, 0.01, 0.03, n=500), "+0.020 [+0.010, +0.030] against the image alone"),
    ],
)
def test_a_gain_without_an_interval_is_put_into_words(gain, words):
    first = next(iter(_beside(Fusion(1.0, 0.0, (AGE,), 500, gain))))
    assert words in first
    assert "nan" not in first
