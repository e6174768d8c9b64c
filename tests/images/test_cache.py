import errno
import os

import numpy as np
import pytest
from PIL import Image

import lentigo.images._cache as cache
from lentigo.config import ImageConfig
from lentigo.errors import ImageError, LentigoError
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
    assert after.fingerprint() != before.fingerprint()
    assert after.fingerprint(np.array([1, 2])) == before.fingerprint(np.array([1, 2]))
    assert (after.array[0, 5, 5] == np.asarray(Image.open(photos[0]))[5, 5]).all()


def test_an_unreadable_image_is_named_and_does_not_stop_the_others(photos):
    photos[1].write_bytes(b"")
    photos[3].write_bytes(b"no image")
    pixels = cached_pixels([*photos, photos[0].with_name("none.jpg")], PREPROCESS)
    assert sorted(pixels.problems) == [1, 3, 5]
    assert pixels.array[0].any()
    assert not list(cache.cache_folder().glob("*.npy"))  # what is unreadable today may be readable tomorrow
    with pytest.raises(ImageError, match=r"3 unreadable: .*0 bytes.*data\.unreadable=drop"):
        refuse_unreadable(pixels.problems)


def test_the_least_recently_used_arrays_go_first(photos, monkeypatch):
    for size in (16, 24, 48):
        cached_pixels(photos, Preprocess(ImageConfig(size=size)))
        for path in cache.cache_folder().glob("*.npy"):
            os.utime(path, (0, path.stat().st_mtime - 100))
    monkeypatch.setattr(cache, "CACHE_BYTES", 60_000)
    cached_pixels(photos, Preprocess(ImageConfig(size=50)))
    assert len(list(cache.cache_folder().glob("*.npy"))) == 1


def test_a_full_disk_is_one_sentence_and_leaves_nothing(photos, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(LentigoError, match="cannot be written: No space left on device"):
        cached_pixels(photos, PREPROCESS)
    assert not list(cache.cache_folder().iterdir())


def test_what_killed_processes_left_is_cleared_after_a_day(photos):
    cache.cache_folder().mkdir(parents=True)
    old, new = (cache.cache_folder() / f".{name}.npy.1234.partial" for name in ("old", "new"))
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    cached_pixels(photos, PREPROCESS)
    assert (old.exists(), new.exists()) == (False, True)
