"""Pictures that are not photographs of a lesion: what an input gate has to refuse, drawn so that it can learn to.

Ten kinds that need no file: noise, words, drawings, bare skin, a limb from afar, and what photographs of anything else
have in common, which is edges of all sizes (dead leaves), light of all sizes (clouds), and repetition (patterns).
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SKIN: Final = ((236, 188, 164), (224, 172, 140), (198, 134, 102), (141, 85, 54), (90, 56, 40))
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz    ABCDEFGHIKLMNOPRSTUVW0123456789.,:-"

Pixels = NDArray[np.uint8]


def draw_others(n_pictures: int, *, size: int = 224, seed: int = 0) -> Iterator[Pixels]:
    """Yield pictures of no lesion, all kinds in turn, shape (size, size, 3).

    Args:
        n_pictures: how many.
        size: of a side.
        seed: of all draws.

    Example:
        >>> [picture.shape for picture in draw_others(2, size=32)]
        [(32, 32, 3), (32, 32, 3)]
    """
    rng = np.random.default_rng(seed)
    for number in range(n_pictures):
        drawn = _KINDS[number % len(_KINDS)](size, rng)
        yield np.clip(drawn, 0, 255).astype(np.uint8)


def _colour(rng: Generator) -> NDArray[np.float64]:
    return rng.uniform(0, 255, 3)


def _skin(rng: Generator) -> NDArray[np.float64]:
    return np.array(SKIN[int(rng.integers(len(SKIN)))], float) + rng.normal(0, 8, 3)


def _tuple(colour: NDArray[np.float64]) -> tuple[int, int, int]:
    red, green, blue = np.clip(colour, 0, 255).astype(int).tolist()
    return red, green, blue


def _noise(size: int, rng: Generator) -> NDArray[np.float64]:
    return rng.uniform(0, 256, (size, size, 3 if rng.random() < 0.7 else 1)) + np.zeros(3)


def _smooth(size: int, rng: Generator, cells: int) -> NDArray[np.float64]:
    """Return a field from 0 to 1 that changes within so many cells of a side."""
    small = Image.fromarray(rng.integers(0, 256, (cells, cells)).astype(np.uint8))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC), float)[..., None] / 255


def _blobs(size: int, rng: Generator) -> NDArray[np.float64]:
    level, is_skin = _smooth(size, rng, int(rng.integers(4, 40))), rng.random() < 0.6
    one, other = (_skin(rng), _skin(rng)) if is_skin else (_colour(rng), _colour(rng))
    return level * one + (1 - level) * other


def _words(size: int, rng: Generator) -> NDArray[np.float64]:
    dark, light = rng.uniform(0, 60, 3), rng.uniform(190, 255, 3)
    ink, paper = (dark, light) if rng.random() < 0.7 else (light, dark)
    page = Image.new("RGB", (size, size), _tuple(paper))
    pen = ImageDraw.Draw(page)
    for line in range(int(rng.integers(3, 19))):
        text = "".join(rng.choice(list(LETTERS), size=int(rng.integers(5, 45))))
        pen.text((rng.uniform(0, 12), 4 + size * line / 19), text, fill=_tuple(ink))
    shade = 1 - rng.uniform(0, 0.3) * _smooth(size, rng, 3) if rng.random() < 0.5 else 1.0
    return np.asarray(page, float) * shade


def _drawing(size: int, rng: Generator) -> NDArray[np.float64]:
    page = Image.new("RGB", (size, size), _tuple(_colour(rng)))
    pen = ImageDraw.Draw(page)
    for _ in range(int(rng.integers(2, 14))):
        x, y, r, colour = *rng.uniform(0, size, 2), rng.uniform(0.05, 0.3) * size, _tuple(_colour(rng))
        (pen.ellipse if rng.random() < 0.6 else pen.rectangle)((x - r, y - r, x + r, y + r), fill=colour)
    return np.asarray(page, float)


def _disc_on_skin(size: int, rng: Generator) -> NDArray[np.float64]:
    """Return what a child draws as a mole: one flat disc on one flat colour."""
    page = Image.new("RGB", (size, size), _tuple(_skin(rng)))
    x, y, r = *rng.uniform(0.27, 0.73, 2) * size, rng.uniform(0.07, 0.27) * size
    box = (x - r, y - r, x + r, y + r)
    (ImageDraw.Draw(page).ellipse if rng.random() < 0.7 else ImageDraw.Draw(page).rectangle)(
        box, fill=_tuple(rng.uniform(30, 120) * np.array([1.0, 0.63, 0.46]))
    )
    return np.asarray(page, float)


def _bare_skin(size: int, rng: Generator) -> NDArray[np.float64]:
    slope = np.linspace(-1, 1, size)[:, None, None] * rng.uniform(2, 18)
    picture = _skin(rng) + slope + rng.normal(0, rng.uniform(1, 5), (size, size, 1))
    smooth = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.7))
    return np.asarray(smooth, float)


def _limb(size: int, rng: Generator) -> NDArray[np.float64]:
    page = Image.new("RGB", (size, size), _tuple(_colour(rng)))
    pen = ImageDraw.Draw(page)
    top, low = rng.uniform(0.05, 0.35) * size, rng.uniform(0.65, 1.0) * size
    tilt = rng.uniform(-0.2, 0.2) * size
    pen.polygon([(0, top), (size, top + tilt), (size, low + tilt), (0, low)], fill=_tuple(_skin(rng)))
    for _ in range(int(rng.integers(0, 4))):
        x, y, r = rng.uniform(0, size), rng.uniform(top, low), rng.uniform(0.01, 0.06) * size
        pen.ellipse((x - r, y - r, x + r, y + r), fill=_tuple(_skin(rng) * rng.uniform(0.3, 0.8)))
    shade = np.linspace(rng.uniform(0.5, 1), rng.uniform(0.8, 1.2), size)[None, :, None]
    return np.asarray(page, float) * shade + rng.normal(0, 4, (size, size, 1))


def _leaves(size: int, rng: Generator) -> NDArray[np.float64]:
    """Return dead leaves: discs that hide each other, as many of each size as there are edges in any scene.

    Lee, Mumford and Huang 2001: their radii follow an inverse cube.
    """
    page = Image.new("RGB", (size, size), _tuple(_colour(rng)))
    pen = ImageDraw.Draw(page)
    tone, spread = _colour(rng), rng.uniform(20, 90)
    least = rng.uniform(0.005, 0.03)
    for _ in range(int(rng.integers(150, 900))):
        x, y = rng.uniform(-0.1, 1.1, 2) * size
        r = size * min(0.4, least / np.sqrt(1 - rng.uniform(0, 0.999)))
        pen.ellipse((x - r, y - r * rng.uniform(0.4, 1), x + r, y + r), fill=_tuple(tone + rng.normal(0, spread, 3)))
    return _photographed(np.asarray(page, float), rng)


def _clouds(size: int, rng: Generator) -> NDArray[np.float64]:
    """Return noise whose amplitude falls with frequency, as that of natural scenes does."""
    rate = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None, :])
    rate[0, 0] = 1.0
    slope, mixing = rng.uniform(0.7, 1.8), np.eye(3) * rng.uniform(0, 0.6) + rng.uniform(0.2, 1, (3, 3)) / 3
    planes = np.fft.ifft2(np.fft.fft2(rng.normal(size=(3, size, size))) / rate**slope).real
    planes = planes / planes.std(axis=(1, 2), keepdims=True)
    mixed = np.tensordot(mixing, planes, 1).transpose(1, 2, 0)
    return _colour(rng) + rng.uniform(15, 70) * mixed


def _pattern(size: int, rng: Generator) -> NDArray[np.float64]:
    """Return stripes, checks or bricks, turned and lit."""
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.02, 0.2) * size
    y, x = np.mgrid[:size, :size]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    is_on = np.floor(along / period) % 2
    if rng.random() < 0.6:
        is_on = np.abs(is_on - np.floor(across / (period * rng.uniform(0.5, 2))) % 2)
    level = is_on[..., None] * rng.uniform(0.6, 1) + 0.2 * _smooth(size, rng, 6)
    return _photographed(level * _colour(rng) + (1 - level) * _colour(rng), rng)


def _photographed(picture: NDArray[np.float64], rng: Generator) -> NDArray[np.float64]:
    """Return a picture lit unevenly, a little soft, with grain."""
    size = len(picture)
    lit = picture * (0.6 + 0.5 * _smooth(size, rng, 3)) + rng.normal(0, rng.uniform(0, 8), (size, size, 1))
    soft = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    return np.asarray(soft.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2))), float)


_KINDS: Final[tuple[Callable[[int, Generator], NDArray[np.float64]], ...]] = (
    _noise, _blobs, _words, _drawing, _disc_on_skin, _bare_skin, _limb, _leaves, _clouds, _pattern,
)  # fmt: skip


def spoil(picture: Pixels, rng: Generator) -> Pixels:
    """Return a photograph that nobody could judge: far out of focus, or with the lesion cut by the frame.

    Args:
        picture: shape (H, W, 3).
        rng: of the draws.

    Example:
        >>> spoil(np.full((32, 32, 3), 200, np.uint8), np.random.default_rng(0)).shape
        (32, 32, 3)
    """
    side = min(picture.shape[:2])
    if rng.random() < 0.5:
        radius = side * rng.uniform(0.025, 0.06)
        return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))
    return np.asarray(np.roll(picture, int(side * rng.uniform(0.4, 0.6)), axis=int(rng.integers(0, 2))))


def through_tube(picture: Pixels, rng: Generator) -> Pixels:
    """Return a photograph as a dermatoscope with a round field of view shows it: black, or darker, from some radius on.

    Args:
        picture: shape (H, W, 3).
        rng: of the draws.

    Example:
        >>> seen = through_tube(np.full((64, 64, 3), 200, np.uint8), np.random.default_rng(0))
        >>> bool(seen[0, 0].max() < seen[32, 32].min())
        True
    """
    height, width = picture.shape[:2]
    side = min(height, width)
    y, x = np.mgrid[:height, :width]
    shift = np.array([height, width]) / 2 + rng.uniform(-0.12, 0.12, 2) * side
    # from a disc that cuts all four edges to one that only darkens the corners
    radius = rng.uniform(0.36, 0.75) * max(side, 0.8 * max(height, width))
    width_of_rim = side * (0.01 if rng.random() < 0.6 else 0.15)
    shade = 1 / (1 + np.exp(-np.clip((radius - np.hypot(y - shift[0], x - shift[1])) / width_of_rim, -30, 30)))
    return np.asarray((picture * shade[..., None]).astype(np.uint8))
