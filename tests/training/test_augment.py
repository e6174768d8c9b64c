import dataclasses

import pytest
import torch

from lentigo.config import AugmentConfig
from lentigo.training._augment import augment

NOTHING = AugmentConfig(
    **{field.name: False if field.name == "flips" else 0.0 for field in dataclasses.fields(AugmentConfig)}
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_nothing_switched_on_changes_nothing():
    batch = torch.rand(4, 3, 16, 16)
    torch.testing.assert_close(augment(batch, NOTHING, generator=generator()), batch)


def test_the_same_generator_gives_the_same_change_and_another_one_another():
    batch = torch.rand(4, 3, 16, 16)
    config = AugmentConfig(cutout=0.5)
    first = augment(batch, config, generator=generator(1))
    torch.testing.assert_close(augment(batch, config, generator=generator(1)), first)
    assert not torch.equal(augment(batch, config, generator=generator(2)), first)


def test_flips_are_the_eight_symmetries_and_all_of_them_occur():
    image = torch.rand(1, 3, 8, 8)
    views = [torch.rot90(view, turns, (2, 3))[0] for view in (image, image.flip(-1)) for turns in range(4)]
    config = dataclasses.replace(NOTHING, flips=True)
    changed = augment(image.expand(200, 3, 8, 8), config, generator=generator())
    distances = torch.stack([(changed - view).abs().amax(dim=(1, 2, 3)) for view in views])
    assert distances.min(dim=0).values.max() < 1e-4
    assert set(distances.argmin(dim=0).tolist()) == set(range(8))


@pytest.mark.parametrize("turned", [{"flips": True}, {"rotate": 1.0}])
def test_a_turned_picture_is_stretched_as_far_as_an_upright_one(turned):
    config = dataclasses.replace(NOTHING, stretch=0.25)
    upright = ellipse_axes(config)
    # A disc keeps its area, and gets as wide by up to 1.25 as it gets low, or the other way round.
    torch.testing.assert_close(upright.prod(dim=1), torch.full((64,), RADIUS**2), rtol=0.02, atol=0)
    ratio = upright[:, 1] / upright[:, 0]
    assert 1.4 < ratio.max() < 1.25**2 * 1.01
    # The same draws, and all turns among them.
    torch.testing.assert_close(ellipse_axes(dataclasses.replace(config, **turned)), upright, rtol=0.02, atol=0)


RADIUS = 0.2  # of half the side: no mirrored disc comes into view at the corners


def ellipse_axes(config):
    """Return the short and the long half axis of 64 changed discs, from their second moments."""
    at = (torch.arange(160) + 0.5) / 80 - 1
    x, y = at[None, :], at[:, None]
    disc = ((RADIUS - (x**2 + y**2).sqrt()) * 40 + 0.5).clamp(0, 1)
    shown = augment(disc.expand(64, 3, 160, 160), config, generator=generator())[:, 0]
    mass = shown.sum(dim=(1, 2))
    xx, xy, yy = ((shown * moment).sum(dim=(1, 2)) / mass for moment in (x * x, x * y, y * y))
    spread = torch.stack([torch.stack([xx, xy], dim=1), torch.stack([xy, yy], dim=1)], dim=1)
    return 2 * torch.linalg.eigvalsh(spread).sqrt()  # an ellipse's variance along an axis is a quarter of its square


@pytest.mark.parametrize(
    "name", [field.name for field in dataclasses.fields(AugmentConfig) if field.name not in ("mixup", "cutmix")]
)
def test_every_switch_changes_something_and_stays_in_range(name):
    batch = torch.rand(16, 3, 32, 32)
    config = dataclasses.replace(NOTHING, **{name: True if name == "flips" else 0.5})
    changed = augment(batch, config, generator=generator())
    assert not torch.equal(changed, batch)
    assert changed.shape == batch.shape
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_cutout_leaves_a_square_of_one_colour():
    batch = torch.rand(64, 3, 32, 32)
    changed = augment(batch, dataclasses.replace(NOTHING, cutout=1.0), generator=generator())
    is_cut = ((changed - batch).abs() > 1e-5).any(dim=1)
    assert 40 < is_cut.sum(dim=(1, 2)).float().mean() < 110  # (0.3 * 32)^2 = 92, less what lies outside
    one = changed[0][:, is_cut[0]]
    assert one.std(dim=1).max() < 1e-6


@pytest.mark.parametrize("name", ["spectrum", "even_light", "shrink"])
def test_what_differs_between_collections_changes_its_share_of_the_images_alone(name):
    tints = torch.tensor([[1.0, 0.8, 0.6], [0.6, 0.8, 1.0]]).repeat(100, 1).view(200, 3, 1, 1)
    batch = torch.rand(200, 3, 16, 16, generator=generator(5)) * tints
    changed = augment(batch, dataclasses.replace(NOTHING, **{name: 0.5}), generator=generator())
    is_changed = (changed - batch).abs().amax(dim=(1, 2, 3)) > 1e-6
    assert 60 < is_changed.sum() < 140
    assert 0 <= changed.min() <= changed.max() <= 1
