import dataclasses

import numpy as np
import pytest
import torch

from lentigo.config import TrainConfig
from lentigo.training._examples import Examples
from lentigo.training._sampling import draw_shares, prior_shift, source_logits

TARGETS = np.repeat([0, 1, 2], [64, 16, 4])


def examples(sources=None):
    return Examples(np.zeros((84, 2, 2, 3), np.uint8), np.arange(84), TARGETS, sources)


def test_the_root_draws_half_way_between_the_data_and_equal_shares():
    shares = draw_shares(examples(), 3, TrainConfig(imbalance="root"))
    drawn = np.bincount(TARGETS, weights=shares)
    np.testing.assert_allclose(drawn, np.array([8, 4, 2]) / 14)  # roots of 64, 16 and 4


def test_small_sources_are_drawn_more_often_by_the_root_of_their_size():
    sources = np.repeat([0, 1], [63, 21])
    shares = draw_shares(examples(sources), 3, TrainConfig(balance_sources=True))
    assert shares[-1] / shares[0] == pytest.approx(np.sqrt(3))


def test_everything_is_drawn_once_where_nothing_else_is_asked_for():
    assert draw_shares(examples(), 3, TrainConfig()) is None
    assert prior_shift(examples(), 3, TrainConfig()) is None


@pytest.mark.parametrize("imbalance", ["weights", "sampler"])
def test_equal_shares_are_undone_by_the_logarithm_of_the_frequency(imbalance):
    shift = prior_shift(examples(), 3, TrainConfig(imbalance=imbalance))
    np.testing.assert_allclose(shift.exp(), 3 * np.array([64, 16, 4]) / 84, rtol=1e-5)


def test_probabilities_of_drawn_shares_become_those_of_the_data():
    # A network that knows nothing but how often it saw a class says what it drew; shifted, what there is.
    settings = TrainConfig(imbalance="root")
    drawn = torch.tensor([8, 4, 2]) / 14
    said = torch.softmax(drawn.log() + prior_shift(examples(), 3, settings), dim=0)
    np.testing.assert_allclose(said, np.array([64, 16, 4]) / 84, rtol=1e-5)


def test_what_was_drawn_stays_where_it_is_asked_for():
    settings = TrainConfig(imbalance="root")
    assert prior_shift(examples(), 3, dataclasses.replace(settings, priors="drawn")) is None


def test_a_prior_of_one_source_that_cannot_be_removed_is_said(caplog):
    settings = TrainConfig(source_prior="removed")
    assert source_logits(examples(np.zeros(84, int)), ("NV", "BKL", "MEL"), ("MEL",), settings) is None
    assert "changes nothing: the training images have one known source" in caplog.text
