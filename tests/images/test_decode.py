import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image


def encoded(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def gradient(width=40, height=30):
    row = np.linspace(0, 255, width, dtype=np.uint8)
    return Image.fromarray(
        np.stack([np.tile(row, (height, 1)), np.full((height, width), 90, np.uint8)] * 2)[:3].transpose(1, 2, 0)
    )


def test_exif_orientation_turns_the_image_upright():
    image = Image.new("RGB", (40, 20))
    image.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    upright = open_image(encoded(image, "JPEG", exif=exif, quality=95))
    assert upright.size == (20, 40)
    assert upright.getpixel((10, 5))[0] > 200
    assert upright.getpixel((10, 35))[0] < 60


@pytest.mark.parametrize(
    ("mode", "kind"), [("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("CMYK", "JPEG"), ("RGB", "WEBP")]
)
def test_any_mode_becomes_rgb_and_keeps_its_look(mode, kind):
    image = gradient().convert(mode)
    opened = open_image(encoded(image, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert opened.mode == "RGB"
    difference = np.abs(np.asarray(opened, int) - np.asarray(image.convert("RGB"), int))
    assert difference.mean() < 4


def test_sixteen_bits_are_scaled_and_not_clipped():
    levels = np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32)
    opened = np.asarray(open_image(encoded(Image.fromarray(levels))))
    assert opened.dtype == np.uint8
    assert (opened[0, 0, 0], opened[-1, -1, 0]) == (0, 255)
    assert abs(int(opened[16, 0, 0]) - 128) <= 1


def test_transparency_is_laid_on_white():
    image = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    assert open_image(encoded(image)).getpixel((5, 5)) == (255, 255, 255)


def test_the_first_picture_of_a_multi_picture_jpeg_is_taken():
    first, second = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    content = encoded(first, "MPO", save_all=True, append_images=[second])
    assert open_image(content).getpixel((5, 5))[0] > 200


def test_a_large_jpeg_is_read_with_less_detail_but_never_below_the_wanted_side():
    content = encoded(gradient(1600, 1200), "JPEG")
    drafted = open_image(content, draft_side=300)
    assert drafted.size == (400, 300)
    assert open_image(content).size == (1600, 1200)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"none\.jpg cannot be read: No such file"):
        open_image(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match="is not a file"):
        open_image(tmp_path)


def test_zero_bytes_are_an_error():
    with pytest.raises(ImageError, match=r"is empty \(0 bytes\)"):
        open_image(b"")


@pytest.mark.parametrize("content", [b"not an image at all", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", b"SIMPLE  =    T"])
def test_what_is_no_image_is_an_error(content):
    with pytest.raises(ImageError, match=r"is not in an image format that lentigo reads|is damaged"):
        open_image(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_a_file_truncated_anywhere_is_an_error_or_still_an_image(kind):
    content = encoded(gradient(), kind)
    for cut in range(1, len(content) - 1, max(1, len(content) // 40)):
        try:
            assert open_image(content[:cut]).mode == "RGB"
        except ImageError as error:
            assert "Convert" in str(error) or "intact copy" in str(error)


def test_flipped_bits_never_raise_anything_but_an_image_error():
    content = bytearray(encoded(gradient(), "JPEG"))
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(content)
        damaged[rng.integers(len(content))] ^= 1 << rng.integers(8)
        try:
            open_image(bytes(damaged))
        except ImageError:
            pass


def test_one_pixel_is_too_small():
    with pytest.raises(ImageError, match="1 x 1 pixels; at least 16 pixels per side are needed"):
        open_image(encoded(Image.new("RGB", (1, 1))))


def test_too_many_pixels_are_refused_from_the_header():
    content = encoded(Image.new("1", (9000, 9000)))  # 10 kB that would become 243 MB
    with pytest.raises(ImageError, match=r"9000 x 9000 pixels, more than the 60,000,000 allowed"):
        open_image(content)
    huge = encoded(Image.new("1", (20000, 20000)))
    with pytest.raises(ImageError, match="pixels"):
        open_image(huge)


def test_too_many_bytes_are_refused():
    with pytest.raises(ImageError, match=r"more than the 1,024 allowed \(image\.max_bytes\)"):
        open_image(encoded(gradient()) + bytes(1024), limits=ImageConfig(max_bytes=1024))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_is_refused(kind):
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    with pytest.raises(ImageError, match="3 frames"):
        open_image(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))


def test_floating_point_pixels_are_refused():
    with pytest.raises(ImageError, match="floating-point"):
        open_image(encoded(Image.fromarray(np.ones((32, 32), np.float32)), "TIFF"))


def test_a_nul_in_a_path_is_an_image_that_cannot_be_read():
    with pytest.raises(ImageError, match="cannot be read: embedded null"):
        open_image(Path("a\0b.jpg"))
