"""Anti-aliased discs and tapering strokes, placed in millimetres: dots, vessels, streaks, hairs."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from lentigo.images._noise import FloatMap

_OVERSAMPLING = 3  # drawn three times as large, then averaged: edges as soft as those of a photograph


class Canvas(Protocol):
    """What is drawn on: `lentigo.phantoms._pigments.Patch` for one."""

    @property
    def pixels(self) -> int:
        """Side of the square in pixels."""
        ...

    @property
    def px_per_mm(self) -> float:
        """Resolution."""
        ...


class Stencil:
    """A coverage map that is drawn three times too large and averaged down.

    Example:
        >>> from types import SimpleNamespace
        >>> stencil = Stencil(SimpleNamespace(pixels=32, px_per_mm=32 / 14))
        >>> stencil.disc(0.0, 0.0, radius_mm=2.0)
        >>> bool(stencil.coverage()[16, 16] == 1.0)
        True
    """

    def __init__(self, patch: Canvas) -> None:
        self._scale = patch.px_per_mm * _OVERSAMPLING
        self._middle = patch.pixels * _OVERSAMPLING / 2
        self._image = Image.new("L", (patch.pixels * _OVERSAMPLING, patch.pixels * _OVERSAMPLING))
        self._draw = ImageDraw.Draw(self._image)

    def disc(self, x: float, y: float, *, radius_mm: float, level: float = 1.0) -> None:
        """Add a filled disc."""
        cx, cy, r = x * self._scale + self._middle, y * self._scale + self._middle, radius_mm * self._scale
        self._draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=round(255 * level))

    def blob(self, x: float, y: float, *, radius_mm: float, rng: np.random.Generator, level: float = 1.0) -> None:
        """Add a filled, slightly lobed and elongated disc."""
        angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        stretch, turn = rng.uniform(1.0, 1.7), rng.uniform(0, np.pi)
        phases = rng.uniform(0, 2 * np.pi, 2)
        radius = radius_mm * (1 + 0.14 * np.sin(2 * angles + phases[0]) + 0.10 * np.sin(3 * angles + phases[1]))
        along, across = radius * np.cos(angles) * stretch**0.5, radius * np.sin(angles) / stretch**0.5
        points = np.stack([
            x + along * np.cos(turn) - across * np.sin(turn),
            y + along * np.sin(turn) + across * np.cos(turn),
        ], axis=1)  # fmt: skip
        self._polygon(points, level)

    def stroke(
        self,
        points: npt.NDArray[np.floating],
        *,
        widths_mm: Sequence[float] | npt.NDArray[np.floating],
        level: float = 1.0,
    ) -> None:
        """Add a band along `points` (N, 2) whose width is given at each of them."""
        along = np.gradient(points, axis=0)
        length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
        offset = normal * (np.asarray(widths_mm) / 2)[:, None]
        self._polygon(np.concatenate([points + offset, (points - offset)[::-1]]), level)

    def coverage(self, *, blur_mm: float = 0.0) -> FloatMap:
        """Return what is covered, (pixels, pixels) from 0 to 1; what lies deeper in the skin looks blurred."""
        image = self._image.reduce(_OVERSAMPLING)
        if blur_mm > 0.0:
            image = image.filter(ImageFilter.BoxBlur(blur_mm * self._scale / _OVERSAMPLING))
        return np.asarray(image, dtype=np.float32) * np.float32(1 / 255)

    def _polygon(self, points: npt.NDArray[np.floating], level: float) -> None:
        corners = (points * self._scale + self._middle).ravel().tolist()
        self._draw.polygon(corners, fill=round(255 * level))


def curve(
    start: Sequence[float] | npt.NDArray[np.floating],
    middle: Sequence[float] | npt.NDArray[np.floating],
    end: Sequence[float] | npt.NDArray[np.floating],
    *,
    n_points: int = 16,
) -> npt.NDArray[np.float64]:
    """Return points (n_points, 2) of the quadratic Bézier curve over three control points.

    Example:
        >>> curve((0, 0), (1, 1), (2, 0), n_points=3).tolist()
        [[0.0, 0.0], [1.0, 0.5], [2.0, 0.0]]
    """
    t = np.linspace(0.0, 1.0, n_points)[:, None]
    a, b, c = (np.asarray(point, dtype=np.float64) for point in (start, middle, end))
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
