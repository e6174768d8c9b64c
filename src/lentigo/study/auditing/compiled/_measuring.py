"""Every measure of quality by compiled loops: the figures of `lentigo.study.auditing.quality.measure`.

What NumPy does as fast stays with NumPy, and all thresholds come from its modules, so that there is one place for each.
"""

import functools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.study.auditing.compiled import _blur, _colour, _rows, _shapes
from lentigo.study.auditing.compiled import _ink as _ink_loops
from lentigo.study.auditing.compiled import _light as _levels
from lentigo.study.auditing.compiled._traits import colour_traits_compiled
from lentigo.study.auditing.quality import _ink, _light, _picture, _ruler, _skin, _strokes, _text
from lentigo.study.auditing.quality._measuring import LEAST_SIDE, measure

__all__ = ["colour_traits_compiled", "measure_compiled"]

ACROSS: Final = np.array(_strokes.ACROSS)
ALONG: Final = np.array(_strokes.ALONG)
LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
INK_LEVELS: Final = (float(np.float32(_ink.PALEST)), float(np.float32(_ink.DARKER)))  # as NumPy compares them

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ReadyPhotograph:
    """A photograph at working size, as the loops take it.

    Args:
        image: RGB.
        grey: the same in shades of grey.
        rgb: its pixels, (H, W, 3).
        luma: brightness, (H, W).
        field: 1 where the photograph shows something, (H, W).
        n_field: how many pixels that are.
        level: median brightness.
    """

    image: Image.Image
    grey: Image.Image
    rgb: Bytes
    luma: Bytes
    field: Bytes
    n_field: int
    level: float

    @property
    def scale(self) -> float:
        """Long side relative to 224 pixels."""
        return max(self.image.size) / 224


def measure_compiled(image: Image.Image) -> dict[str, float]:
    """Return every measure of quality of an upright RGB image; NaN where one makes no sense."""
    if min(image.size) < LEAST_SIDE:
        return measure(image)
    photo = _prepare(image)
    skin = _find_skin(photo)
    ita, ita_low, ita_high = _skin.tone_angle(skin)
    highlight, vivid, n_clipped = _levels.tally(
        photo.rgb, photo.luma, photo.field, _light.CLIPPED, _light.BRIGHT, _light.VIVID
    )
    sums, pixel, owner = _find_strokes(photo)
    centre, length, width, angle = _strokes.bars(*sums[:, :6].T)
    strokes = _strokes.Strokes(centre, length, width, angle, sums[:, 6].astype(np.int64), pixel, owner)
    return {
        "short_side": float(min(image.size)),
        "chroma": float(vivid),
        "blur_px": _blur_px(photo),
        "highlight": highlight / 255,
        "clipped": n_clipped / max(1, photo.n_field),
        "colour_cast": _skin.colour_cast(skin),
        "corner_darkness": _corner_darkness(photo),
        "ruler": _ruler_evidence(photo, strokes),
        "ink": _ink_share(photo, skin),
        "hair": _hair_share(photo, strokes),
        "text": _glyphs_in_row(photo),
        "ita": ita,
        "ita_low": ita_low,
        "ita_high": ita_high,
    }


