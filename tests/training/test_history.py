import torch
from torch import Generator

from lentigo.training._history import even_light, mix_spectrum, shrink


def generator(seed=0):
    return Generator().manual_seed(seed)


def scene(n=64, side=32, seed=1):
    """Return smooth pictures of middle brightness under white light, shape (n, 3, side, side)."""
    coarse = 0.35 + 0.2 * torch.rand(n, 3, 4, 4, generator=generator(seed))
    return torch.nn.functional.interpolate(coarse, size=(side, side), mode="bilinear")


def test_a_picture_under_coloured_light_gets_closer_to_the_one_under_white_light():
    white = scene()
    warm = white * torch.tensor([1.25, 1.0, 0.7]).view(3, 1, 1)
    even = even_light(warm, generator())

    def tint(batch):
        means = batch.mean(dim=(2, 3))
        return means / means.mean(dim=1, keepdim=True)

    before, after = (tint(warm) - tint(white)).abs().amax(1), (tint(even) - tint(white)).abs().amax(1)
    assert (after < before + 0.02).all()
    assert after.min() < 0.05 < after.max() < before.max()  # anything from none to all of the way
    assert ((even.mean(dim=(1, 2, 3)) / warm.mean(dim=(1, 2, 3)) - 1).abs() < 0.1).all()


def test_a_black_picture_stays_black():
    assert even_light(torch.zeros(2, 3, 8, 8), generator()).abs().max() == 0


def test_a_shrunk_picture_loses_its_fine_texture_and_keeps_the_coarse():
    checks = (torch.arange(64)[:, None] + torch.arange(64)[None, :]) % 2
    fine = checks.float().expand(4, 3, 64, 64)
    assert (shrink(fine, generator()) - 0.5).abs()[..., 8:-8, 8:-8].max() < 0.3  # ±0.5 before
    coarse = scene(4, 64)
    assert (shrink(coarse, generator()) - coarse).abs().max() < 0.03


def test_the_spectrum_moves_the_tint_towards_the_partner_and_leaves_the_drawing():
    edges = torch.zeros(32, 3, 32, 32)
    edges[..., 12:20, 12:20] = 0.3
    batch, partner = edges + 0.3, torch.full((32, 3, 32, 32), 0.3) * torch.tensor([2.0, 1.0, 0.5]).view(3, 1, 1)
    mixed = mix_spectrum(batch, partner, generator())
    red = (mixed - batch).mean(dim=(2, 3))
    assert (red[:, 0] >= -1e-4).all()
    assert red[:, 0].max() > 0.1
    step = mixed[..., 16, 13] - mixed[..., 16, 10]  # across the edge of the square
    torch.testing.assert_close(step, torch.full_like(step, 0.3), atol=0.12, rtol=0)


def test_the_spectrum_of_a_picture_with_itself_is_the_picture():
    batch = torch.rand(3, 3, 33, 33, generator=generator(2))  # odd sides, too
    torch.testing.assert_close(mix_spectrum(batch, batch, generator()), batch, atol=1e-5, rtol=0)
