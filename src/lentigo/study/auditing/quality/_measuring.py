"""All measures of quality of one photograph."""

import math
from typing import Final

from PIL import Image

from lentigo.study.auditing.quality._ink import ink_share
from lentigo.study.auditing.quality._light import blur_px, chroma, clipped_share, corner_darkness, highlight
from lentigo.study.auditing.quality._picture import prepare
from lentigo.study.auditing.quality._ruler import ruler_evidence
from lentigo.study.auditing.quality._skin import Skin, colour_cast, find_skin, tone_angle, unseen
from lentigo.study.auditing.quality._strokes import find_strokes, hair_share
from lentigo.study.auditing.quality._text import glyphs_in_row

LEAST_SIDE: Final = 16  # pixels: nothing but the size can be said about less


def measure(image: Image.Image) -> dict[str, float]:
    """Return every measure of quality of an upright RGB image; NaN where one makes no sense.

    Example:
        >>> measure(Image.new("RGB", (300, 200), (220, 170, 150)))["short_side"]
        200.0
    """
    if min(image.size) < LEAST_SIDE:
        nothing = dict.fromkeys(measure(Image.new("RGB", (LEAST_SIDE, LEAST_SIDE))), math.nan)
        return nothing | {"short_side": float(min(image.size))}
    picture = prepare(image)
    skin, strokes = find_skin(picture), find_strokes(picture)
    return {
        "short_side": float(min(picture.original)),
        "chroma": chroma(picture),
        "blur_px": blur_px(picture),
        "highlight": highlight(picture),
        "clipped": clipped_share(picture),
        "colour_cast": colour_cast(skin),
        "corner_darkness": corner_darkness(picture),
        "ruler": ruler_evidence(picture, strokes),
        "ink": ink_share(picture, skin),
        "hair": hair_share(picture, strokes),
        "text": glyphs_in_row(picture),
        **_tone(skin),
    }


def measure_tone(image: Image.Image) -> dict[str, float]:
    """Return what `measure` says of the tone of the skin, and nothing else, in a third of its time.

    Example:
        >>> sorted(measure_tone(Image.new("RGB", (300, 200), (220, 170, 150))))
        ['ita', 'ita_high', 'ita_low']
    """
    return _tone(unseen() if min(image.size) < LEAST_SIDE else find_skin(prepare(image)))


def _tone(skin: Skin) -> dict[str, float]:
    return dict(zip(("ita", "ita_low", "ita_high"), tone_angle(skin), strict=True))
