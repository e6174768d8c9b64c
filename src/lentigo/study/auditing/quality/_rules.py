"""From measures to flags: one documented threshold each.

Every threshold was set by looking at the images of HAM10000, ISIC 2017 and an ISIC Archive extract that lie just on
either side of it, so that at least four of five flagged ones deserve it, and checked on phantoms, whose truth is known.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd


@dataclass(frozen=True, slots=True)
class QualityRule:
    """When a flag is raised.

    Args:
        key: "ruler".
        name: what an image with it is, after "images": "with a ruler".
        measure: the column of `quality`.
        threshold: raised at this value and beyond.
        is_high: whether beyond means above.
        most: share of the images up to which the flag is only worth a note; 1 where it never is a fault in itself.

    Example:
        >>> QualityRule("ruler", "with a ruler", "ruler", 2.0).is_high
        True
    """

    key: str
    name: str
    measure: str
    threshold: float
    is_high: bool = True
    most: float = 1.0


RULES: Final = (
    # Less than half the 224 pixels that a network sees: three quarters of its input would be made up.
    QualityRule("tiny", "with a side under 112 pixels", "short_side", 111.5, is_high=False, most=0.1),
    # JPEG noise separates the channels of a grey picture by up to 6 levels; the palest skin by 30.
    QualityRule("grey", "without colour", "chroma", 8.0, is_high=False, most=0.1),
    # Sharp phantoms stay below 3.0 and three quarters of those defocused by 2.5 px or more lie above 3.2; real images
    # above it have lost skin lines and network.
    QualityRule("blurred", "out of focus", "blur_px", 3.2, most=0.1),
    # Fitzpatrick type VI in good light has highlights from 0.35 up: dark skin is not to be called dark light.
    QualityRule("under_exposed", "under-exposed", "highlight", 0.3, is_high=False, most=0.05),
    # A twentieth of the skin without any colour left; reflections of a lamp cover less.
    QualityRule("over_exposed", "over-exposed", "clipped", 0.05, most=0.05),
    # Ten units of CIELAB beyond the range of skin: violet or green at first sight; at 8 one has to compare.
    QualityRule("colour_cast", "with a colour cast", "colour_cast", 10.0, most=0.2),
    # The second-darkest corner has 0.4 of the picture's brightness: lamps fall off to 0.5, tubes to nearly nothing.
    QualityRule("dark_corners", "with dark corners", "corner_darkness", 0.6),
    # One row of strokes as regular as that in a hundred pictures without a scale.
    QualityRule("ruler", "with a ruler", "ruler", 2.0),
    # About 150 of 224 x 224 pixels: a dot of a pen; below it, veins and the rims of contact gel begin.
    QualityRule("ink", "with ink or stickers", "ink", 0.003),
    # Five hairs across the picture; below it, skin lines and branched vessels begin.
    QualityRule("hair", "with hair", "hair", 0.03),
    # "MM" beside a scale has two, a date at least six.
    QualityRule("text", "with text", "text", 3.5),
)

FLAG_NAMES: Final[dict[str, str]] = {rule.key: rule.name for rule in RULES}


def flags(quality: pd.DataFrame, traits: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return which flags each image raises: one boolean column each of `FLAG_NAMES`; none where a measure is NaN.

    Args:
        quality: the measures, a row an image.
        traits: not needed by any rule so far.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality import measure
        >>> raised = flags(pd.DataFrame([measure(Image.new("RGB", (300, 200), "grey"))])).iloc[0]
        >>> raised[raised].index.tolist()
        ['grey']
    """
    del traits
    return pd.DataFrame(
        {
            rule.key: quality[rule.measure] >= rule.threshold
            if rule.is_high
            else quality[rule.measure] <= rule.threshold
            for rule in RULES
        }
    )
