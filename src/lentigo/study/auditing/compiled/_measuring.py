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

from lentigo.study.auditing.compiled import _colour, _look, _rows, _shapes
from lentigo.study.auditing.compiled import _ink as _ink_loops
from lentigo.study.auditing.compiled._look import Look, LookLimits
from lentigo.study.auditing.compiled._rows import RowLimits
from lentigo.study.auditing.compiled._traits import colour_traits_compiled
from lentigo.study.auditing.quality import _ink, _light, _picture, _ruler, _skin, _strokes, _text
from lentigo.study.auditing.quality._measuring import LEAST_SIDE, measure

__all__ = ["colour_traits_compiled", "measure_compiled"]

ACROSS: Final = np.array(_strokes.ACROSS)
ALONG: Final = np.array(_strokes.ALONG)
LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
INK_LEVELS: Final = (float(np.float32(_ink.PALEST)), float(np.float32(_ink.DARKER)))  # as NumPy compares them

Bytes = NDArray[np.uint8]


LOOK: Final = LookLimits(
    surround_level=float(_picture.SURROUND_LEVEL),
    surround_share=_picture.SURROUND_SHARE,
    surround_reach=_picture.SURROUND_REACH,
    rim=float(_picture.RIM // 2),
    clipped=float(_light.CLIPPED),
    bright=_light.BRIGHT,
    vivid=_light.VIVID,
    edges=_light.EDGES,
    reach=float(_light.REACH // 2),
)


@dataclass(frozen=True, slots=True, eq=False)
class ReadyPhotograph:
    """A photograph at working size, as the loops take it.

    Args:
        image: RGB.
        grey: the same in shades of grey.
        luma: brightness, (H, W).
        field: 1 where the photograph shows something, (H, W).
        look: what one look at it says.
        scale: long side relative to 224 pixels.
    """

    image: Image.Image
    grey: Image.Image
    luma: Bytes
    field: Bytes
    look: Look
    scale: float


def measure_compiled(image: Image.Image) -> dict[str, float]:
    """Return every measure of quality of an upright RGB image; NaN where one makes no sense."""
    if min(image.size) < LEAST_SIDE:
        return measure(image)
    photo = _prepare(image)
    look, n_field, skin = photo.look, max(1.0, photo.look.n_field), _find_skin(photo)
    ita, ita_low, ita_high = _skin.tone_angle(skin)
    sums, pixel, owner = _find_strokes(photo)
    centre, length, width, angle = _strokes.bars(*sums[:, :6].T)
    strokes = _strokes.Strokes(centre, length, width, angle, sums[:, 6].astype(np.int64), pixel, owner)
    return {
        "short_side": float(min(image.size)),
        "chroma": look.vivid,
        "blur_px": _light.blur_from(look.strong / 4, look.weak / 16, photo.scale),
        "highlight": look.highlight / 255,
        "clipped": look.n_clipped / n_field,
        "colour_cast": _skin.colour_cast(skin),
        "corner_darkness": 1.0 - min(1.0, look.corner / max(1.0, look.level)),
        "ruler": _ruler_evidence(photo, strokes),
        "ink": _ink_share(photo, skin),
        "hair": _n_on_hairs(photo, strokes) / n_field,
        "text": _glyphs_in_row(photo),
        "ita": ita,
        "ita_low": ita_low,
        "ita_high": ita_high,
    }


def _prepare(image: Image.Image) -> ReadyPhotograph:
    image = _picture.at_working_size(image)
    grey = image.convert("L")
    luma = np.asarray(grey)
    shorter = min(image.size)
    legs = min(shorter, max(2, round(_light.CORNER * shorter)))
    field, found = _look.look(np.asarray(image), luma, legs, LOOK)
    return ReadyPhotograph(image, grey, luma, field, Look(*found.tolist()), max(image.size) / 224)


def _find_skin(photo: ReadyPhotograph) -> _skin.Skin:
    step = max(1, round(max(photo.luma.shape) / _skin.SAMPLE))
    blocks = np.asarray(photo.image.reduce(step) if step > 1 else photo.image)
    level = blocks.astype(np.float32) @ LUMA
    n_usable, sums = _colour.skin_sums(blocks, level, photo.field, _skin.GLARE, step, *_skin.MIDDLE)
    return _skin.unseen() if n_usable < _skin.LEAST_BLOCKS else _skin.skin_of(sums)


def _find_strokes(photo: ReadyPhotograph) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    least = round(3 * max(_strokes.LEAST_DEPTH, _strokes.LEAST_CONTRAST * photo.look.level))
    padded = _picture.edge_padded(photo.luma.astype(np.int16), 3)
    return _shapes.strokes(padded, photo.field, ACROSS, ALONG, _strokes.MOST_DEPTH, least)


def _n_on_hairs(photo: ReadyPhotograph, strokes: _strokes.Strokes) -> int:
    is_long = _strokes.is_hair(strokes, photo.scale)
    if not is_long.any():
        return 0
    return _shapes.covered(strokes.pixel, strokes.owner, is_long.view(np.uint8)[None], photo.luma.size)


def _ruler_evidence(photo: ReadyPhotograph, strokes: _strokes.Strokes) -> float:
    ticks = _ruler.candidates(strokes, photo.scale)
    if len(ticks) < 3:
        return _ruler.NO_RULER
    limits = RowLimits(
        closest=_ruler.SPACING[0],
        farthest=_ruler.SPACING[1] * photo.scale,
        alike=_ruler.ALIKE,
        around=_ruler.NEIGHBOURHOOD,
        answers=_ruler.ANSWERS,
        most=float(_ruler.MOST_TICKS),
    )
    found = _rows.best_row(
        strokes.centre[ticks], strokes.length[ticks], strokes.direction[ticks], _strokes.NORMALS, limits
    )
    if math.isnan(found):  # a tie, on one photograph of some thousands
        return _ruler.evidence_of(strokes, photo.scale)
    return found if math.isfinite(found) else _ruler.NO_RULER


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
    return np.asarray(np.log(levels[:, None] / levels))


def _glyphs_in_row(photo: ReadyPhotograph) -> float:
    grey = photo.grey
    coarse = grey.resize([max(1, side // _text.BACKGROUND) for side in grey.size], Image.Resampling.BOX)
    background = np.asarray(coarse.resize(grey.size, Image.Resampling.BILINEAR))
    found = _shapes.standing_out(photo.luma, background, _text.CONTRAST, _text.LEAST_PIXELS)
    return max(_text.longest_row(boxes, photo.luma.shape) for boxes in found)
