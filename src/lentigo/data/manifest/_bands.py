"""Bands of ages and of image sizes, so that an audit and an evaluation count the same groups."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from lentigo.data.manifest._columns import Column

_AGES: Final = (20, 30, 40, 50, 60, 70, 80)
_SIDES: Final = (0, 300, 600, 1200, np.inf)
"""Thumbnails; HAM10000 (450 px) and the like; cropped; whole photographs of a camera."""


def age_bands(age: Column, starts: Sequence[int] = _AGES) -> Column:
    """Return the band of each age, None where there is none.

    Args:
        age: in years.
        starts: the ages at which the next band begins, rising.

    Example:
        >>> age_bands(pd.Series([47, 85])).tolist()
        ['40 to 49', '80 and over']
        >>> age_bands(pd.Series([47, 85]), [65]).tolist()
        ['under 65', '65 and over']
    """
    between = (f"{low} to {high - 1}" if high - low > 1 else str(low) for low, high in pairwise(starts))
    names = [f"under {starts[0]}", *between, f"{starts[-1]} and over"]
    return pd.cut(age.astype(float), (0, *starts, 200), right=False, labels=names).astype(object)


def size_bands(width: Column, height: Column) -> Column:
    """Return the band of the shorter side of each image, None where it is not known.

    Example:
        >>> size_bands(pd.Series([600, 4000]), pd.Series([450, 3000])).tolist()
        ['300 to 599 px', '1200 px and over']
    """
    side = pd.concat([width.astype(float), height.astype(float)], axis=1).min(axis=1, skipna=False)
    between = (f"{low:g} to {high - 1:g} px" for low, high in pairwise(_SIDES[1:-1]))
    names = ["under 300 px", *between, "1200 px and over"]
    return pd.cut(side, _SIDES, right=False, labels=names).astype(object)
