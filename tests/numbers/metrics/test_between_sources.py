"""What to expect in a source that was not measured."""

import math

import numpy as np
import pytest

from lentigo.errors import MetricError
from lentigo.model.decision import Estimate
from lentigo.numbers.metrics import BetweenSources, between_sources, interval_logit, share_logit


def expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_mean_and_prediction_interval_of_four_sources_are_those_computed_by_hand() -> None:
    # weights 2, mean 2.5, Q = 2 (2.25 + 0.25 + 0.25 + 2.25) = 10, C = 8 - 16 / 8 = 6, tau^2 = (10 - 3) / 6 = 7 / 6;
    # weights then 0.6, Hartung and Knapp's factor 0.6 * 5 / 3 = 1, SE^2 = 1 / 2.4
    found = between_sources([0.7, 0.8, 0.9, 0.98], [1, 2, 3, 4], [0.5] * 4)
    assert found.tau**2 == pytest.approx(7 / 6)
    assert found.mean.value == pytest.approx(expit(2.5))
    assert found.mean.low == pytest.approx(expit(2.5 - 3.182446 * math.sqrt(1 / 2.4)), abs=1e-6)
    assert found.low == pytest.approx(expit(2.5 - 4.302653 * math.sqrt(7 / 6 + 1 / 2.4)), abs=1e-6)
    assert found.high == pytest.approx(expit(2.5 + 4.302653 * math.sqrt(7 / 6 + 1 / 2.4)), abs=1e-6)
    assert (found.lowest, found.highest) == (0.7, 0.98)


def test_sources_that_agree_have_no_spread_and_an_interval_no_narrower_than_the_images_allow() -> None:
    found = between_sources([0.9] * 5, [2.2] * 5, [0.2] * 5)
    assert found.tau == 0
    assert found.low == pytest.approx(expit(2.2 - 3.182446 * 0.2), abs=1e-6)  # SE^2 = 0.2 / 5; t of 3 degrees


def test_of_two_sources_only_the_range_is_told() -> None:
    found = between_sources([0.9, 0.8], [2.2, 1.4], [0.1, 0.1])
    assert not found.has_prediction
    assert not found.mean.is_defined
    assert found.describe() == "0.80 to 0.90 in 2 sources, too few to predict the figure in another one"
    assert BetweenSources.from_json(found.json()).describe() == found.describe()


def test_the_prediction_interval_covers_a_new_source_about_as_often_as_it_says() -> None:
    rng, covered, n_tried = np.random.default_rng(0), 0, 600
    for _ in range(n_tried):
        truth = rng.normal(2.0, 0.6, size=7)
        measured = truth[:6] + rng.normal(0, 0.3, size=6)
        found = between_sources([0.5] * 6, measured.tolist(), [0.09] * 6)
        covered += found.low <= expit(truth[6]) <= found.high
    assert 0.90 < covered / n_tried < 0.98


def test_the_logit_of_an_interval_gives_back_its_standard_error() -> None:
    logit, variance = interval_logit(Estimate(expit(1), expit(1 - 1.959964 * 0.3), expit(1 + 1.959964 * 0.3), n=9))
    assert logit == pytest.approx(1)
    assert variance == pytest.approx(0.09)
    assert interval_logit(Estimate(0.9, math.nan, math.nan, n=9)) is None


def test_a_share_of_one_has_a_finite_logit() -> None:
    logit, variance = share_logit(1.0, 20)
    assert logit == pytest.approx(math.log(41))
    assert variance == pytest.approx(1 / 20.5 + 2)


def test_no_source_is_refused() -> None:
    with pytest.raises(MetricError, match="0 values"):
        between_sources([], [], [])
