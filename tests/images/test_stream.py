import numpy as np

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import Preprocess, stream_images


def test_images_come_in_order_with_the_errors_in_their_places(tiny_images):
    photos = sorted(tiny_images({"benign": 4, "malignant": 3}, size=40).rglob("*.jpg"))
    photos[2].write_bytes(b"broken")
    preprocess = Preprocess(ImageConfig(size=32))
    batches = list(stream_images(photos, preprocess.pixels, batch_size=3))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    outcomes = [outcome for batch in batches for outcome in batch]
    assert isinstance(outcomes[2], ImageError)
    for place in (0, 1, 3, 4, 5, 6):
        np.testing.assert_array_equal(outcomes[place], preprocess.pixels(photos[place]))


def test_no_images_are_no_batches():
    assert list(stream_images([], Preprocess(ImageConfig()).pixels, batch_size=3)) == []
