"""Mixup and CutMix."""

import pytest
import torch

from lentigo.config import AugmentConfig
from lentigo.training._mixing import mix


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def constant_images(n: int = 8, side: int = 32) -> torch.Tensor:
    """Return images that each have one value of their own everywhere, shape (n, 3, side, side)."""
    return torch.arange(n, dtype=torch.float32)[:, None, None, None].expand(n, 3, side, side)


def test_nothing_is_mixed_unless_asked_for():
    assert mix(torch.rand(4, 3, 8, 8), AugmentConfig(), generator=generator()) is None


@pytest.mark.parametrize("seed", range(10))
def test_the_share_of_the_label_is_the_share_of_the_pixels(seed):
    batch = constant_images()
    for settings in ({"mixup": 1.0}, {"cutmix": 1.0}):
        mixed, partner, share = mix(batch, AugmentConfig(**settings), generator=generator(seed))
        own, other = batch[:, 0, 0, 0], batch[partner][:, 0, 0, 0]
        assert 0 <= share <= 1
        assert torch.allclose(mixed.mean(dim=(1, 2, 3)), share * own + (1 - share) * other, atol=1e-4)


def test_cutmix_lays_one_rectangle_of_the_partner():
    batch = constant_images()
    mixed, partner, share = mix(batch, AugmentConfig(cutmix=1.0), generator=generator(3))
    row = int((partner != torch.arange(8)).nonzero()[0])
    is_other = mixed[row, 0] == partner[row]
    assert 0 < share < 1
    assert int(is_other.sum()) == int(is_other.any(dim=0).sum() * is_other.any(dim=1).sum())
    assert torch.equal(mixed[row, 0][~is_other], batch[row, 0][~is_other])


def test_with_both_each_batch_draws_one_of_them():
    batch = constant_images()
    config = AugmentConfig(mixup=1.0, cutmix=1.0)
    only_whole = [
        bool(torch.isin(mix(batch, config, generator=generator(seed)).batch, batch).all()) for seed in range(40)
    ]
    assert 8 < sum(only_whole) < 32


def test_the_same_generator_mixes_alike():
    batch, config = torch.rand(4, 3, 8, 8), AugmentConfig(mixup=0.3, cutmix=0.5)
    one, two = (mix(batch, config, generator=generator(5)) for _ in range(2))
    assert torch.equal(one.batch, two.batch)
    assert one.share == two.share
