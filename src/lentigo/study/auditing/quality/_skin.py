"""The colour of the skin around the lesion: its tone, and whether the light was coloured.

Tone is the individual typology angle, ITA = arctan((L* - 50) / b*), of Chardon et al. (1991) with the classes of Del
Bino et al. (2006). It was made for a calibrated instrument. A photograph's white balance is unknown (half of HAM10000
has bluish skin, b* < 0, where the angle says nothing), so the b* seen is weighed against what skin can be, and the
angle comes with an interval; where that reaches over more than two classes, the tone is "uncertain".
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.study.auditing._findings import SkinTone
from lentigo.study.auditing.quality._picture import ScaledPhotograph, edge_padded

if TYPE_CHECKING:
    import pandas as pd

TONES: Final = {"very light": 55.0, "light": 41.0, "intermediate": 28.0, "tan": 10.0, "brown": -30.0, "dark": -90.0}
UNCERTAIN: Final = "uncertain"
SAMPLE: Final = 64  # blocks along the long side: hairs and pores average out
GLARE: Final = 250  # of 255, in two channels
MIDDLE: Final = (0.2, 0.8)  # quantiles of the skin's brightness between which it is averaged
LEAST_BLOCKS: Final = 12
# Standard errors. L*: photographs of the same lesion of HAM10000 differ by 4. b*: skin of all tones measures 15 +- 4
# with an instrument; uncalibrated cameras spread it by 6 to 8.
LIGHTNESS_ERROR: Final = 4.0
CAMERA_YELLOW_ERROR: Final = 8.0
SKIN_YELLOW: Final = (15.0, 4.0)
INTERVAL: Final = 1.28  # standard errors: four in five
REDNESS: Final = (2.0, 36.0)  # a* of skin, up to what polarised light and pressure make of it
YELLOWNESS: Final = (0.0, 30.0)  # b*

_TO_XYZ: Final = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE: Final = np.array([0.9505, 1.0, 1.089])  # D65

Colour = NDArray[np.float64]
Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """The skin around the lesion; NaN where none is seen.

    Args:
        rgb: its colour as R, G, B, 0 to 255.
        lab: the same as L*, a*, b*.
        spread: standard deviation of L*, a*, b* between the four quarters of the picture.

    Example:
        >>> Skin(np.array([220.0, 170, 150]), np.array([73.2, 15.9, 17.6]), np.zeros(3)).lab[0]
        np.float64(73.2)
    """

    rgb: Colour
    lab: Colour
    spread: Colour


def find_skin(picture: ScaledPhotograph) -> Skin:
    """Return the colour of the brighter of two classes of brightness, without glare, surround, and its own extremes.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> find_skin(prepare(Image.new("RGB", (64, 64), (220, 170, 150)))).rgb
        array([220., 170., 150.])
    """
    blocks, field = _blocks(picture)
    level = blocks @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    is_usable = field & ((blocks > GLARE).sum(axis=2) < 2)
    if np.count_nonzero(is_usable) < LEAST_BLOCKS:
        return unseen()
    is_bright = is_usable & (level >= _otsu(level[is_usable]))
    low, high = _quantiles(level[is_bright], MIDDLE)
    is_skin = is_bright & (level >= low) & (level <= high)
    middle, centre = (side // 2 for side in is_skin.shape)
    quarters = [(rows, columns) for rows in _halves(middle) for columns in _halves(centre)]
    parts = [blocks[quarter][is_skin[quarter]] for quarter in quarters]
    return skin_of(np.array([[len(part), *part.sum(axis=0, dtype=np.float64)] for part in parts]))


def unseen() -> Skin:
    """Return the skin of a picture that shows none.

    Example:
        >>> unseen().rgb
        array([nan, nan, nan])
    """
    return Skin(*(np.full(3, np.nan) for _ in range(3)))


def skin_of(quarters: NDArray[np.float64]) -> Skin:
    """Return the skin from the number of its blocks in each quarter of the picture and the sums of R, G, B, (4, 4).

    Example:
        >>> skin_of(np.array([[5.0, 1100, 850, 750]] * 4)).rgb
        array([220., 170., 150.])
    """
    total = quarters.sum(axis=0)
    rgb = total[1:] / total[0]
    large = quarters[quarters[:, 0] > 4]
    lab, *colours = _lab(np.concatenate([rgb[None], large[:, 1:] / large[:, :1]]))
    return Skin(rgb, lab, np.std(colours, axis=0) if len(colours) > 1 else np.zeros(3))


def tone_angle(skin: Skin) -> tuple[float, float, float]:
    """Return the ITA in degrees and the ends of an interval for it; NaN where no skin is seen.

    Example:
        >>> grey, pale = np.zeros(3), np.array([72.0, 12.0, 15.0])
        >>> [round(angle) for angle in tone_angle(Skin(grey, pale, grey))]
        [56, 45, 66]
    """
    lightness, _, seen = skin.lab
    lightness_error = np.hypot(LIGHTNESS_ERROR, skin.spread[0])
    camera = 1 / (CAMERA_YELLOW_ERROR**2 + skin.spread[2] ** 2)
    usual, spread = SKIN_YELLOW
    prior = 1 / spread**2
    yellowness = (seen * camera + usual * prior) / (camera + prior)
    yellowness = max(yellowness, 3.0)
    above = lightness - 50
    error = np.hypot(yellowness * lightness_error, above / np.sqrt(camera + prior)) / (above**2 + yellowness**2)
    angle, half = np.degrees(np.arctan2(above, yellowness)), np.degrees(INTERVAL * error)
    return float(angle), float(max(angle - half, -90.0)), float(min(angle + half, 90.0))


def colour_cast(skin: Skin) -> float:
    """Return how far the skin's colour lies outside of what skin can be, in units of CIELAB; NaN without skin.

    Example:
        >>> blue = np.array([60.0, 10.0, -12.0])
        >>> colour_cast(Skin(blue, blue, blue))
        12.0
    """
    _, red, yellow = skin.lab
    outside = [max(low - value, value - high, 0.0) for value, (low, high) in ((red, REDNESS), (yellow, YELLOWNESS))]
    return float(np.hypot(*outside)) if np.isfinite(red) else float("nan")


def tone_classes(quality: "pd.DataFrame") -> NDArray[np.str_]:
    """Return the class of tone of each image, shape (N,): one of `TONES` or "uncertain".

    Args:
        quality: with the columns ita, ita_low and ita_high, in degrees.

    Example:
        >>> import pandas as pd
        >>> tone_classes(pd.DataFrame({"ita": [60.0, 30.0], "ita_low": [50.0, 0.0], "ita_high": [70.0, 50.0]})).tolist()
        ['very light', 'uncertain']
    """
    names, floors = np.array([*TONES, UNCERTAIN]), np.array(list(TONES.values()))

    def number(column: str) -> NDArray[np.int64]:
        angle = quality[column].to_numpy(dtype=float)
        return np.asarray(np.minimum((angle[:, None] < floors).sum(axis=1), len(TONES) - 1))

    is_certain = (number("ita_low") - number("ita_high") <= 1) & quality["ita"].notna().to_numpy()
    return np.asarray(names[np.where(is_certain, number("ita"), len(TONES))])


def summarize_tone(quality: "pd.DataFrame") -> SkinTone:
    """Return images a class of tone, and the median angle, over all images whose skin is seen.

    Example:
        >>> import pandas as pd
        >>> summarize_tone(pd.DataFrame({"ita": [60.0], "ita_low": [50.0], "ita_high": [70.0]})).counts
        {'very light': 1}
    """
    seen = quality[quality["ita"].notna()]
    classes = tone_classes(seen).tolist()
    counts = {name: classes.count(name) for name in (*TONES, UNCERTAIN) if name in classes}
    half = (seen["ita_high"] - seen["ita_low"]) / 2
    return SkinTone(counts, float(seen["ita"].median()), float(half.median()))


def _blocks(picture: ScaledPhotograph) -> tuple[Levels, NDArray[np.bool_]]:
    """Return the mean colour of each block of pixels, (h, w, 3), and whether its middle lies in the field."""
    step = max(1, round(max(picture.luma.shape) / SAMPLE))
    blocks = np.asarray(picture.image.reduce(step), dtype=np.float32)
    field = edge_padded(picture.field, step)[step + step // 2 :: step, step + step // 2 :: step]
    return blocks, field[: blocks.shape[0], : blocks.shape[1]]


def _otsu(level: Levels) -> float:
    """Return the brightness that separates the values into the two most compact classes (Otsu, 1979)."""
    counts = np.bincount(level.astype(np.int64), minlength=256).astype(np.float64)
    below, mass = np.cumsum(counts), np.cumsum(counts * np.arange(256))
    n_below, n_above = below[:-1], below[-1] - below[:-1]
    split = (n_below > 0) & (n_above > 0)
    if not split.any():
        return 0.0
    off = mass[-1] * n_below / below[-1] - mass[:-1]
    between = np.where(split, off**2 / np.maximum(n_below * n_above, 1), -1.0)
    return float(between.argmax() + 1)


def _quantiles(values: Levels, shares: tuple[float, ...]) -> list[np.float64]:
    """Return what np.quantile does, in a fifth of its time for a thousand values."""
    places = [(len(values) - 1) * share for share in shares]
    below = [int(place) for place in places]
    above = [min(place + 1, len(values) - 1) for place in below]
    ordered = np.partition(values, sorted({*below, *above}))
    found = []
    for place, low, high in zip(places, below, above, strict=True):
        part, step = np.float64(place - low), ordered[high] - ordered[low]
        found.append(ordered[low] + step * part if part < 0.5 else ordered[high] - step * (1 - part))
    return found


def _halves(middle: int) -> tuple[slice, slice]:
    return slice(None, middle), slice(middle, None)


def _lab(rgb: Colour) -> Colour:
    """Return CIE L*a*b* (D65) of sRGB colours from 0 to 255, both (N, 3)."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    ratio = np.array([_TO_XYZ @ colour for colour in linear]) / _WHITE
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
