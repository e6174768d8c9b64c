"""The interval of an AUROC from few lesions: against its own equation, and by simulation."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from lentigo.numbers.metrics import ranking_interval
from lentigo.numbers.metrics._few_clusters import t_quantile


@pytest.mark.parametrize(("area", "m", "n"), [(0.75, 3, 20), (0.5, 2, 2), (0.97, 8, 300)])
def test_the_ends_are_the_areas_that_are_just_one_quantile_away(area: float, m: int, n: int) -> None:
    for end in ranking_interval(area, m, n):
        others = (m + n) / 2 - 1  # Newcombe (2006), method 5
        variance = end * (1 - end) * (1 + others * (1 - end) / (2 - end) + others * end / (1 + end)) / (m * n)
        assert abs(area - end) == pytest.approx(t_quantile(0.95, m + n - 2) * math.sqrt(variance), abs=1e-9)


def test_it_is_the_same_from_the_other_side_and_narrows_with_more_clusters() -> None:
    low, high = ranking_interval(0.8, 4, 30)
    assert ranking_interval(0.2, 30, 4) == pytest.approx((1 - high, 1 - low))
    widths = [high - low for low, high in (ranking_interval(0.8, k, k) for k in (2, 5, 9, 50))]
    assert widths == sorted(widths, reverse=True)


def test_a_perfect_ranking_of_few_is_no_proof() -> None:
    low, high = ranking_interval(1.0, 3, 6)
    assert high == 1
    assert low < 0.5
    assert ranking_interval(0.0, 3, 6) == pytest.approx((0.0, 1 - low))


@pytest.mark.parametrize(("m", "n", "distance"), [(2, 2, 1.8), (3, 30, 0.9), (5, 5, 1.8), (5, 25, 2.9), (9, 60, 1.8)])
def test_the_truth_is_held_however_few_patients_there_are(m: int, n: int, distance: float) -> None:
    rng = np.random.default_rng([19, m, n])
    truth = NormalDist().cdf(distance / math.sqrt(2))
    sick, well = rng.normal(distance, size=(400, m, 1)), rng.normal(size=(400, 1, n))
    ends = [ranking_interval(area, m, n) for area in (sick > well).mean(axis=(1, 2)).tolist()]
    # 0.95 less two standard errors of 400 sets
    assert np.mean([low <= truth <= high for low, high in ends]) > 0.93
