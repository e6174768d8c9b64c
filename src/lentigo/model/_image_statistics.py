"""What the input gate sees of a photograph: thirty numbers about light, focus, colour and where the dark part lies.

They are taken from the very pixels the network gets, without the padding, in numpy alone and in about two milliseconds:
the audit measures more, and better, but needs SciPy, eight milliseconds and the whole photograph. Nothing in here knows
what is normal; `lentigo.model._input_gate` holds that, learned from validation images.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FAULTS: Final = ("short_side", "colour", "light", "clipped", "blur", "lesion", "frame")
STYLE: Final = (
    "luma", "red", "blue", "luma_spread", "red_spread", "blue_spread", "ring_luma", "ring_red", "ring_blue",
    "ring_luma_spread", "ring_red_spread", "ring_blue_spread", "falloff", "roundness", "detail_1", "detail_2",
    "detail_4", "detail_8", "detail_kurtosis", "grain", "direction", "lopsided", "steps",
)  # fmt: skip
BLOCKS: Final = 16  # a side: what colours and shapes are taken from
CLIPPED: Final = 251  # of 255: a sensor's end, less what JPEG takes away
EDGES: Final = 0.997  # quantile of the gradient that stands for the strongest edges

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def content_box(width: int, height: int, side: int, fit: str) -> tuple[slice, slice]:
    """Return rows and columns of the fitted square that show the photograph; the rest is padding.

    Example:
        >>> content_box(200, 100, 50, "pad")
        (slice(12, 37, None), slice(0, 50, None))
    """
    if fit != "pad" or width == height:
        return slice(0, side), slice(0, side)
    wide, high = max(1, round(side * min(1, width / height))), max(1, round(side * min(1, height / width)))
    # Rounded as Pillow's `ImageOps.pad` does, half to even; half down is a pixel off for a quarter of all sizes.
    top, left = round((side - high) * 0.5), round((side - wide) * 0.5)
    return slice(top, top + high), slice(left, left + wide)


def image_statistics(content: Pixels, short_side: int) -> Floats:
    """Return the measures `FAULTS` and then `STYLE` of a photograph, as float32; never NaN.

    Args:
        content: shape (H, W, 3), RGB, without padding.
        short_side: of the photograph as it was decoded, in pixels.

    Example:
        >>> grey = image_statistics(np.full((40, 40, 3), 128, np.uint8), 40)
        >>> dict(zip(FAULTS, grey.round(2).tolist()))["colour"]
        0.0
    """
    planes = content.astype(np.float32)
    luma = planes @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    blocks = _blocks(planes)
    faults = [float(short_side), *_light(content, luma), _blur(luma), *_lesion(blocks)]
    values = np.array([*faults, *_colours(blocks), *_details(luma)], dtype=np.float32)
    return np.nan_to_num(values, nan=0.0, posinf=1e6, neginf=-1e6)


def _light(content: Pixels, luma: Floats) -> list[float]:
    """Return colourfulness in grey levels, the brightness of the brightest twentieth, and the share that is clipped."""
    some = content[::2, ::2].reshape(-1, 3)
    spread = some.max(axis=1) - some.min(axis=1)
    is_clipped = (np.sort(some, axis=1)[:, 1] >= CLIPPED).mean()  # two channels of three
    return [_quantile(spread, 0.99), _quantile(luma[::2, ::2].ravel(), 0.95) / 255, float(is_clipped)]


def _blur(luma: Floats) -> float:
    """Return the standard deviation of the blur as a share of the long side, in 1/224; 20 where there is no edge.

    The strongest edges fade the less under a further softening, the wider they are already, whatever their contrast
    (the re-blur argument of Crete et al. 2007); as in `lentigo.study.auditing.quality`, at the network's resolution.
    """
    if min(luma.shape) < 12:
        return 20.0
    sharp = _edge(_soften(_soften(luma)))
    soft = luma
    for _ in range(8):
        soft = _soften(soft)
    weak = _edge(soft)
    if weak < 0.05:
        return 20.0
    ratio = max(sharp / weak, 1 + 1e-4)
    variance = (4.0 - ratio * 1.0) / (ratio - 1)  # 1-2-1 both ways is half a pixel of variance: 1 and 4 of them
    return float(min(20.0, np.sqrt(max(0.0, variance)) * 224 / max(luma.shape)))


def lesion_cells(pixels: Pixels) -> NDArray[np.bool_]:
    """Return which of 16 x 16 cells stand out from the skin, at least half as far as the strongest of the middle.

    Args:
        pixels: shape (H, W, 3).

    Example:
        >>> picture = np.full((64, 64, 3), 200, np.uint8)
        >>> picture[24:40, 24:40] = 60
        >>> int(lesion_cells(picture).sum())
        16
    """
    contrast, stands_out = _contrast(_blocks(pixels.astype(np.float32)))
    return np.asarray((contrast > 0.5 * max(stands_out, 1.0)) & (_distance(BLOCKS) <= 0.5))


def _contrast(blocks: Floats) -> tuple[Floats, float]:
    """Return how far each block's colour is from the skin's, and how far the middle stands out.

    The skin's colour is the median of the brighter half of what lies outside the central disc.
    """
    distance = _distance(BLOCKS)
    outer = blocks[(distance > 0.36) & (distance <= 0.5)]
    bright = outer.sum(axis=1)
    skin = _median(outer[bright >= _median(bright)])
    contrast = np.asarray(np.sqrt(((blocks - skin) ** 2).sum(axis=2)))
    return contrast, _quantile(contrast[distance <= 0.32], 0.9)


def _median(values: Floats) -> Floats:
    # as numpy's median along axis 0, which imports numpy.ma: a twentieth of the time of the first photograph
    middle = (len(values) - 1) // 2, len(values) // 2
    return np.asarray(np.partition(values, middle, axis=0)[middle[0] : middle[1] + 1].mean(axis=0))


def _lesion(blocks: Floats) -> list[float]:
    """Return how far the middle stands out from the skin, and how much more than the middle the worst edge does."""
    contrast, stands_out = _contrast(blocks)
    edges = (contrast[:2, 4:-4], contrast[-2:, 4:-4], contrast[4:-4, :2], contrast[4:-4, -2:])
    middle = float(contrast[_distance(BLOCKS) <= 0.25].mean())
    return [stands_out, max(float(edge.mean()) for edge in edges) / (middle + 8)]


def _colours(blocks: Floats) -> list[float]:
    """Return means and spreads of brightness and of two colour ratios, of all and of the ring, and the radial shape."""
    light = np.log(blocks + 8)
    three = np.stack(
        [light.mean(axis=2), light[..., 0] - light[..., 1], light[..., 2] - light[..., 1]]
    )  # brightness, red and blue against green
    distance = _distance(BLOCKS)
    ring = three[:, distance > 0.4]
    luma = three[0]
    rings = [luma[(distance > low) & (distance <= low + 0.1)].mean() for low in (0.0, 0.1, 0.2, 0.3, 0.4)]
    shape = np.interp(distance, (0.05, 0.15, 0.25, 0.35, 0.45), rings)
    spread = float(luma.std()) + 1e-3
    explained = 1 - float((luma - shape).std()) / spread
    everything = [*three.mean(axis=(1, 2)), *three.std(axis=(1, 2)), *ring.mean(axis=1), *ring.std(axis=1)]
    return [float(value) for value in (*everything, rings[-1] - rings[0], explained)]


def _details(luma: Floats) -> list[float]:
    """Return logarithms of the detail at four scales, and what kind of detail it is."""
    details, current = [], luma
    for _ in range(4):
        across, down = np.diff(current, axis=1), np.diff(current, axis=0)
        details.append(_mean(np.abs(across)) + _mean(np.abs(down)))
        current = _halve(current)
    across, down = np.diff(luma, axis=1), np.diff(luma, axis=0)
    sizes = np.abs(across)
    kurtosis = _mean(sizes**2) / (_mean(sizes) + 0.5) ** 2
    grain = _mean(np.abs(np.diff(across, axis=1))) / (_mean(sizes) + 0.5)
    direction = float(np.log((_mean(sizes) + 0.5) / (_mean(np.abs(down)) + 0.5)))
    small = _blocks(luma[..., None])[..., 0]
    lopsided = float(np.abs(small - small[::-1]).mean() + np.abs(small - small[:, ::-1]).mean())
    counts = np.bincount(luma.astype(np.uint8).ravel(), minlength=256)
    steps = float(counts.max() / counts.sum())  # flat colours: drawings, text, logos
    logs = [float(np.log(value + 0.1)) for value in details]
    return [*logs, np.log(kurtosis + 0.1), grain, abs(direction), np.log(lopsided + 1), np.log(steps + 0.01)]


def _blocks(planes: Floats) -> Floats:
    """Return the mean of each of BLOCKS x BLOCKS parts, shape (BLOCKS, BLOCKS, channels)."""
    rows = np.linspace(0, planes.shape[0], BLOCKS + 1).astype(int)
    columns = np.linspace(0, planes.shape[1], BLOCKS + 1).astype(int)
    if min(planes.shape[:2]) < BLOCKS:
        # thinner than the blocks are many: the nearest pixel stands for each
        picked = planes[np.minimum(rows[:-1], planes.shape[0] - 1)][:, np.minimum(columns[:-1], planes.shape[1] - 1)]
        return np.asarray(picked)
    sums = np.add.reduceat(np.add.reduceat(planes, rows[:-1], axis=0), columns[:-1], axis=1)
    areas = np.outer(np.diff(rows), np.diff(columns))[..., None]
    return np.asarray(sums / areas, dtype=np.float32)


def _soften(values: Floats) -> Floats:
    """Return the values after a 1-2-1 filter both ways: half a pixel of variance; a pixel of each side is given up."""
    rows = values[:-2] + 2 * values[1:-1] + values[2:]
    return np.asarray((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16)


def _edge(values: Floats) -> float:
    if min(values.shape) < 3:
        return 0.0
    across = values[1:-1, 2:] - values[1:-1, :-2]
    down = values[2:, 1:-1] - values[:-2, 1:-1]
    return _quantile((across**2 + down**2).ravel(), EDGES) / 4


def _halve(values: Floats) -> Floats:
    height, width = (side // 2 * 2 for side in values.shape)
    if min(height, width) < 4:
        return values
    rows = values[:height:2, :width] + values[1:height:2, :width]
    return np.asarray((rows[:, ::2] + rows[:, 1::2]) / 4)


def _mean(values: Floats) -> float:
    """Return the mean; 0 where a picture is too thin to have any such value."""
    return float(values.mean()) if values.size else 0.0


def _quantile(values: Floats | Pixels, share: float) -> float:
    """Return the value below which `share` of the values lie; faster than numpy's, which interpolates."""
    position = min(values.size - 1, int(share * values.size))
    return float(np.partition(values.ravel(), position)[position])


def _distance(side: int) -> NDArray[np.float64]:
    """Return the distance of each block from the middle, as a share of the side."""
    axis = (np.arange(side) + 0.5) / side - 0.5
    return np.hypot(axis[None, :], axis[:, None])
