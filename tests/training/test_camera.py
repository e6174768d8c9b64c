import io

import numpy as np
import pytest
import torch
from PIL import Image

from lentigo.training._artefacts import add_corners, add_marks
from lentigo.training._camera import add_noise, compress, sharpen


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def picture(side=64):
    axis = torch.linspace(0, 1, side)
    wave = 0.5 + 0.3 * torch.sin(9 * axis)[None, :] * torch.cos(7 * axis)[:, None]
    return torch.stack([wave, 0.8 * wave, 0.5 * wave.T])[None]


def test_compression_loses_about_as_much_as_a_real_jpeg_of_that_quality():
    # Qualities are drawn from 10 to 75; libjpeg at the two ends brackets what is lost.
    changed = compress(picture().expand(32, 3, 64, 64), generator())
    lost = (changed - picture()).abs().mean(dim=(1, 2, 3))

    def lost_by_pillow(quality):
        pixels = (picture()[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=quality, subsampling=0)
        return np.abs(np.asarray(Image.open(stream)).astype(float) - pixels).mean() / 255

    assert lost.max() < 1.5 * lost_by_pillow(10)
    assert lost.min() > 0.3 * lost_by_pillow(75)


@pytest.mark.parametrize("side", [32, 40, 50])
def test_compression_works_on_sides_that_are_no_multiple_of_eight(side):
    flat = torch.full((2, 3, side, side), 0.5)
    torch.testing.assert_close(compress(flat, generator()), flat, atol=0.02, rtol=0)


def test_noise_keeps_the_mean_and_differs_between_images():
    grey = torch.full((64, 3, 32, 32), 0.5)
    noisy = add_noise(grey, generator())
    assert noisy.mean().item() == pytest.approx(0.5, abs=0.005)
    spread = noisy.std(dim=(1, 2, 3))
    assert spread.min() < 0.02
    assert 0.05 < spread.max() < 0.12


def test_sharpening_leaves_flat_colours_alone():
    flat = torch.full((2, 3, 32, 32), 0.4)
    torch.testing.assert_close(sharpen(flat, generator()), flat, atol=1e-5, rtol=0)


def test_marks_cover_a_part_of_every_image_and_never_most_of_it():
    white = torch.ones(128, 3, 96, 96)
    covered = ((add_marks(white, generator()) - white).abs().amax(dim=1) > 0.1).float().mean(dim=(1, 2))
    assert (covered > 0).float().mean() > 0.7  # bright hairs cannot be seen on white
    assert covered.max() < 0.5


def test_dark_corners_leave_the_middle_and_take_the_corners():
    changed = add_corners(torch.ones(64, 3, 64, 64), generator())
    assert changed[:, :, 28:36, 28:36].min() > 0.75
    assert (changed[:, 0, 0, 0] < 0.5).float().mean() > 0.5