def _prepare(image: Image.Image) -> ReadyPhotograph:
    image = _picture.at_working_size(image)
    grey = image.convert("L")
    rgb, luma = np.asarray(image), np.asarray(grey)
    level = _levels.median_level(luma, 4)
    field = np.empty(luma.shape, dtype=np.uint8)
    limit = min(_picture.SURROUND_LEVEL, _picture.SURROUND_SHARE * level)
    least = _picture.SURROUND_REACH * max(luma.shape)
    n_field = _levels.find_field(luma, limit, least, _picture.RIM // 2, field)
    return ReadyPhotograph(image, grey, rgb, luma, field, n_field, level)


def _blur_px(photo: ReadyPhotograph) -> float:
    inner = photo.field
    if photo.n_field < inner.size:
        inner = _levels.shrunk(inner, _light.REACH // 2)
    strong, weak = _blur.edges(photo.luma, inner, _light.EDGES)
    return _light.blur_from(strong / 4, weak / 16, photo.scale)


def _corner_darkness(photo: ReadyPhotograph) -> float:
    shorter = min(photo.luma.shape)
    legs = min(shorter, max(2, round(_light.CORNER * shorter)))
    levels = sorted(_levels.corner_level(photo.luma, legs, down, right) for down in (0, 1) for right in (0, 1))
    return 1.0 - min(1.0, levels[1] / max(1.0, photo.level))


def _find_skin(photo: ReadyPhotograph) -> _skin.Skin:
    step = max(1, round(max(photo.luma.shape) / _skin.SAMPLE))
    blocks = np.asarray(photo.image.reduce(step) if step > 1 else photo.image)
    level = blocks.astype(np.float32) @ LUMA
    n_usable, low, high = _colour.bright_levels(blocks, level, photo.field, _skin.GLARE, step, *_skin.MIDDLE)
    if n_usable < _skin.LEAST_BLOCKS:
        return _skin.unseen()
    return _skin.skin_of(_colour.skin_sums(blocks, level, low, high))


def _find_strokes(photo: ReadyPhotograph) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    least = round(3 * max(_strokes.LEAST_DEPTH, _strokes.LEAST_CONTRAST * photo.level))
    padded = _picture.edge_padded(photo.luma.astype(np.int16), 3)
    return _shapes.strokes(padded, photo.field, ACROSS, ALONG, _strokes.MOST_DEPTH, least)


def _hair_share(photo: ReadyPhotograph, strokes: _strokes.Strokes) -> float:
    is_long = _strokes.is_hair(strokes, photo.scale)
    if not is_long.any():
        return 0.0
    wanted = is_long.view(np.uint8)[None]
    return _shapes.covered(strokes.pixel, strokes.owner, wanted, photo.luma.size) / max(1, photo.n_field)


def _ruler_evidence(photo: ReadyPhotograph, strokes: _strokes.Strokes) -> float:
    ticks = _ruler.candidates(strokes, photo.scale)
    if len(ticks) < 3:
        return _ruler.NO_RULER
    points, length, layer = strokes.centre[ticks], strokes.length[ticks], strokes.direction[ticks]
    closest, farthest = _ruler.SPACING[0], _ruler.SPACING[1] * photo.scale
    begun = _rows.pairs(points, length, layer, _strokes.NORMALS, closest, farthest, _ruler.ALIKE)
    if not len(begun):
        return _ruler.NO_RULER
    around, answers = _ruler.NEIGHBOURHOOD, _ruler.ANSWERS
    return _rows.grow(points, length, layer, begun, _ruler.ALIKE, around, answers, _ruler.MOST_TICKS)


def _ink_share(photo: ReadyPhotograph, skin: _skin.Skin) -> float:
    if not np.isfinite(skin.rgb).all() or min(photo.luma.shape) < _ink.LEAST_SIDE:
        return math.nan
    small = np.asarray(photo.image.reduce(2))
    field = np.ascontiguousarray(photo.field[::2, ::2])
    skin_red, skin_green, skin_blue = skin.rgb + 4
    limits = (*_ink.BLUER, _ink.MUCH_BLUER, _ink.GREENER)
    against = np.array([np.log(skin_blue / skin_red), np.log(skin_green / skin_red), *limits])
    found, (middle, zones) = np.empty_like(field), _zones(*field.shape)
    if not _ink_loops.candidates(small, field, zones, found, _logarithms(), against, _ink.LEAST_LIGHT):
        return 0.0
    brightness = small.astype(np.float32) @ LUMA / max(1.0, float(skin.rgb @ LUMA))
    return _ink_loops.share(found, field, middle, brightness, *INK_LEVELS)


@functools.lru_cache(maxsize=8)
def _zones(height: int, width: int) -> tuple[Bytes, Bytes]:
    """Return the middle, and all where ink is not looked for."""
    is_middle, is_corner = _ink.zones(height, width)
    return is_middle.view(np.uint8), (is_middle | is_corner).view(np.uint8)


@functools.cache
def _logarithms() -> NDArray[np.float32]:
    """Return the logarithm of the ratio of any two levels: NumPy's, for its last digit."""
    levels = np.arange(256, dtype=np.float32) + 4
    return np.log(levels[:, None] / levels)


def _glyphs_in_row(photo: ReadyPhotograph) -> float:
    grey = photo.grey
    coarse = grey.resize([max(1, side // _text.BACKGROUND) for side in grey.size], Image.Resampling.BOX)
    background = np.asarray(coarse.resize(grey.size, Image.Resampling.BILINEAR))
    height, width = background.shape
    masks = np.zeros((2, height, (width + 7) // 8 * 8), dtype=np.uint8)
    n_brighter, n_darker = _shapes.apart(photo.luma, background, _text.CONTRAST, *masks)
    rows = [
        _text.longest_row(_shapes.boxes(mask, width), photo.luma.shape)
        for mask, n in zip(masks, (n_brighter, n_darker), strict=True)
        if n >= _text.LEAST_PIXELS
    ]
    return max(rows, default=0.0)
