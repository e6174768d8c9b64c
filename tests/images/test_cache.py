import os

import numpy as np
import pytest
from PIL import Image

import lentigo.images.cache as cache
from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import Preprocess, cached_pixels, refuse_unreadable

PREPROCESS = Preprocess(ImageConfig(size=32))


@pytest.fixture
def photos(tiny_images):
    return sorted(tiny_images({"benign": 3, "malignant": 2}, size=40).rglob("*.jpg"))


def test_cached_pixels_are_those_of_the_preprocessing(photos):
    pixels = cached_pixels(photos, PREPROCESS)
    for row, photo in enumerate(photos):
        np.testing.assert_array_equal(pixels.array[row], PREPROCESS.pixels(photo))
    assert pixels.problems == {}


def test_the_second_call_decodes_nothing(photos, monkeypatch):
    first = cached_pixels(photos, PREPROCESS)
    monkeypatch.setattr(Preprocess, "pixels", lambda *_: pytest.fail("decoded again"))
    np.testing.assert_array_equal(cached_pixels(photos, PREPROCESS).array, first.array)


def test_a_changed_file_is_decoded_anew(photos):
    before = cached_pixels(photos, PREPROCESS)
    Image.new("RGB", (32, 32), "blue").save(photos[0])
    after = cached_pixels(photos, PREPROCESS)
    assert after.fingerprint != before.fingerprint
    assert (after.array[0, 5, 5] == np.asarray(Image.open(photos[0]))[5, 5]).all()


def test_an_unreadable_image_is_named_and_does_not_stop_the_others(photos):
    photos[1].write_bytes(b"")
    photos[3].write_bytes(b"no image")
    pixels = cached_pixels([*photos, photos[0].with_name("none.jpg")], PREPROCESS)
    assert sorted(pixels.problems) == [1, 3, 5]
    assert pixels.array[0].any()
    with pytest.raises(ImageError, match=r"3 unreadable: .*0 bytes.*data\.unreadable=drop"):
        refuse_unreadable(pixels.problems)


def test_the_least_recently_used_arrays_go_first(photos, monkeypatch):
    for size in (16, 24, 48):
        cached_pixels(photos, Preprocess(ImageConfig(size=size)))
        for path in cache.cache_folder().glob("*.json"):
            os.utime(path, (0, path.stat().st_mtime - 100))
    monkeypatch.setattr(cache, "CACHE_BYTES", 60_000)
    cached_pixels(photos, Preprocess(ImageConfig(size=50)))
    assert len(list(cache.cache_folder().glob("*.npy"))) == 1
    assert len(list(cache.cache_folder().glob("*.json"))) == 1
