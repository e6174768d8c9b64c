"""The words, numbers and marks with which label columns say benign and malignant."""

from collections.abc import Mapping
from typing import Final

from lentigo.data.manifest import SIDES, Column
from lentigo.errors import DataError
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

# What says the side only where the column is about nothing else: 0 and 1 could count anything.
BY_CONTEXT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "negative", "neg"), BENIGN),
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "positive", "pos"), MALIGNANT),
}
# The ISIC archive's word for a lesion on neither side; such a row needs a diagnosis to be of use.
UNDECIDED: Final = frozenset(("indeterminate", "indeterminate/benign", "indeterminate/malignant"))
_PLAIN: Final = Taxonomy()


def side_of(text: str, taxonomy: Taxonomy) -> str | None:
    """Return the side that a text names by an alias or by its own meaning; None for any other.

    Example:
        >>> side_of("non-cancer", Taxonomy()), side_of("1", Taxonomy()), side_of("1", Taxonomy(aliases={"1": "benign"}))
        ('benign', None, 'benign')
    """
    try:
        found = taxonomy.target(text)
    except DataError:
        return None
    return found if found in SIDES else None


def sides_of(texts: Column, taxonomy: Taxonomy) -> dict[str, str | None]:
    """Return the side that each distinct text of a column names, None for one that names none.

    Numbers and yes and no count only in a column that holds nothing else: in one of 1 and 2, a 1 may be benign.

    Example:
        >>> import pandas as pd
        >>> sides_of(pd.Series(["0", None, "1"]), Taxonomy()), sides_of(pd.Series(["1", "2"]), Taxonomy())
        ({'0': 'benign', '1': 'malignant'}, {'1': None, '2': None})
    """
    found = {text: side_of(text, taxonomy) for text in texts.dropna().unique()}
    plain = {text: text.strip().casefold() for text in found}
    known = {*BY_CONTEXT, *UNDECIDED}
    if all(word in known or side_of(text, _PLAIN) for text, word in plain.items()):
        return {text: side or BY_CONTEXT.get(plain[text]) for text, side in found.items()}
    return found


def all_sides(texts: Column, taxonomy: Taxonomy) -> bool:
    """Return whether all texts of a column that are there say a side: benign and malignant, 0 and 1, yes and no, ...

    Example:
        >>> import pandas as pd
        >>> all_sides(pd.Series(["0", None, "1"]), Taxonomy()), all_sides(pd.Series(["0", "1", "2"]), Taxonomy())
        (True, False)
    """
    found = sides_of(texts, taxonomy)
    return bool(found) and all(side is not None for side in found.values())
