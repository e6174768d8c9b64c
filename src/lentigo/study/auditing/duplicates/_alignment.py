"""One picture laid over another: scale and shift along both sides, found by Gauss-Newton steps, many pairs at once.

Compared is detail: what lies between two blurs, divided by its strength nearby. It knows nothing of exposure and
colour, and little of what all photographs of lesions share, a dark blob on light skin. Black corners of the tube take
no part. The steps are inverse-compositional (Baker and Matthews 2004): gradient and Hessian belong to the picture that
stays. Scaling and shifting along the sides is separable, so a warp is two small matrix products.
"""

import functools
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy.ndimage import label

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LEAST_COVER: Final = 0.25  # of the picture that stays, seen in the other too
DARK: Final = 25.0  # luminance; what is darker and touches the border is not skin
RIM: Final = 2.0  # pixels: nearly four of them next to the dark are left out
_STEP: Final = 0.1  # longest step, as a share of the side
_BOUNDS: Final = (0.5, 1.6)  # of scales


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where pictures lie in others: a point at x from the middle, in sides, lies at scale * x + offset in the other.

    Args:
        scale: along x and y, shape (P, 2).
        offset: along x and y, shape (P, 2).
        likeness: correlation over what both show, shape (P,); -1 where they hardly overlap.

    Example:
        >>> Placement(np.ones((1, 2)), np.zeros((1, 2)), np.ones(1)).take(np.array([True])).likeness
        array([1.])
    """

    scale: Floats
    offset: Floats
    likeness: Floats

    def take(self, rows: Mask) -> Self:
        """Return the placements of some pairs.

        Example:
            >>> len(Placement(np.ones((2, 2)), np.zeros((2, 2)), np.ones(2)).take(np.array([True, False])).scale)
            1
        """
        return replace(self, scale=self.scale[rows], offset=self.offset[rows], likeness=self.likeness[rows])


def detail(luminance: Floats, *, fine: float, coarse: float, floor: float) -> tuple[Floats, Mask]:
    """Return what lies between two blurs, evened out in strength, and where it is seen; both (N, side, side).

    Args:
        luminance: 0 to 255.
        fine: standard deviation of the narrow blur, pixels.
        coarse: of the wide one.
        floor: strength in grey levels below which nothing is amplified.

    Example:
        >>> flat, seen = detail(np.full((1, 8, 8), 90, dtype=np.float32), fine=0.7, coarse=3, floor=3)
        >>> bool(abs(flat).max() < 1e-3), bool(seen.all())
        (True, True)
    """
    narrow, wide = (_blur(luminance.shape[-1], sigma) for sigma in (fine, coarse))
    lit, near, far = _weights(luminance, narrow, wide)
    skin = luminance * lit
    band = narrow @ skin @ narrow.T
    band /= near
    band -= wide @ skin @ wide.T / far
    band *= lit
    strength = wide @ (band * band) @ wide.T
    strength /= far
    strength += np.float32(floor**2)
    band /= np.sqrt(strength, out=strength)
    return band, np.broadcast_to(lit > 0, band.shape)


def _weights(luminance: Floats, narrow: Floats, wide: Floats) -> tuple[Floats, Floats, Floats]:
    """Return where skin is lit, and how much of it each blur sees; one for all pictures where none shows a tube."""
    side = luminance.shape[-1]
    is_tube = _tube(luminance)
    # most pictures show none, and then all three are the same
    is_lit = (~is_tube if is_tube.any() else np.ones((1, side, side), dtype=bool)).astype(np.float32)
    rim = _blur(side, RIM)
    lit = (rim @ is_lit @ rim.T > 0.97).astype(np.float32)  # the soft rim of a tube is the same in all its pictures
    near, far = (np.maximum(blur @ lit @ blur.T, 1e-3) for blur in (narrow, wide))
    return lit, near, far


def align(still: Floats, moving: Floats, start: Placement, *, seen: tuple[Mask, Mask], steps: int) -> Placement:
    """Return where each picture lies in its partner, the likeliest placement on the way.

    Args:
        still: details, (P, side, side).
        moving: details of the partners; warped.
        start: a guess, wrong by up to about 7 % of the side.
        seen: masks of both.
        steps: Gauss-Newton steps.

    Example:
        >>> picture = np.random.default_rng(0).normal(size=(1, 32, 32)).astype(np.float32)
        >>> start = Placement(*np.ones((2, 1, 2)) * [[[1.0]], [[0.0]]], np.zeros(1))
        >>> align(picture, picture, start, seen=(picture < 9,) * 2, steps=0).likeness.round(3)
        array([1.], dtype=float32)
    """
    jacobian = _jacobian(still, seen[0])
    hessian = jacobian @ jacobian.swapaxes(1, 2)
    ridge = np.trace(hessian, axis1=1, axis2=2)[:, None, None] * np.eye(4) * 1e-3 + np.eye(4) * 1e-6
    inverse = np.linalg.inv(hessian + ridge).astype(np.float32)
    scale, offset = start.scale.astype(np.float32), start.offset.astype(np.float32)
    best = replace(start, likeness=np.full(len(still), -1.0, dtype=np.float32))
    for step in range(steps + 1):
        likeness, residual = _compare(still, moving, scale, offset, seen)
        best = _better(best, Placement(scale, offset, likeness))
        if step < steps:
            change = (inverse @ (jacobian @ residual[:, :, None]))[:, :, 0].clip(-_STEP, _STEP)
            scale = np.clip(scale / (1 + change[:, 0::2]), *_BOUNDS)
            offset = offset - scale * change[:, 1::2]
    return best


def _tube(luminance: Floats) -> Mask:
    """Return what is dark as far as the border; a dark lesion in the middle is none of it."""
    is_dark, is_tube = luminance <= DARK, np.zeros(luminance.shape, dtype=bool)
    at_border = [is_dark[:, 0], is_dark[:, -1], is_dark[:, :, 0], is_dark[:, :, -1]]
    rows = np.flatnonzero(np.any([edge.any(axis=1) for edge in at_border], axis=0))
    if not len(rows):
        return is_tube
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[1] = True
    labels, n_labels = label(is_dark[rows], in_plane)
    is_outside = np.zeros(n_labels + 1, dtype=bool)
    for edge in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        is_outside[edge] = True
    is_outside[0] = False
    is_tube[rows] = is_outside[labels]
    return is_tube


def _jacobian(picture: Floats, seen: Mask) -> Floats:
    """Return how the picture changes with scale x, shift x, scale y, shift y; (P, 4, pixels)."""
    side = picture.shape[-1]
    at = _centres(side)
    slopes = np.empty((len(picture), 4, side, side), dtype=np.float32)
    scaled_across, across, scaled_down, down = slopes.swapaxes(0, 1)
    _gradient(picture.swapaxes(1, 2), across.swapaxes(1, 2))
    _gradient(picture, down)
    slopes[:, 1::2] *= np.float32(side)
    np.multiply(across, at, out=scaled_across)
    np.multiply(down, at[:, None], out=scaled_down)
    slopes *= seen[:, None]
    return slopes.reshape(len(picture), 4, -1)


def _gradient(picture: Floats, gradient: Floats) -> None:
    """Write what `np.gradient` returns along the rows of pictures (P, side, side), in a third of its time."""
    np.subtract(picture[:, 2:], picture[:, :-2], out=gradient[:, 1:-1])
    gradient[:, 1:-1] *= np.float32(0.5)
    np.subtract(picture[:, 1], picture[:, 0], out=gradient[:, 0])
    np.subtract(picture[:, -1], picture[:, -2], out=gradient[:, -1])


def _compare(
    still: Floats, moving: Floats, scale: Floats, offset: Floats, seen: tuple[Mask, Mask]
) -> tuple[Floats, Floats]:
    """Return the correlation over what both show, (P,), and the residual at equal strength, (P, pixels)."""
    side = still.shape[-1]
    across, down = (_sampling(scale[:, i], offset[:, i], side) for i in (0, 1))
    common = _is_seen(seen[1], across, down) & seen[0]
    n_common = np.count_nonzero(common, axis=(1, 2))
    one = _centred(still, common, n_common)
    warped: Floats = np.asarray(down @ moving @ across.swapaxes(1, 2), dtype=np.float32)
    other = _centred(warped, common, n_common)
    length, other_length = (np.sqrt((x * x).sum(axis=1)) + np.float32(1e-6) for x in (one, other))
    likeness = (one * other).sum(axis=1) / (length * other_length)
    likeness[n_common < LEAST_COVER * side * side] = -1.0
    return likeness, other * (length / other_length)[:, None] - one


def _is_seen(seen: Mask, across: Floats, down: Floats) -> Mask:
    """Return where what is sampled of pictures (P, side, side) is seen to 99 % and more."""
    if seen.all():
        # Then it is the outer product of what the samples weigh, but for the last digits, which a sum of products
        # rounds otherwise: where they could decide, the sum does.
        weight = down.sum(axis=2)[:, :, None] * across.sum(axis=2)[:, None]
        if not np.any(np.abs(weight - np.float32(0.99)) < 1e-5):
            return np.asarray(weight > 0.99)
    return np.asarray(down @ seen.astype(np.float32) @ across.swapaxes(1, 2) > 0.99)


def _centred(picture: Floats, common: Mask, n_common: npt.NDArray[np.int64]) -> Floats:
    mean = (picture * common).sum(axis=(1, 2)) / np.maximum(n_common, 1)
    centred = picture - mean[:, None, None].astype(np.float32)
    centred *= common
    return np.asarray(centred.reshape(len(picture), -1))


def _better(old: Placement, new: Placement) -> Placement:
    is_better = new.likeness > old.likeness
    scale, offset = (np.where(is_better[:, None], b, a) for a, b in ((old.scale, new.scale), (old.offset, new.offset)))
    return Placement(scale, offset, np.maximum(old.likeness, new.likeness))


def _sampling(scale: Floats, offset: Floats, side: int) -> Floats:
    """Return the matrices that sample a row of pixels linearly at scale * x + offset, (P, side, side)."""
    at = (scale[:, None] * _centres(side) + offset[:, None] + np.float32(0.5)) * np.float32(side) - np.float32(0.5)
    distance = at[:, :, None] - np.arange(side, dtype=np.float32)
    weight = np.subtract(np.float32(1), np.abs(distance, out=distance), out=distance)
    return np.maximum(weight, np.float32(0), out=weight)


def _centres(side: int) -> Floats:
    """Return where the pixels lie, from the middle, in sides."""
    return ((np.arange(side) + 0.5) / side - 0.5).astype(np.float32)


@functools.lru_cache(maxsize=16)
def _blur(side: int, sigma: float) -> Floats:
    """Return the matrix of a Gaussian blur; at the border what is inside counts more."""
    at = np.arange(side)
    weights = np.exp(-0.5 * np.square((at[:, None] - at) / sigma))
    weights[weights < 1e-6] = 0.0  # numbers near the smallest that a float can hold make products ten times slower
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)
