"""Sites on the body in a table's words, as the ISIC archive's eight, so that subgroups are not single images."""

import logging
from typing import Final

from lentigo._body_site_words import PUBLISHED
from lentigo._body_sites import body_site
from lentigo.data.manifest import Column
from lentigo.errors import clip, name_offenders
from lentigo.wording import counted

logger = logging.getLogger(__name__)

SITE_TEXT: Final = "site_text"
"""Column of a manifest that keeps the sites as they were written, where some were read by their words."""


def plain_site(words: Column) -> Column:
    """Return the column with the ISIC archive's term for every place of which all words are known; log how many.

    A column of the terms of published sets alone (HAM10000's "back", "face") stays as it is.

    Args:
        words: lower case, missing where nothing is said.

    Example:
        >>> plain_site(pd.Series(["r calf", "upper back (left)", "cabin 3"])).tolist()
        ['lower extremity', 'posterior torso', 'cabin 3']
        >>> plain_site(pd.Series(["back", "face"])).tolist()
        ['back', 'face']
    """
    values = [str(value) for value in words.dropna().unique()]
    if PUBLISHED.issuperset(values):
        return words
    found = {value: body_site(value) for value in values}
    read = {value: term for value, term in found.items() if term is not None and term != value}
    if not read:
        return words
    counts = words.value_counts()
    stay = [f"'{clip(value)}' ({int(counts[value]):,})" for value in counts.index if found[value] is None]
    left = f"; {len(stay):,} {'stays' if len(stay) == 1 else 'stay'} as written: {name_offenders(stay)}" * bool(stay)
    logger.info(
        "site: %s read as the ISIC archive's %s%s. Column '%s' of the manifest has all as written.",
        counted(len(read), "text is", "texts are"),
        name_offenders(sorted(set(read.values())), limit=8),
        left,
        SITE_TEXT,
    )
    return words.map(lambda value: read.get(value, value), na_action="ignore").astype(object)
