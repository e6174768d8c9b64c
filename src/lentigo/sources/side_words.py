"""The words, numbers and marks with which label columns say benign and malignant."""

from collections.abc import Mapping
from typing import Final

from lentigo.errors import DataError
from lentigo.manifest.checks import SIDES
from lentigo.manifest.columns import Column
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

__all__ = ["BY_CONTEXT", "all_sides", "side_of"]

# What says the side only where the column is about nothing else: 0 and 1 could count anything.
BY_CONTEXT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "negative", "neg"), BENIGN),
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "positive", "pos"), MALIGNANT),
}
_NOTHING: Final[Mapping[str, str]] = {}


def side_of(text: str, taxonomy: Taxonomy, *, words: Mapping[str, str] = _NOTHING) -> str | None:
    """Return the side that a text names by an alias, by its own meaning or by `words`; None for any other.

    Example:
        >>> side_of("non-cancer", Taxonomy()), side_of("1", Taxonomy()), side_of("1", Taxonomy(), words=BY_CONTEXT)
        ('benign', None, 'malignant')
    """
    try:
        found = taxonomy.target(text)
    except DataError:
        return words.get(text.strip().casefold())
    return found if found in SIDES else None


def all_sides(texts: Column, taxonomy: Taxonomy) -> bool:
    """Return whether all texts of a column that are there say a side: benign and malignant, 0 and 1, yes and no, ...

    Example:
        >>> import pandas as pd
        >>> all_sides(pd.Series(["0", None, "1"]), Taxonomy()), all_sides(pd.Series(["0", "1", "2"]), Taxonomy())
        (True, False)
    """
    present = texts.dropna().unique()
    return len(present) > 0 and all(side_of(text, taxonomy, words=BY_CONTEXT) is not None for text in present)
