"""Photographs to make copies of, and the search over a list of images."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image

from lentigo.phantoms import draw_phantom
from lentigo.study.auditing.duplicates import Duplicates, find_duplicates, thumbnail

Search = Callable[[Sequence[Image.Image]], Duplicates]


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Image.Image]:
    """Forty photographs of as many lesions."""
    folder = draw_phantom(tmp_path_factory.mktemp("photographs") / "p", n_images=40, size=160, views=(1, 1), seed=3)
    return [Image.open(path).convert("RGB") for path in sorted((folder / "images").iterdir())]


@pytest.fixture(scope="session")
def search() -> Search:
    """The search over images in memory; their pixels stand for their bytes."""

    def find(images: Sequence[Image.Image]) -> Duplicates:
        digests = [hashlib.sha256(image.tobytes()).hexdigest() for image in images]
        return find_duplicates(
            np.stack([thumbnail(image) for image in images]),
            digests=digests,
            pixel_digests=digests,
            is_readable=np.ones(len(images), dtype=bool),
        )

    return find
