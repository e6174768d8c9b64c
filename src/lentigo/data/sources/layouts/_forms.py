"""Published tables that are known by some of their columns, and what makes the contract's columns of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.sources.layouts import _clinics as clinics
from lentigo.data.sources.layouts import _derm7pt as derm7pt

FORMS: Final[dict[frozenset[str], Callable[[pd.DataFrame, Path], pd.DataFrame]]] = {
    clinics.DDI: clinics.ddi,
    clinics.FITZPATRICK17K: clinics.fitzpatrick17k,
    clinics.MIDAS: clinics.midas,
    clinics.BCN20000: clinics.bcn20000,
    derm7pt.COLUMNS: derm7pt.dermoscopic_half,
}


def is_published(columns: Sequence[str]) -> bool:
    """Return whether a table of these columns is known as a publisher's, with images and labels.

    Example:
        >>> is_published(("", "DDI_ID", "DDI_file", "skin_tone", "malignant", "disease"))
        True
    """
    return any(set(columns) >= form for form in FORMS)
