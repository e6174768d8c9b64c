import numpy as np
from PIL import Image

from lentigo.study.auditing.quality._picture import SIDE, prepare


def disc(size=200, radius=0.48, level=180):
    y, x = np.mgrid[:size, :size] / size - 0.5
    return Image.fromarray(np.where(np.hypot(x, y) < radius, level, 4).astype(np.uint8)).convert("RGB")


def test_large_images_are_shrunk_and_small_ones_are_left_alone():
    assert prepare(Image.new("RGB", (1000, 500), "pink")).luma.shape == (SIDE // 2, SIDE)
    assert prepare(Image.new("RGB", (90, 60), "pink")).luma.shape == (60, 90)


def test_shrinking_does_not_change_the_image_of_the_caller():
    image = Image.new("RGB", (1000, 500), "pink")
    prepare(image)
    assert image.size == (1000, 500)


def test_field_leaves_out_the_black_surround_and_its_edge():
    field = prepare(disc()).field
    assert not field[0].any()
    assert field[100, 100]
    assert abs(field.mean() - np.pi * (0.48 - 3 / 200) ** 2) < 0.02


def test_dark_lesion_in_the_middle_belongs_to_the_field():
    pixels = np.full((200, 200, 3), 180, dtype=np.uint8)
    pixels[80:120, 80:120] = 5
    assert prepare(Image.fromarray(pixels)).field.all()


def test_dark_skin_is_no_surround():
    pixels = np.random.default_rng(0).normal(50, 8, (200, 200, 3)).clip(0, 255).astype(np.uint8)
    assert prepare(Image.fromarray(pixels)).field.mean() > 0.99


def test_a_hair_that_reaches_the_frame_is_no_surround():
    pixels = np.full((200, 200, 3), 180, dtype=np.uint8)
    pixels[:, 60:63] = 10
    assert prepare(Image.fromarray(pixels)).field.all()
