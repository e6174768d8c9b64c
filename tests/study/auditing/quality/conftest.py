"""Photographs drawn with one thing in them, so that a test can say what a measure must find."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from lentigo.study.auditing.quality._picture import ScaledPhotograph, prepare

SKIN = (214, 166, 148)
LESION = (120, 72, 54)

Draw = Callable[[ImageDraw.ImageDraw], None]


@pytest.fixture(scope="session")
def photograph() -> Callable[..., Image.Image]:
    """A maker of 224 x 224 photographs: noisy skin, a brown lesion in the middle, and whatever `draw` draws."""

    def make(
        draw: Draw | None = None, *, skin: tuple[int, int, int] = SKIN, size: int = 224, has_lesion: bool = True
    ) -> Image.Image:
        image = Image.new("RGB", (size, size), skin)
        pen = ImageDraw.Draw(image)
        if has_lesion:
            pen.ellipse([0.35 * size, 0.4 * size, 0.65 * size, 0.6 * size], fill=LESION)
        if draw is not None:
            draw(pen)
        noise = np.random.default_rng(0).normal(0, 1.5, (size, size, 1))
        return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))

    return make


@pytest.fixture(scope="session")
def picture(photograph: Callable[..., Image.Image]) -> Callable[..., ScaledPhotograph]:
    """The same, prepared to be measured."""

    def make(*args: Draw, **options: object) -> ScaledPhotograph:
        return prepare(photograph(*args, **options))

    return make


@pytest.fixture(scope="session")
def hairs() -> Callable[[int], Draw]:
    """A drawer of `n` straight dark hairs at random."""

    def of(n: int) -> Draw:
        rng = np.random.default_rng(1)
        ends: npt.NDArray[np.float64] = rng.uniform(0, 224, (n, 4))

        def draw(pen: ImageDraw.ImageDraw) -> None:
            for x0, y0, x1, y1 in ends.tolist():
                pen.line([x0, y0, x1, y1], fill=(60, 40, 35), width=2)

        return draw

    return of
