"""Which sex a table's words and letters mean: one letter means another in another language."""

import logging
from collections.abc import Mapping
from typing import Final

from lentigo.data.manifest import Column
from lentigo.errors import clip
from lentigo.wording import counted

logger = logging.getLogger(__name__)

_MALE: Final = ("male", "man", "men", "männlich", "maennlich", "mann", "hombre", "varón", "varon", "masculino", "homme")
_FEMALE: Final = ("female", "woman", "women", "weiblich", "frau", "mujer", "femenino", "feminino", "femme", "féminin")
_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys((*_MALE, "masculin", "maschio", "uomo", "mannelijk"), "male"),
    **dict.fromkeys((*_FEMALE, "feminin", "femmina", "donna", "vrouw", "vrouwelijk"), "female"),
}
# By all letters that a column has, because "m" is "mujer" beside "h" for "hombre". "m" and "v" are left as they are:
# man and vrouw in Dutch, mujer and varón in Spanish.
_LETTERS: Final[Mapping[frozenset[str], Mapping[str, str]]] = {
    frozenset("mf"): {"m": "male", "f": "female"},
    frozenset("mw"): {"m": "male", "w": "female"},
    frozenset("hm"): {"h": "male", "m": "female"},
    frozenset("hf"): {"h": "male", "f": "female"},
    frozenset("m"): {"m": "male"},
    frozenset("f"): {"f": "female"},
    frozenset("w"): {"w": "female"},
    frozenset("h"): {"h": "male"},
}
_NEITHER: Final = frozenset(("other", "diverse", "divers", "intersex", "nonbinary", "non-binary", "d", "o", "x"))


def plain_sex(words: Column) -> Column:
    """Return the column with "male" and "female" for what means them; log what was read so, and what means neither.

    Args:
        words: lower case, missing where nothing is said.

    Example:
        >>> plain_sex(pd.Series(["m", "h", "m"])).tolist(), plain_sex(pd.Series(["m", "f"])).tolist()
        (['female', 'male', 'female'], ['male', 'female'])
    """
    values = list(dict.fromkeys(words.dropna()))
    letters = frozenset(value.rstrip(".") for value in values if len(value.rstrip(".")) == 1) - _NEITHER
    by_letter = _LETTERS.get(letters, {})
    found = {value: _WORDS.get(value) or by_letter.get(value.rstrip(".")) for value in values}
    read = {value: sex for value, sex in found.items() if sex is not None}
    if not set(read) <= {"male", "female", "m", "f"} or read.get("m") == "female":
        logger.warning("sex: %s.", ", ".join(f"'{clip(value)}' is read as {sex}" for value, sex in read.items()))
    unknown = [value for value in values if value not in read and value not in _NEITHER]
    if unknown:
        counts = words.value_counts()
        named = ", ".join(f"'{clip(value)}' ({counted(int(counts[value]), 'image')})" for value in unknown[:8])
        logger.warning(
            "sex: %s cannot be told to be male or female; subgroups have these values as they are. Write male, female "
            "or nothing.", named,
        )  # fmt: skip
    return words.replace(read)
